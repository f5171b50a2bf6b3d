/*
 * The start of each program: the kernel leaves argc and argv on the stack,
 * just where a function finds its arguments once the return address is there.
 */
	.text
	.globl _start
_start:
	xorl %ebp, %ebp
	call main
	pushl %eax
	call exit

	.section .note.GNU-stack, "", @progbits
