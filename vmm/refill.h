/*
 * The quick refill: the hidden fault of the cached form that comes by far most often. The
 * leaf is there, the guest's entry allows the access and has its A (and D) bit, the page
 * has a frame of its own. Everything else, and every doubt, is shadow_fault's.
 */
#ifndef VMM_REFILL_H
#define VMM_REFILL_H

#include "vmm/gmem.h"

struct vm;

enum refilled {
	REFILL_UNSURE, /* nothing was done: ask shadow_fault */
	REFILL_DONE,   /* the entry is installed */
	REFILL_TRUE,   /* the guest's entry is not present: its own fault */
	REFILL_DENIED, /* it is, but does not allow this: its own fault, too */
};

/* v is below HOST_BASE. Never sleeps. */
enum refilled refill(struct vm *vm, gva_t v, unsigned acc);

#endif
