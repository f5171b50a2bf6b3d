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
	/* LAB 0 BEGIN 1 frame_init: remember the table; every frame is a hole */
	frames = table;
	frame_total = count;
	low_total = low;
	for (u32 n = 0; n < count; n++)
		frames[n] = (struct frame){.use = FRAME_HOLE};
	for (unsigned z = 0; z < ZONES; z++)
		free_head[z] = free_count[z] = 0;
	/* LAB 0 END */
}

/* Puts a frame at the head of its zone's list. */
static void push_free(mpn_t m)
{
	/* LAB 0 BEGIN 1 push_free: mark it, link it, count it */
	struct frame *f = frame_get(m);
	enum frame_zone z = zone_of(m);

	*f = (struct frame){.use = FRAME_FREE, .next = free_head[z]};
	free_head[z] = m.n;
	free_count[z]++;
	/* LAB 0 END */
}

/* Last frame first, so that the list starts with the lowest. */
void frame_add(mpn_t first, u32 count)
{
	/* LAB 0 BEGIN 1 frame_add: free these frames; not frame 0, none beyond the table */
	u32 end = first.n < frame_total
			  ? first.n + min_u32(count, frame_total - first.n)
			  : 0;

	for (u32 n = end; n > first.n && n > 1; n--) {
		ASSERT(frames[n - 1].use == FRAME_HOLE);
		push_free(mpn(n - 1));
	}
	/* LAB 0 END */
}

u32 frame_free_count(enum frame_zone zone)
{
	/* LAB 0 BEGIN 2 frame_free_count: of one zone, or of both */
	if (zone == ZONE_ANY)
		return free_count[ZONE_LOW] + free_count[ZONE_HIGH];
	return free_count[zone];
	/* LAB 0 END */
}

u32 frame_use_count(enum frame_use use, unsigned owner)
{
	/* LAB 0 BEGIN 2 frame_use_count: walk the table */
	u32 count = 0;

	for (u32 n = 0; n < frame_total; n++)
		count += frames[n].use == use && frames[n].owner == owner;
	return count;
	/* LAB 0 END */
}

/* Takes the first frame off a zone's list. False: the list is empty. */
static bool pop_free(enum frame_zone z, mpn_t *out)
{
	/* LAB 0 BEGIN 3 pop_free: the head of the list */
	u32 n = free_head[z];

	if (n == 0)
		return false;
	free_head[z] = frames[n].next;
	free_count[z]--;
	*out = mpn(n);
	return true;
	/* LAB 0 END */
}

/* LAB 0 BEGIN 4 - a helper that clears a frame; kmap.h says how to reach it */
static void clear(mpn_t m)
{
	void *page = kmap(m);

	zero_page(page);
	kunmap(page);
}
/* LAB 0 END */

bool frame_alloc(enum frame_zone zone, enum frame_use use, unsigned owner, u32 index,
		 mpn_t *out)
{
	ASSERT(use != FRAME_FREE && use != FRAME_HOLE && use < FRAME_USES);
	/* LAB 0 BEGIN 3 frame_alloc: which zone first? then fill in the frame's entry */
	bool got = zone == ZONE_LOW ? pop_free(ZONE_LOW, out)
				    : pop_free(ZONE_HIGH, out);

	if (!got && zone == ZONE_ANY)
		got = pop_free(ZONE_LOW, out);
	if (!got)
		return false;
	*frame_get(*out) = (struct frame){
		.use = (u8)use,
		.owner = (u16)owner,
		.index = index,
	};
	/* LAB 0 BEGIN 4 - nobody may see what the owner before left in the page */
	clear(*out);
	/* LAB 0 END */
	return true;
	/* LAB 0 END */
}

void frame_free(mpn_t m)
{
	/* LAB 0 BEGIN 5 frame_free: first be sure that it is in use */
	struct frame *f = frame_get(m);

	ASSERT(f->use != FRAME_FREE && f->use != FRAME_HOLE);
	push_free(m);
	/* LAB 0 END */
}
