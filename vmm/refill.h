/*
 * The quick refill: the hidden fault of the cached form that comes by far most often. The
 * leaf is there, the guest's entry allows the access and has its A (and D) bit, the page
 * has a frame of its own. Everything else, and every doubt, is shadow_fault's.
 */
#ifndef VMM_REFILL_H
#define VMM_REFILL_H

#include "vmm/gmem.h"

struct vm;

/* True: the entry is installed. v is below HOST_BASE. Never sleeps. */
bool refill(struct vm *vm, gva_t v, unsigned acc);

#endif
