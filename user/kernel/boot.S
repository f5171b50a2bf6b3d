/*
 * Chapter one: from GRUB to C.
 *
 * Multiboot hands us a flat 32-bit machine without paging or a stack, EBX
 * pointing to its information (which may lie anywhere). We copy what we need
 * of it, map the first 4 MiB at 0 and at KERNBASE, turn paging on and jump
 * up. Code before the jump must use physical addresses, hence PA().
 */
#include "layout.h"

#define PA(symbol) ((symbol) - KERNBASE)
#define MULTIBOOT_MAGIC 0x1BADB002
#define MULTIBOOT_FLAGS 0x00000003 /* page-aligned modules, memory sizes */
#define MULTIBOOT_LOADED 0x2BADB002
#define INFO_FLAGS 0
#define INFO_MEM_LOWER 4
#define INFO_MEM_UPPER 8
#define INFO_CMDLINE 16
#define INFO_HAS_MEM 1
#define INFO_HAS_CMDLINE 4

	.section .multiboot, "a"
	.balign 4
	.long MULTIBOOT_MAGIC
	.long MULTIBOOT_FLAGS
	.long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.section .text.boot, "ax"
	.globl _start
_start:
	cli
	cld
	cmpl $MULTIBOOT_LOADED, %eax
	jne hang

	/* Memory sizes and the command line, out of GRUB's memory into ours. */
	testl $INFO_HAS_MEM, INFO_FLAGS(%ebx)
	jz 1f
	movl INFO_MEM_LOWER(%ebx), %eax
	movl %eax, PA(boot_mem_lower)
	movl INFO_MEM_UPPER(%ebx), %eax
	movl %eax, PA(boot_mem_upper)
1:	testl $INFO_HAS_CMDLINE, INFO_FLAGS(%ebx)
	jz 3f
	movl INFO_CMDLINE(%ebx), %esi
	movl $PA(boot_cmdline), %edi
	movl $(CMDLINE_MAX - 1), %ecx
2:	lodsb
	stosb
	testb %al, %al
	loopnz 2b
3:
	/* One table for the first 4 MiB, seen at 0 (until main drops it) and high. */
	movl $PA(boot_table), %edi
	movl $(PTE_P | PTE_W), %eax
	movl $1024, %ecx
4:	stosl
	addl $PAGE_SIZE, %eax
	loop 4b
	movl $(PA(boot_table) + (PTE_P | PTE_W)), %eax
	movl %eax, PA(boot_pgdir)
	movl %eax, PA(boot_pgdir) + (KERNBASE >> 22) * 4

	movl $PA(boot_pgdir), %eax
	movl %eax, %cr3
	movl %cr0, %eax
	orl $(CR0_PG | CR0_WP), %eax
	movl %eax, %cr0
	movl $high, %eax
	jmp *%eax
high:
	movl $boot_stack_top, %esp
	xorl %ebp, %ebp
	call main
hang:
	cli
	hlt
	jmp hang

	.data
	.balign 4
	.globl boot_mem_lower, boot_mem_upper, boot_cmdline
boot_mem_lower:
	.long 0
boot_mem_upper:
	.long 0
boot_cmdline:
	.fill CMDLINE_MAX, 1, 0

	.bss
	.balign PAGE_SIZE
	.globl boot_pgdir, boot_table
boot_pgdir:
	.skip PAGE_SIZE
boot_table:
	.skip PAGE_SIZE
boot_stack:
	.skip PAGE_SIZE
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
