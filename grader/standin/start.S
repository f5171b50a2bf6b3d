/*
 * Entry of the stand-in: a multiboot header, a stack, and on to C.
 */
#define MULTIBOOT_MAGIC	0x1BADB002
#define MULTIBOOT_FLAGS	0x00000003	/* page-aligned modules, memory sizes */

	.section .multiboot, "a"
	.balign	4
	.long	MULTIBOOT_MAGIC
	.long	MULTIBOOT_FLAGS
	.long	-(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.text
	.globl	start
start:
	movl	$stack_top, %esp
	pushl	%ebx			/* the boot information */
	call	standin_main
1:	cli
	hlt
	jmp	1b

	.bss
	.balign	16
	.skip	8192
stack_top:
	.section .note.GNU-stack, "", @progbits
