/*
 * From GRUB to the high half as small kernels do it: one 4 MiB page maps the kernel both
 * where it is loaded and where it is linked, then a jump leaves the lower half.
 */
#include "layout.h"

#define MULTIBOOT_MAGIC 0x1BADB002
#ifdef FLAT
#define MULTIBOOT_FLAGS 0x00010003 /* ... and the addresses behind the header count */
#else
#define MULTIBOOT_FLAGS 0x00000003 /* page-aligned modules, memory sizes */
#endif
#define INFO_MEM_UPPER 8
#define INFO_CMDLINE 16
#define CMDLINE_ROOM 256
#define CR4_PSE 0x00000010
#define CR0_PG_WP 0x80010000
#define LARGE_PAGE 0x083 /* PS, W, P: SDM vol. 3A, 4.3 */
#define LOADED(symbol) ((symbol) - KERNBASE)

	.section .multiboot, "a"
	.balign 4
header:
	.long MULTIBOOT_MAGIC
	.long MULTIBOOT_FLAGS
	.long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
#ifdef FLAT
	.long LOADED(header), LOADED(header) /* the header begins the file */
	.long 0, 0 /* all of the file, which has the bss in it */
	.long LOADED(_start)
#endif

	.text
	.globl _start
_start:
	cli
	cld
	movl INFO_MEM_UPPER(%ebx), %eax
	movl %eax, LOADED(mem_upper)
	movl INFO_CMDLINE(%ebx), %esi
	movl $LOADED(cmdline), %edi
	movl $(CMDLINE_ROOM - 1), %ecx
1:	lodsb
	stosb
	testb %al, %al
	loopnz 1b
	movl %cr4, %eax
	orl $CR4_PSE, %eax
	movl %eax, %cr4
	movl $LOADED(boot_directory), %eax
	movl %eax, %cr3
	movl %cr0, %eax
	orl $CR0_PG_WP, %eax
	movl %eax, %cr0
	movl $high, %eax
	jmp *%eax
high:
	movl $boot_stack_top, %esp
	xorl %ebp, %ebp
	call main
2:	cli
	hlt
	jmp 2b

	.data
	.balign 4096
	.globl boot_directory, mem_upper, cmdline
boot_directory:
	.long LARGE_PAGE
	.fill BOOT_PDE - 1, 4, 0
	.long LARGE_PAGE
	.fill 1023 - BOOT_PDE, 4, 0
mem_upper:
	.long 0
cmdline:
	.fill CMDLINE_ROOM, 1, 0

	.bss
	.balign 4096
	.globl boot_stack_top
	.skip 8192
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
