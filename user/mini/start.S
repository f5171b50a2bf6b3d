/*
 * How the small test guests begin: multiboot's header, a stack, a copy of what GRUB said,
 * then main(). Flat and without paging until main wants it.
 */
#include "layout.h"

#define MULTIBOOT_MAGIC 0x1BADB002
#define MULTIBOOT_FLAGS 0x00000003 /* page-aligned modules, memory sizes */
#define INFO_MEM_UPPER 8
#define INFO_CMDLINE 16

	.section .multiboot, "a"
	.balign 4
	.long MULTIBOOT_MAGIC
	.long MULTIBOOT_FLAGS
	.long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.text
	.globl _start
_start:
	cli
	cld
	movl $boot_stack_top, %esp
	movl INFO_MEM_UPPER(%ebx), %eax
	movl %eax, mini_mem_upper
	movl INFO_CMDLINE(%ebx), %esi
	movl $mini_cmdline, %edi
	movl $(CMDLINE_MAX - 1), %ecx
1:	lodsb
	stosb
	testb %al, %al
	loopnz 1b
	xorl %ebp, %ebp
	call main
2:	cli
	hlt
	jmp 2b

	.data
	.balign 4
	.globl mini_mem_upper, mini_cmdline
mini_mem_upper:
	.long 0
mini_cmdline:
	.fill CMDLINE_MAX, 1, 0

	.bss
	.balign 4096
	.skip 8192
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
