/*
 * The ways into and out of the kernel: 256 gate stubs, the common trap path,
 * the switch between two kernel stacks, and the one routine that touches
 * program memory. The pushed frame is struct trapframe (trap.h).
 */
#include "layout.h"

	.text

/* Vectors for which the CPU pushes an error code: SDM vol. 3A, 6.15. */
#define HAS_ERROR(v) ((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17)

	.altmacro
	.macro stub number
	.balign 4
vector_\number:
	.if !HAS_ERROR(\number)
	pushl $0
	.endif
	pushl $\number
	jmp trap_common
	.pushsection .rodata
	.long vector_\number
	.popsection
	.endm

	.section .rodata
	.balign 4
	.globl vector_table
vector_table:
	.text
	.set number, 0
	.rept 256
	stub %number
	.set number, number + 1
	.endr

	.balign 16
trap_common:
	pushal
	pushl %ds
	pushl %es
	movl $SEL_KDATA, %eax
	movl %eax, %ds
	movl %eax, %es
	cld
	pushl %esp
	call trap
	addl $4, %esp
	.globl trap_return
trap_return:
	popl %es
	popl %ds
	popal
	addl $8, %esp
	iret

/* void context_switch(uint32_t *save_esp, uint32_t next_esp) */
	.globl context_switch
context_switch:
	movl 4(%esp), %eax
	movl 8(%esp), %edx
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	movl %esp, (%eax)
	movl %edx, %esp
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	ret

/*
 * int user_copy(void *to, const void *from, uint32_t bytes): 0, or -1 when a
 * program's page cannot be had. The fault handler, seeing an EIP between
 * user_copy and user_copy_end, resumes at user_copy_failed.
 */
	.globl user_copy, user_copy_end, user_copy_failed
user_copy:
	movl %edi, %eax
	movl %esi, %edx
	movl 4(%esp), %edi
	movl 8(%esp), %esi
	movl 12(%esp), %ecx
	shrl $2, %ecx
	rep movsl
	movl 12(%esp), %ecx
	andl $3, %ecx
	rep movsb
user_copy_end:
	movl %eax, %edi
	movl %edx, %esi
	xorl %eax, %eax
	ret
user_copy_failed:
	movl %eax, %edi
	movl %edx, %esi
	movl $-1, %eax
	ret

	.section .note.GNU-stack, "", @progbits
