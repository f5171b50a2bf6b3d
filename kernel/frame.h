/*
 * The frame table: one struct frame per machine page, and the free lists. Two zones:
 * LOW memory is permanently mapped and reachable by the disk's DMA engine; HIGH is the
 * rest. So low frames are scarce, and nobody gets one who did not ask for one while
 * high ones are left.
 *
 *     frame table                  free lists (by MPN, 0 ends a list)
 *     [0]  hole                    low:  0x0300 -> 0x0301 -> 0x0302 ...
 *     [1]  hole                    high: 0x2000 -> 0x2001 ...
 *     [0x300] free  next 0x301
 *     [0x2a31] guest owner 2 index 0x00a
 *
 * A frame is zeroed as it is given out: nobody ever sees what the owner before left
 * (paper, section 2, footnote 2).
 */
#ifndef KERNEL_FRAME_H
#define KERNEL_FRAME_H

#include "kernel/types.h"

enum frame_use {
	/* no memory there, or not ours to give: ROM, the image, boot modules */
	FRAME_HOLE,
	FRAME_FREE,
	FRAME_HOST,   /* the VMM's own: heap, stacks, bounce pages */
	FRAME_GUEST,  /* private to VM `owner`, backing its page `index` */
	FRAME_SHADOW, /* a shadow page table of VM `owner` */
	FRAME_SWAP,   /* on its way from or to the disk: page `index` of VM `owner` */
	FRAME_USES,
};

enum frame_zone { ZONE_LOW, ZONE_HIGH, ZONES, ZONE_ANY = ZONES };

struct frame {
	u32 next;  /* on a free list: the next free MPN, 0 = none */
	u32 index; /* the owner's name for it (a PPN) */
	u16 owner; /* 0 = the host, else a VM */
	u8 use;	   /* enum frame_use */
	u8 reserved;
};

/*
 * Takes over a table of `count` frames, all holes for now; frames below `low` are LOW.
 * MPN 0 is never given out.
 */
void frame_init(struct frame *table, u32 count, u32 low);

/*
 * These frames, holes so far, are memory and free from now on. Any part beyond the
 * table is ignored.
 */
void frame_add(mpn_t first, u32 count);

/*
 * A zeroed frame of the zone (ANY: high first, then low). False when there is none;
 * *out is unchanged then.
 */
bool frame_alloc(enum frame_zone zone, enum frame_use use, unsigned owner, u32 index,
		 mpn_t *out);

/* Gives a frame back. It must be in use: freeing it twice is our bug and panics. */
void frame_free(mpn_t m);

/* The entry of an MPN; must be below frame_count(). */
struct frame *frame_get(mpn_t m);

bool mpn_is_low(mpn_t m);
u32 frame_count(void);

/* ANY: both. It is asked at faults of guests, so it answers without a walk. */
u32 frame_free_count(enum frame_zone zone);
u32 frame_use_count(enum frame_use use, unsigned owner); /* walks the table */

#endif
