/*
 * The swap area's slots: pages of the disk partition of type DB. One record each says
 * whose bytes lie there and what they sum up to; the bytes themselves are swapio.h's.
 *
 *     slot   0     1     2     3     4     5
 *          [used][used][free][bad ][free][free] ...
 *           vm 2  vm 1
 *           0x40  0x17
 *
 * A slot that could not be written is bad for ever. Nothing here sleeps.
 */
#ifndef VMM_SLOTS_H
#define VMM_SLOTS_H

#include "kernel/types.h"

enum slot_state { SLOT_FREE, SLOT_USED, SLOT_BAD };

/* Also read from a memory dump: kernel/checkpoint.h. */
struct slot {
	u32 sum; /* of the page's bytes: slots_sum */
	u32 ppn : 20;
	u32 vm : 5;
	u32 state : 2; /* enum slot_state */
};

/* All of them; for whoever looks from outside (offsets.h), everybody else asks below. */
extern struct slot_area {
	struct slot *slot; /* `total` of them, in the heap */
	u32 total, free;
} slot_area;

/* Once: so many slots, all free. False: no memory for the records. */
bool slots_create(u32 count);
void slots_destroy(void);

u32 slots_total(void);
u32 slots_free(void);

/* The record of a slot below slots_total(). */
struct slot *slots_get(u32 slot);

/*
 * Takes up to `want` free slots that lie side by side, next to those taken last if it can
 * be, so that writes run along the disk. Returns how many, 0: the area is full; *first.
 */
u32 slots_take(u32 want, u32 *first);

/* Gives one back / never uses it again. It must be in use. */
void slots_give(u32 slot);
void slots_spoil(u32 slot);

/*
 * What a page's bytes sum up to. Two pages that differ in one word never have the same sum,
 * others by a chance of one in 2^32.
 */
u32 slots_sum(const u32 *page);

#endif
