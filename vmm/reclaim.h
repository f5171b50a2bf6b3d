/*
 * Reclaiming: how much machine memory each VM may have, and who sees to it. Policy (the
 * monitor; the allocator, one day) sets a limit; this meets it: by the balloon first, and
 * by swap what the balloon does not bring (paper, sections 3.2, 3.3, 6.3).
 *
 *     limit < backed --> balloon's target --> the driver inflates ...
 *                              '-- no driver, or no progress for 500 ms --> swap
 *     fewer free frames than RECLAIM_LOW --> swap at once, from whoever has most
 *
 * One thread, the swapper, does it all; it sleeps while there is nothing to do. No VM is
 * brought below its min by it. All sizes are pages.
 */
#ifndef VMM_RECLAIM_H
#define VMM_RECLAIM_H

#include "kernel/types.h"

struct vm;

enum { RECLAIM_LOW = 128, RECLAIM_HIGH = 256 }; /* free frames: begin, end */

/* replace=: what `reclaim` does with a VM. */
enum replacement {
	REPLACE_BALLOON,
	REPLACE_RANDOM,
	REPLACE_LRU,
	REPLACE_OWN, /* swap_own_victim */
	REPLACEMENTS
};

struct reclaim {
	u32 limit;	 /* machine memory that it may have */
	u32 swap_goal;	 /* pages that are to be swapped, limit or not */
	u32 seen;	 /* size of the balloon at the last look */
	u64 patience_ns; /* until then the balloon may stand still */
	u32 told;	 /* swapped pages, as the last event said */
	u64 told_ns;
};

/* Once, at boot: the swap area, the options, the thread. Returns the slots there are. */
u32 reclaim_init(void);

/* The VM is to do without so many pages / so many of its pages are to be swapped. */
void reclaim_aim(struct vm *vm, u32 pages);
void reclaim_swap(struct vm *vm, u32 pages);

/* How all VMs are reclaimed from now on. False: not with this form of shadows. */
bool reclaim_by(enum replacement r);
enum replacement reclaim_how(void);
const char *replacement_name(enum replacement r);

/*
 * Frames are short, and this VM needs one: waits for it, if it can be had. Wakes the
 * swapper in any case. May sleep; counts that in vm->away_slept.
 */
void reclaim_frames(struct vm *vm);

/* The same before a VM is built: for so many frames. */
void reclaim_room(u32 frames);

#endif
