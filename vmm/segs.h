/*
 * Segments: two shadow GDTs per VM. The guest's kernel runs in ring 3, so its
 * descriptors do too:
 *
 *     guest descriptor      kernel view               user view
 *     code/data, DPL 0      DPL 3                     as it is (loading it faults)
 *     data, DPL 3           as it is                  as it is
 *     code, DPL 3           not present: iret to it   as it is
 *                           is a #NP that we see
 *     gates, LDT, TSS       left out                  left out
 *
 * Slots above GUEST_GDT_LIMIT are the host's (kernel/layout.h). The guest's table is
 * traced, and both views are rebuilt whole when it was written.
 */
#ifndef VMM_SEGS_H
#define VMM_SEGS_H

#include "kernel/gdt.h"
#include "kernel/tableref.h"
#include "vmm/cpu.h"

struct vm;

enum {
	GDT_TRACE_LIMIT = 64
}; /* so many useless rebuilds, and the page is compared instead */

struct segs {
	struct table_ref ref[2];    /* to load the views by */
	struct descriptor *view[2]; /* by enum vmode; one page each, in the heap */
	ppn_t page[2];		    /* the traced pages of the guest's table */
	u32 pages;
	u32 filled;    /* the views' slots from here on are empty */
	bool stale;    /* a traced page was written */
	bool untraced; /* hot data beside the table: compared at mode switches */
	u32 useless;   /* rebuilds in a row that changed nothing */
};

bool segs_create(struct vm *vm);
void segs_destroy(struct vm *vm);

/* The guest has loaded its GDTR (or its table was written): build both views. */
void segs_load(struct vm *vm);
void segs_written(struct vm *vm);

/* The traced pages can change without a trap from now on: compare instead. */
void segs_untrace(struct vm *vm);

/* Brings the views up to date if they are stale. */
void segs_refresh(struct vm *vm);

/*
 * The guest's own descriptor of a selector. False: null, beyond the limit, in an LDT,
 * or unreadable.
 */
bool segs_guest(struct vm *vm, u16 sel, struct descriptor *out);

/*
 * A register that runs on a descriptor that its table no longer holds keeps it: see
 * SEL_CARRY_*.
 */
void segs_carry(struct vm *vm);

#endif
