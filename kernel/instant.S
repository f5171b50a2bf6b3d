/*
 * void checkpoint_instant(u32 number, u32 cr3): the checkpoint itself.
 *
 * Paging goes off around it, and the instruction after must still be there: the image is
 * also mapped where it lies in the machine, by a directory of its own, only for this.
 * EAX is the number for the plugin, EDX the directory to go on with.
 */
#include "kernel/layout.h"

#define CR0_PG 0x80000000
#define PLUGIN_CHECKPOINT 0xB108
#define LARGE 0x83
#define CR4_PSE 0x10

	.text
	.globl checkpoint_instant
checkpoint_instant:
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	movl %eax, %ebx
	movl %edx, %esi
	movl %cr3, %ebp
	movl %cr4, %edi
	movl %edi, %eax
	orl $CR4_PSE, %eax
	andl $~0x00300000, %eax		/* SMEP, SMAP: the image's machine address is a guest's address */
	movl %eax, %cr4
	leal instant_directory, %edx
	movl $LARGE, (%edx)		/* the host's, and the first 4 MiB where they are */
	xorl %ecx, %ecx
1:	movl (HOST_PDE_FIRST * 4) + LOWMAP_BASE(%esi, %ecx, 4), %eax
	movl %eax, (HOST_PDE_FIRST * 4)(%edx, %ecx, 4)
	incl %ecx
	cmpl $HOST_PDE_COUNT, %ecx
	jb 1b
	movl $(instant_directory - IMAGE_BASE), %eax
	movl %eax, %cr3
	movl $(.Loff - IMAGE_BASE), %eax
	jmp *%eax
.Loff:	movl %cr0, %ecx
	movl %ecx, %eax
	andl $~CR0_PG, %eax
	movl %eax, %cr0
	movl $PLUGIN_CHECKPOINT, %edx
	movl %ebx, %eax
	outl %eax, %dx
	xchgw %bx, %bx
	movl %ecx, %cr0
	movl $.Lon, %eax
	jmp *%eax
.Lon:	movl %ebp, %cr3
	movl %edi, %cr4
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	ret

	.bss
	.balign 4096
instant_directory:
	.skip 4096
