/*
 * The first instructions. GRUB leaves us at our machine address with paging off. A boot
 * directory of 4 MiB pages maps the first 4 MiB where we are, low memory where it will
 * stay, and the image where it was linked; then we jump up and call start() (main.c),
 * which replaces the directory by the real one.
 */
#include "kernel/layout.h"

#define MB_MAGIC 0x1BADB002
#define MB_FLAGS 0x00000003 /* modules page-aligned, memory map wanted */
#define LARGE 0x83	    /* PDE: present, writable, 4 MiB */
#define CR4_PSE 0x10
#define CR0_PG_WP 0x80010000

	.section .multiboot, "a"
	.balign 4
	.long MB_MAGIC
	.long MB_FLAGS
	.long -(MB_MAGIC + MB_FLAGS)

	.text
	.globl boot_entry
boot_entry:
	cli
	cld
	movl %eax, %ebp		/* the boot loader's magic; EBX is its info */
	movl $(boot_pgdir - IMAGE_BASE), %edi
	movl $LARGE, (%edi)
	movl $LARGE, (IMAGE_BASE >> 20)(%edi)
	movl $(0x400000 + LARGE), (IMAGE_BASE >> 20) + 4(%edi)
	leal (LOWMAP_BASE >> 20)(%edi), %ecx
	movl $LARGE, %eax
1:	movl %eax, (%ecx)
	addl $4, %ecx
	addl $0x400000, %eax
	cmpl $(LOWMAP_MAX + LARGE), %eax
	jb 1b
	movl %cr4, %eax
	orl $CR4_PSE, %eax
	movl %eax, %cr4
	movl %edi, %cr3
	movl %cr0, %eax
	orl $CR0_PG_WP, %eax
	movl %eax, %cr0
	movl $2f, %eax
	jmp *%eax
2:	movl $boot_stack_top, %esp
	movl %ebp, %eax
	movl %ebx, %edx
	xorl %ebp, %ebp		/* ends every backtrace */
	call start
3:	hlt
	jmp 3b

	.bss
	.balign 4096
boot_pgdir:
	.skip 4096
	.globl boot_stack, boot_stack_top
boot_stack:
	.skip 16384
boot_stack_top:
