/*
 * The frame allocator: who has which machine page. A LIFO free list a zone, linked
 * through the table and not through the pages, so that a free page is never touched.
 */
#include "kernel/frame.h"
#include "kernel/kmap.h"
#include "kernel/lib.h"
#include "kernel/panic.h"

static struct frame *frames;
static u32 frame_total, low_total;
static u32 free_head[ZONES], free_count[ZONES];

void frame_init(struct frame *table, u32 count, u32 low)
{
	ASSERT(table && low <= count);
	frames = table;
	frame_total = count;
	low_total = low;
	for (u32 n = 0; n < count; n++)
		frames[n] = (struct frame){.use = FRAME_HOLE};
	for (unsigned z = 0; z < ZONES; z++)
		free_head[z] = free_count[z] = 0;
}

struct frame *frame_get(mpn_t m)
{
	ASSERT(m.n < frame_total);
	return &frames[m.n];
}

bool mpn_is_low(mpn_t m)
{
	return m.n < low_total;
}

static enum frame_zone zone_of(mpn_t m)
{
	return mpn_is_low(m) ? ZONE_LOW : ZONE_HIGH;
}

static void push_free(mpn_t m)
{
	struct frame *f = frame_get(m);
	enum frame_zone z = zone_of(m);

	*f = (struct frame){.use = FRAME_FREE, .next = free_head[z]};
	free_head[z] = m.n;
	free_count[z]++;
}

static bool pop_free(enum frame_zone z, mpn_t *out)
{
	u32 n = free_head[z];

	if (n == 0)
		return false;
	free_head[z] = frames[n].next;
	free_count[z]--;
	*out = mpn(n);
	return true;
}

/* Last frame first, so that the list starts with the lowest. */
void frame_add(mpn_t first, u32 count)
{
	u32 end = first.n < frame_total
			  ? first.n + min_u32(count, frame_total - first.n)
			  : 0;

	for (u32 n = end; n > first.n && n > 1; n--) {
		ASSERT(frames[n - 1].use == FRAME_HOLE);
		push_free(mpn(n - 1));
	}
}

static void clear(mpn_t m)
{
	void *page = kmap(m);

	zero_page(page);
	kunmap(page);
}

bool frame_alloc(enum frame_zone zone, enum frame_use use, unsigned owner, u32 index,
		 mpn_t *out)
{
	bool got = zone == ZONE_LOW ? pop_free(ZONE_LOW, out)
				    : pop_free(ZONE_HIGH, out);

	ASSERT(use != FRAME_FREE && use != FRAME_HOLE && use < FRAME_USES);
	if (!got && zone == ZONE_ANY)
		got = pop_free(ZONE_LOW, out);
	if (!got)
		return false;
	*frame_get(*out) = (struct frame){
		.use = (u8)use,
		.owner = (u16)owner,
		.index = index,
	};
	clear(*out);
	return true;
}

void frame_free(mpn_t m)
{
	struct frame *f = frame_get(m);

	ASSERT(f->use != FRAME_FREE && f->use != FRAME_HOLE);
	push_free(m);
}

u32 frame_count(void)
{
	return frame_total;
}

u32 frame_free_count(enum frame_zone zone)
{
	if (zone == ZONE_ANY)
		return free_count[ZONE_LOW] + free_count[ZONE_HIGH];
	return free_count[zone];
}

u32 frame_use_count(enum frame_use use, unsigned owner)
{
	u32 count = 0;

	for (u32 n = 0; n < frame_total; n++)
		count += frames[n].use == use && frames[n].owner == owner;
	return count;
}
