/*
 * The frame allocator without lists: the table says who is free, and a search goes on where
 * the last one of its zone ended (next fit).
 */
#include "kernel/frame.h"
#include "kernel/kmap.h"
#include "kernel/lib.h"
#include "kernel/panic.h"

static struct frame *frames;
static u32 frame_total, low_total;
static u32 next_look[ZONES], free_frames[ZONES];

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

static u32 zone_first(enum frame_zone z)
{
	return z == ZONE_LOW ? 1 : max_u32(low_total, 1);
}

static u32 zone_end(enum frame_zone z)
{
	return z == ZONE_LOW ? low_total : frame_total;
}

void frame_init(struct frame *table, u32 count, u32 low)
{
	ASSERT(table && low <= count);
	frames = table;
	frame_total = count;
	low_total = low;
	next_look[ZONE_LOW] = zone_first(ZONE_LOW);
	next_look[ZONE_HIGH] = zone_first(ZONE_HIGH);
	free_frames[ZONE_LOW] = free_frames[ZONE_HIGH] = 0;
	while (count-- > 0) {
		table[count].next = table[count].index = 0;
		table[count].owner = 0;
		table[count].use = FRAME_HOLE;
		table[count].reserved = 0;
	}
}

static void note_free(u32 n)
{
	frames[n].use = FRAME_FREE;
	free_frames[n < low_total ? ZONE_LOW : ZONE_HIGH] += 1;
}

void frame_add(mpn_t first, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		if (i >= frame_total || first.n >= frame_total - i)
			return;
		if (first.n + i == 0)
			continue;
		ASSERT(frames[first.n + i].use == FRAME_HOLE);
		note_free(first.n + i);
	}
}

u32 frame_use_count(enum frame_use use, unsigned owner)
{
	u32 count = 0;

	for (const struct frame *f = frames; f < frames + frame_total; f++)
		if (f->use == use && f->owner == owner)
			count++;
	return count;
}

u32 frame_free_count(enum frame_zone zone)
{
	u32 low = zone == ZONE_HIGH ? 0 : free_frames[ZONE_LOW];
	u32 high = zone == ZONE_LOW ? 0 : free_frames[ZONE_HIGH];

	return low + high;
}

/* The first free frame from `from` on, before `end`; 0: none. */
static u32 search(u32 from, u32 end)
{
	for (u32 n = from; n < end; n++)
		if (frames[n].use == FRAME_FREE)
			return n;
	return 0;
}

static u32 find(enum frame_zone z)
{
	u32 n = search(next_look[z], zone_end(z));

	if (n == 0)
		n = search(zone_first(z), next_look[z]);
	if (n != 0) {
		next_look[z] = n + 1;
		free_frames[z]--;
	}
	return n;
}

bool frame_alloc(enum frame_zone zone, enum frame_use use, unsigned owner, u32 index,
		 mpn_t *out)
{
	u32 n = 0;
	u32 *page;

	ASSERT(use != FRAME_FREE && use != FRAME_HOLE && use < FRAME_USES);
	if (zone != ZONE_LOW)
		n = find(ZONE_HIGH);
	if (n == 0 && zone != ZONE_HIGH)
		n = find(ZONE_LOW);
	if (n == 0)
		return false;
	frames[n].use = (u8)use;
	frames[n].owner = (u16)owner;
	frames[n].index = index;
	page = kmap(mpn(n));
	for (u32 w = 0; w < PAGE_WORDS; w++)
		page[w] = 0;
	kunmap(page);
	*out = mpn(n);
	return true;
}

void frame_free(mpn_t m)
{
	struct frame *f = frame_get(m);

	switch (f->use) {
	case FRAME_HOLE:
	case FRAME_FREE:
		panic("frame 0x%x is freed but not in use", m.n);
	default:
		note_free(m.n);
		f->owner = 0;
		f->index = 0;
	}
}
