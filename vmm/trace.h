/*
 * Traces: pages of a VM that it may not write without our hearing of it. One byte of
 * flags a PPN. A traced page is never writable in a shadow; a write to it faults, is
 * emulated, and ends in gpa_write, which tells the owner of the trace.
 */
#ifndef VMM_TRACE_H
#define VMM_TRACE_H

#include "vmm/addr.h"

struct vm;

enum trace {
	TRACE_GDT = 1,	 /* the guest's GDT: vmm/segs.h */
	TRACE_PATCH = 2, /* holds patched instructions: vmm/patch.h */
	TRACE_TABLE = 4, /* a page table that has shadows: vmm/sync.h */
	TRACES = 7,
	/* No trace: a page table that has shadows and is written freely (vmm/sync.h). */
	TRACE_LOOSE = 8,
};

struct traces {
	/* By PPN, in the heap; one more, always 0, for the directory that is none (cache.h). */
	u8 *flags;
};

bool trace_create(struct vm *vm);
void trace_destroy(struct vm *vm);

/*
 * Beyond memory: never traced. Setting write-protects every shadow mapping of the page.
 * trace_get gives the traces alone, without LOOSE.
 */
void trace_set(struct vm *vm, ppn_t p, enum trace t);
void trace_clear(struct vm *vm, ppn_t p, enum trace t);
void trace_mark(struct vm *vm, ppn_t p, enum trace t); /* LOOSE: protects nothing */
unsigned trace_get(const struct vm *vm, ppn_t p);

/*
 * A device is about to write to the page behind the MMU: traces that cannot follow give
 * up.
 */
void trace_dma(struct vm *vm, ppn_t p);

/*
 * The page's frame is about to go: as above, and shadows made from it go too, so that
 * nothing is remembered of what it held.
 */
void trace_gone(struct vm *vm, ppn_t p);

#endif
