/*
 * The way into trouble and the way back. attempt_run() leaves for code that may do
 * anything; whatever trap comes next ends up behind its call, with what the CPU said in
 * `outcome`. The stack of the caller is found again by its address alone: nothing that
 * the attempt did to the registers matters.
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
	jmp back
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

/* void attempt_run(void): goes where `launch` says. */
	.globl attempt_run
attempt_run:
	pushal
	movl %esp, resume_esp
	movl launch_data, %eax
	movl %eax, %ds
	movl %eax, %es
	movl $launch_regs, %esp
	popal
	movl %ss:launch_frame, %esp
	iret

	.balign 16
back:
	pushl %eax
	movl $SEL_KDATA, %eax
	movl %eax, %ds
	movl %eax, %es
	cld
	popl outcome_eax
	popl outcome_vector
	popl outcome_error
	popl outcome_eip
	movl %eax, %ss
	movl resume_esp, %esp
	movl %cr2, %eax
	movl %eax, outcome_cr2
	popal
	ret

	.bss
	.balign 4
	.globl launch_data, launch_regs, launch_frame
launch_data:
	.skip 4
launch_regs:
	.skip 32
launch_frame:
	.skip 4
resume_esp:
	.skip 4
	.globl outcome_eax, outcome_vector, outcome_error, outcome_eip, outcome_cr2
outcome_eax:
	.skip 4
outcome_vector:
	.skip 4
outcome_error:
	.skip 4
outcome_eip:
	.skip 4
outcome_cr2:
	.skip 4

	.section .note.GNU-stack, "", @progbits
