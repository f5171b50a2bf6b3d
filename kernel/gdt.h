/*
 * Segment descriptors, the host's GDT and its TSS (SDM vol. 3, 3.4.5 and 7.2.1).
 */
#ifndef KERNEL_GDT_H
#define KERNEL_GDT_H

#include "kernel/layout.h"
#include "kernel/types.h"

struct descriptor {
	u32 lo, hi;
};

/* Bits of a descriptor's upper word. */
enum {
	DESC_BASE = 0xff0000ff, /* the upper half of the base */
	DESC_ACCESSED = 1u << 8,
	DESC_WRITABLE = 1u << 9,    /* data */
	DESC_READABLE = 1u << 9,    /* code */
	DESC_DOWN = 1u << 10,	    /* data: expand-down */
	DESC_CONFORMING = 1u << 10, /* code */
	DESC_CODE = 1u << 11,
	DESC_SEGMENT = 1u << 12, /* S: code or data, not a system descriptor */
	DESC_DPL_SHIFT = 13,
	DESC_DPL = 3u << 13,
	DESC_PRESENT = 1u << 15,
	DESC_BIG = 1u << 22,
	DESC_PAGES = 1u << 23, /* G: limit in pages */
};

enum {
	DESC_TYPE_TSS = 9u << 8,
	DESC_TYPE_TSS_BUSY = 11u << 8,
	DESC_TYPE_LDT = 2u << 8
};

static inline u32 desc_base(struct descriptor d)
{
	return d.lo >> 16 | (d.hi & 0xff) << 16 | (d.hi & 0xff000000);
}

/* The last valid byte, granularity applied. */
static inline u32 desc_limit(struct descriptor d)
{
	u32 limit = (d.lo & 0xffff) | (d.hi & 0xf0000);

	return d.hi & DESC_PAGES ? limit << PAGE_SHIFT | PAGE_MASK : limit;
}

/* A flat 4 GiB code or data segment, accessed, of this privilege level. */
struct descriptor desc_flat(u32 kind, unsigned dpl);

/* Writes the host's slots to the end of a GDT of GDT_BYTES. */
void gdt_host_slots(struct descriptor *table);

/* Loads the host's own GDT and TSS. */
void gdt_init(void);
void gdt_load_host(void);
void gdt_load(const struct descriptor *table);

/* Where the CPU puts its stack pointer when ring 3 traps. */
void gdt_set_stack(void *top);

#endif
