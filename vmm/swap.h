/*
 * Swap: the host takes pages from a VM without asking it (paper, section 3.3). For when
 * there is no balloon, or it is too slow or too small.
 *
 *     private --swap_out--> swapped, on its way --written--> swapped, frame free
 *                                |                                |
 *                             a touch: it never left           a touch: read, checked
 *                                v                                v
 *                             private                          private, or the VM's end
 *
 * Which page goes is random: the host knows nothing of their worth, and anything clever may
 * go against what the guest does itself (section 2.1). Pages that are pinned, traced, or
 * guest tables with shadows stay.
 *
 * A VM never runs on wrong bytes: each slot's sum is kept in memory, and a page that does
 * not match it, or can't be read, ends its VM with a reason. A page that can't be written
 * was never away.
 *
 * All sizes are pages.
 */
#ifndef VMM_SWAP_H
#define VMM_SWAP_H

#include "vmm/addr.h"

struct vm;

struct swap_counts {
	u32 outs, ins;
	u32 rescued;	/* touched on their way out */
	u32 double_ins; /* brought in only because the guest wrote them to its own disk */
};

/* Finds the swap area; how many slots it has. Once, at boot. */
u32 swap_init(void);

/*
 * Starts to write up to `pages` pages of the VM, 16 at most, to the disk. Returns how many
 * are gone from the VM now; 0: no page may go, no slot is free, or too many writes are
 * under way. Never sleeps.
 */
u32 swap_out(struct vm *vm, u32 pages);

/*
 * Brings a swapped page back. In the VM's own thread; there must be a free frame. Bytes
 * that are lost or wrong end the VM (TRAPS 36). May sleep.
 */
void swap_in(struct vm *vm, ppn_t p);

/* The bytes of a swapped page are not wanted any more: it is unbacked. Never sleeps. */
void swap_forget(struct vm *vm, ppn_t p);

/* The same for all of a VM that ends. */
void swap_forget_all(struct vm *vm);

/* May this page go? */
bool swap_may_take(const struct vm *vm, ppn_t p);

/*
 * Who chooses a page that may go; false: none. Random unless somebody else is named here
 * (victim.h).
 */
extern bool (*swap_victim)(struct vm *vm, ppn_t *p);
bool swap_random_victim(struct vm *vm, ppn_t *p);

/* The same for replace=own: the challenge of lab 2. */
bool swap_own_victim(struct vm *vm, ppn_t *p);

/*
 * Tried before a page is written (section 4.3): true: it was shared instead, and its frame
 * is gone. NULL until there is sharing.
 */
extern bool (*swap_share)(struct vm *vm, ppn_t p);

/* Called whenever a page is on the disk and its frame free, or could not be written. */
extern void (*swap_written)(bool good);

#endif
