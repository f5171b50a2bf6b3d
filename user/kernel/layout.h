/*
 * The address map of the guest kernel, for C, assembler and the linker.
 *
 *   0x00000000  never mapped: a NULL dereference faults
 *   0x00400000  program text, data, heap (upwards)
 *   0x7FFFE000  top of the program's stack (downwards)
 *   0x80000000  all of RAM, mapped one to one (up to 64 MiB)
 *   0x80100000  the kernel's image inside that map
 *   0x90000000  kernel stacks, 64 KiB apart, with unmapped pages between
 *   0xFC000000  nothing of ours from here on
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#define PAGE_SIZE 4096
#define PAGE_SHIFT 12

#define KERNBASE 0x80000000
#define RAM_MAX 0x04000000 /* bytes of RAM that we use */
#define KSTACK_BASE 0x90000000
#define KSTACK_STRIDE 0x10000
#define KSTACK_PAGES 2 /* mapped, at the top of each stride */

#define USER_BASE 0x00400000
#define USER_DATA_MAX 0x70000000 /* the break stays below */
#define USTACK_TOP 0x7FFFE000
#define USTACK_SIZE 0x00100000

#define SEL_KCODE 0x08
#define SEL_KDATA 0x10
#define SEL_UCODE 0x1B
#define SEL_UDATA 0x23
#define SEL_TSS 0x28

#define VECTOR_IRQ0 0x20
#define VECTOR_SYSCALL 0x80

#define PTE_P 0x001
#define PTE_W 0x002
#define PTE_U 0x004
#define PTE_A 0x020
#define PTE_D 0x040

#define CR0_PG 0x80000000
#define CR0_WP 0x00010000

#define CMDLINE_MAX 512

#endif
