/*
 * Pages whose bytes are not in machine memory: given away by the guest (balloon.h) or on
 * the host's disk (swap.h). Whoever asks the pmap for a frame comes through here first;
 * for a VM that lacks nothing it is two compares.
 *
 *     private --balloon--> ballooned --touch: pop--> unbacked --> private, zeroes
 *     private ---swap----> swapped ----touch: read------------> private, its bytes
 */
#ifndef VMM_AWAY_H
#define VMM_AWAY_H

#include "kernel/frame.h"
#include "vmm/vm.h"

/* With fewer free frames than this, whoever needs one asks for more first. */
enum { AWAY_SHORT = 64 };

/* Is there something to do before this page can have a frame? */
static inline bool away_due(const struct vm *vm, ppn_t p)
{
	enum pmap_state s;

	if (p.n >= vm->pmap.pages)
		return false;
	s = vm->pmap.entry[p.n].state;
	return s == PMAP_BALLOONED || s == PMAP_SWAPPED ||
	       (s == PMAP_UNBACKED && frame_free_count(ZONE_ANY) < AWAY_SHORT);
}

/*
 * Does it. Afterwards the page is private, or unbacked with a frame to be had for it.
 * False: only the VM's own thread can bring a page back, and this is another. May sleep;
 * counts that in vm->away_slept.
 */
bool away_bring(struct vm *vm, ppn_t p);

/* May a page that an access of the guest needs be away, or room have to be made for it? */
static inline bool away_may_sleep(const struct vm *vm)
{
	return vm->pmap.ballooned || vm->pmap.swapped ||
	       frame_free_count(ZONE_ANY) < AWAY_SHORT;
}

/*
 * Makes resident what an access of the guest goes through, tables and page, so that what
 * follows does not sleep. For nothing unless away_may_sleep. May sleep.
 */
void away_settle(struct vm *vm, gva_t v, unsigned acc);

#endif
