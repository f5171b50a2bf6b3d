/*
 * The frame allocator: who has which machine page. A LIFO free list a zone, linked
 * through the table and not through the pages, so that a free page is never touched.
 *
 * Lab 0 is this file.
 */
#include "kernel/frame.h"
#include "kernel/kmap.h"
#include "kernel/lib.h"
#include "kernel/panic.h"

static struct frame *frames;
static u32 frame_total, low_total;
static u32 free_head[ZONES], free_count[ZONES];

struct frame *frame_get(mpn_t m)
{
	ASSERT(m.n < frame_total);
	return &frames[m.n];
}

bool mpn_is_low(mpn_t m)
{
	return m.n < low_total;
}

u32 frame_count(void)
{
	return frame_total;
}

static enum frame_zone zone_of(mpn_t m)
{
	return mpn_is_low(m) ? ZONE_LOW : ZONE_HIGH;
}

void frame_init(struct frame *table, u32 count, u32 low)
{
	ASSERT(table && low <= count);
	/* Lab 0, exercise 1: remember the table; every frame is a hole */
	LAB_HOLE(0, 1, "frame_init");
}

/* Puts a frame at the head of its zone's list. */
static void push_free(mpn_t m)
{
	/* Lab 0, exercise 1: mark it, link it, count it */
	LAB_HOLE(0, 1, "push_free");
}

/* Last frame first, so that the list starts with the lowest. */
void frame_add(mpn_t first, u32 count)
{
	/* Lab 0, exercise 1: free these frames; not frame 0, none beyond the table */
	LAB_HOLE(0, 1, "frame_add");
}

u32 frame_free_count(enum frame_zone zone)
{
	/* Lab 0, exercise 2: of one zone, or of both */
	LAB_HOLE(0, 2, "frame_free_count");
}

u32 frame_use_count(enum frame_use use, unsigned owner)
{
	/* Lab 0, exercise 2: walk the table */
	LAB_HOLE(0, 2, "frame_use_count");
}

/* Takes the first frame off a zone's list. False: the list is empty. */
static bool pop_free(enum frame_zone z, mpn_t *out)
{
	/* Lab 0, exercise 3: the head of the list */
	LAB_HOLE(0, 3, "pop_free");
}

/* Lab 0, exercise 4: a helper that clears a frame; kmap.h says how to reach it */

bool frame_alloc(enum frame_zone zone, enum frame_use use, unsigned owner, u32 index,
		 mpn_t *out)
{
	ASSERT(use != FRAME_FREE && use != FRAME_HOLE && use < FRAME_USES);
	/* Lab 0, exercise 3: which zone first? then fill in the frame's entry */
	LAB_HOLE(0, 3, "frame_alloc");
}

void frame_free(mpn_t m)
{
	/* Lab 0, exercise 5: first be sure that it is in use */
	LAB_HOLE(0, 5, "frame_free");
}
