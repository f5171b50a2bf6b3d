/*
 * Which page the host takes, when it is not to be a random one: for the experiment of the
 * paper's section 2.1, in which a host that is as clever as the guest takes just the pages
 * that the guest is about to write to its own disk.
 *
 * LRU by sampled references: every 100 ms each page's mappings are dropped; one that is
 * mapped again by then was used, and is young. The oldest goes first.
 */
#ifndef VMM_VICTIM_H
#define VMM_VICTIM_H

#include "vmm/addr.h"

struct vm;

enum { VICTIM_SAMPLE_MS = 100 };

struct ages {
	u8 *of; /* by PPN, in samples, up to 255; NULL: none taken yet */
	u32 hand, oldest;
};

/*
 * Takes a sample of all pages of a VM with cached shadows. No memory for the ages, or
 * another form of shadows: nothing.
 */
void victim_sample(struct vm *vm);

/* The oldest page that may go, for swap_victim; random when there are no samples. */
bool victim_lru(struct vm *vm, ppn_t *p);

/* The VM ends. */
void victim_forget(struct vm *vm);

#endif
