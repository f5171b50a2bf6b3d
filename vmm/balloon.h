/*
 * The balloon, the host's side (paper, section 3.2). A driver in the guest takes pages
 * from its own kernel, pins them, and tells us each PPN; the frame behind it is ours to
 * give to somebody else. So the guest chooses what it can do without.
 *
 *     guest's driver            here                         pmap[ppn]
 *     INFLATE 0x2f1    ->  check, drop mappings, free   ->   ballooned
 *     DEFLATE 0x2f1    ->  check                        ->   unbacked (zeroes when touched)
 *     (a touch)        ->  pop: unbacked, reset due     ->   private, zeroes
 *     anything         ->  RESET: nothing was done
 *     START            ->  all ballooned pages unbacked
 *
 * A guest can tell us anything (TRAPS 28). What makes no sense is refused and changes
 * nothing; what does make sense but hurts the guest (its page table, its stack) is done:
 * it is as if the guest had zeroed that page.
 *
 * How a frame goes (TRAPS 26, 27): first whoever traces the page gives up, then every
 * shadow mapping goes, in both views and all address spaces, and the TLB with it; then the
 * pmap forgets the frame; only then is it free.
 *
 * All sizes are pages. Nothing here sleeps.
 */
#ifndef VMM_BALLOON_H
#define VMM_BALLOON_H

#include "vmm/addr.h"

struct vm;

struct balloon {
	u32 target;	/* what the host wants it to be; survives the guest's resets */
	u32 bound;	/* what the guest allows, as its driver said */
	bool started;	/* a driver is there */
	bool reset_due; /* it must start anew: a page was popped */
	u32 pops, refused;
	u32 contacts; /* of the driver, in this life of the VM */
	u32 told;     /* size, as the last event said */
};

/* Answers, as the driver reads them; -1 is what a PC without the device reads. */
enum balloon_answer {
	BALLOON_OK = 0,
	BALLOON_REFUSED = -2, /* nothing was done, and it is no use asking again */
	BALLOON_RESET = -3,   /* nothing was done: forget all pages, then START */
};

enum { BALLOON_REFUSALS_SAID = 16 }; /* events of them, in a life of the VM */

/* A life begins: no driver, no pages. Keeps the target. */
void balloon_init(struct vm *vm);

/* A driver begins, with an empty balloon of at most `bound` pages. */
enum balloon_answer balloon_start(struct vm *vm, u32 bound);

/* What the balloon should be. RESET as above; else *pages, within the driver's bound. */
enum balloon_answer balloon_poll(struct vm *vm, u32 *pages);

/* The guest gives a page away / takes one back. */
enum balloon_answer balloon_inflate(struct vm *vm, ppn_t p);
enum balloon_answer balloon_deflate(struct vm *vm, ppn_t p);

/* A ballooned page is touched: it is unbacked from now on, and a reset is due. */
void balloon_pop(struct vm *vm, ppn_t p);

/* The host wants the balloon to be so big. */
void balloon_aim(struct vm *vm, u32 pages);

#endif
