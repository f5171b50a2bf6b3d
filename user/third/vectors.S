/*
 * The ways in: a stub a vector brings the stack to one shape, struct frame of trap.h; the
 * one way out is enter(), for a frame that was trapped or made.
 */
#include "layout.h"

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
	jmp common
	.pushsection .rodata
	.long vector_\number
	.popsection
	.endm

	.section .rodata
	.balign 4
	.globl vectors
vectors:
	.text
	.set number, 0
	.rept VECTOR_CALL + 1
	stub %number
	.set number, number + 1
	.endr

common:
	pushl %ds
	pushl %es
	pushal
	movl $SEL_KDATA, %eax
	movl %eax, %ds
	movl %eax, %es
	cld
	pushl %esp
	call trap
	addl $4, %esp
leave_trap:
	popal
	popl %es
	popl %ds
	addl $8, %esp
	iret

/* void task_enter(struct frame *f): goes where the frame says; task_leave() comes back. */
	.globl task_enter
task_enter:
	movl 4(%esp), %eax
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	movl %esp, kernel_esp
	movl %eax, %esp
	jmp leave_trap

/* void task_leave(void): as if task_enter() had returned. */
	.globl task_leave
task_leave:
	movl kernel_esp, %esp
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	ret

	.bss
	.balign 4
kernel_esp:
	.skip 4

	.section .note.GNU-stack, "", @progbits
