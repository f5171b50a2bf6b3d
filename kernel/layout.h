/*
 * The host's part of every address space: 64 MiB at the top, supervisor only, the same
 * in all page directories.
 *
 *     0xFC000000  low memory: machine address 0 up to `low=` (at most 32 MiB)
 *     0xFE000000  the image, linked at its machine address + 0xFE000000
 *     0xFE800000  heap: frame table, stacks, pmaps, shadow pools; mapped page by page
 *     0xFFC00000  kmap slots: windows into high memory
 *
 * Below 0xFC000000 is the guest's. The host's own directory has nothing there at all.
 * This file is also read by the assembler and the linker script.
 */
#ifndef KERNEL_LAYOUT_H
#define KERNEL_LAYOUT_H

#define HOST_BASE 0xFC000000
#define LOWMAP_BASE 0xFC000000
#define LOWMAP_MAX 0x02000000
#define IMAGE_BASE 0xFE000000
#define IMAGE_MAX 0x00800000
#define HEAP_BASE 0xFE800000
#define HEAP_END 0xFFC00000
#define KMAP_BASE 0xFFC00000
#define KMAP_SLOTS 256

/* Page directory slots of the host's part. */
#define HOST_PDE_FIRST 1008
#define HOST_PDE_COUNT 16

/*
 * Selectors. They stand at the end of a one-page GDT, above whatever a guest's own GDT
 * may hold, and in every GDT that is ever loaded. The two CARRY slots are flat ring 3
 * segments for a guest that runs on descriptors that are in no table (before its first
 * LGDT).
 */
#define GDT_BYTES 4096
#define GUEST_GDT_LIMIT 0xFBF
#define SEL_HOST_CODE 0xFC0
#define SEL_HOST_DATA 0xFC8
#define SEL_HOST_TSS 0xFD0
#define SEL_DF_TSS 0xFD8
#define SEL_CARRY_CODE 0xFE3
#define SEL_CARRY_DATA 0xFEB

#endif
