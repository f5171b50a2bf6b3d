/*
 * The task: a program in ring 3. It prints by system call, waits until the timer has come
 * while it ran, then does three things that ring 3 may not and is told how each ended.
 */
#include "layout.h"

	.section .task, "ax", @progbits
	.globl task_start
task_start:
	movl $CALL_SAY, %eax
	movl $hello, %ebx
	int $VECTOR_CALL

	/* Flags are its own but for the interrupt flag, which popf does not move. */
	pushfl
	popl %eax
	andl $0xFFFFFDFF, %eax
	pushl %eax
	popfl
	pushfl
	popl %eax
	testl $0x200, %eax
	jz bad

1:	movl $1000, %ecx
2:	loop 2b
	movl $CALL_TICKS, %eax
	int $VECTOR_CALL
	cmpl $3, %eax
	jb 1b
	movl $CALL_SAY, %eax
	movl $timer, %ebx
	int $VECTOR_CALL

	/* The interrupt flag is the kernel's. */
	movl $CALL_CATCH, %eax
	movl $3f, %ebx
	int $VECTOR_CALL
	cli
	jmp bad
3:	cmpl $13, %eax
	jne bad
	/* So are the kernel's pages. */
	movl $CALL_CATCH, %eax
	movl $4f, %ebx
	int $VECTOR_CALL
	movl KERNBASE + 0x100000, %ecx
	jmp bad
4:	cmpl $14, %eax
	jne bad
	/* A gate with DPL 0 is no door. */
	movl $CALL_CATCH, %eax
	movl $5f, %ebx
	int $VECTOR_CALL
	int $VECTOR_IRQ
	jmp bad
5:	cmpl $13, %eax
	jne bad
	/* Its own text is read-only. */
	movl $CALL_CATCH, %eax
	movl $6f, %ebx
	int $VECTOR_CALL
	movl %eax, task_start
	jmp bad
6:	cmpl $14, %eax
	jne bad
	movl $CALL_SAY, %eax
	movl $good, %ebx
	int $VECTOR_CALL
	jmp end
bad:
	movl $CALL_SAY, %eax
	movl $wrong, %ebx
	int $VECTOR_CALL
end:
	movl $CALL_DONE, %eax
	int $VECTOR_CALL
	jmp end

hello:
	.asciz "task: in ring 3\n"
timer:
	.asciz "task: the timer came and I went on\n"
good:
	.asciz "task: stopped four times, each for the right reason\n"
wrong:
	.asciz "task: WRONG\n"

	.section .note.GNU-stack, "", @progbits
