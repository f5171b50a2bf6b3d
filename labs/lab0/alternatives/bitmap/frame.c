/*
 * The frame allocator with a bitmap: a set bit is a free frame. The highest free frame of a
 * zone goes first. How many there are of both zones is counted in one number, and how many are
 * high in another.
 */
#include "kernel/frame.h"
#include "kernel/kmap.h"
#include "kernel/lib.h"
#include "kernel/panic.h"

enum { MOST_FRAMES = 1 << 18, WORDS = MOST_FRAMES / 32 };

static struct frame *frames;
static u32 frame_total, low_total;
static u32 free_bits[WORDS], free_all, free_high;

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

void frame_init(struct frame *table, u32 count, u32 low)
{
	ASSERT(table && low <= count && count <= MOST_FRAMES);
	frames = table;
	frame_total = count;
	low_total = low;
	free_all = free_high = 0;
	for (u32 w = 0; w < WORDS; w++)
		free_bits[w] = 0;
	for (struct frame *f = table; f != table + count; f++)
		*f = (struct frame){0};
}

/* Its bit is the other one from now on. */
static void turn(u32 n)
{
	u32 one = free_bits[n / 32] >> (n % 32) & 1 ? ~0u : 1;

	free_bits[n / 32] ^= 1u << (n % 32);
	free_all += one;
	if (n >= low_total)
		free_high += one;
}

static void set_free(u32 n)
{
	turn(n);
	frames[n] = (struct frame){.use = FRAME_FREE};
}

void frame_add(mpn_t first, u32 count)
{
	u64 end = (u64)first.n + count;

	if (end > frame_total)
		end = frame_total;
	for (u64 n = first.n ? first.n : 1; n < end; n++) {
		ASSERT(frames[n].use == FRAME_HOLE);
		set_free((u32)n);
	}
}

/* Those bits of word w that stand for frames from..end-1. */
static u32 bits_within(u32 w, u32 from, u32 end)
{
	u32 bits = free_bits[w];

	if (from > w * 32)
		bits &= from >= w * 32 + 32 ? 0 : ~0u << (from - w * 32);
	if (end < w * 32 + 32)
		bits &= end <= w * 32 ? 0 : ~0u >> (w * 32 + 32 - end);
	return bits;
}

static u32 from_of(enum frame_zone z)
{
	return z == ZONE_HIGH ? low_total : 0;
}

static u32 end_of(enum frame_zone z)
{
	return z == ZONE_LOW ? low_total : frame_total;
}

u32 frame_free_count(enum frame_zone zone)
{
	if (zone == ZONE_ANY)
		return free_all;
	return zone == ZONE_HIGH ? free_high : free_all - free_high;
}

u32 frame_use_count(enum frame_use use, unsigned owner)
{
	u32 count = 0, n = frame_total;

	while (n-- > 0)
		if (frames[n].owner == owner && frames[n].use == use)
			count++;
	return count;
}

/* The highest free frame of from..end-1, or 0. */
static u32 highest(u32 from, u32 end)
{
	for (u32 w = (end + 31) / 32; w-- > from / 32;) {
		u32 bits = bits_within(w, from, end);

		if (bits)
			return w * 32 + 31 - (u32)__builtin_clz(bits);
	}
	return 0;
}

bool frame_alloc(enum frame_zone zone, enum frame_use use, unsigned owner, u32 index,
		 mpn_t *out)
{
	void *page;
	u32 n;

	ASSERT(use != FRAME_FREE && use != FRAME_HOLE && use < FRAME_USES);
	/* All frames from the top down: high ones come before low ones by themselves. */
	n = highest(from_of(zone), end_of(zone));
	if (!n)
		return false;
	turn(n);
	frames[n] = (struct frame){.use = (u8)use, .owner = (u16)owner, .index = index};
	*out = mpn(n);
	page = kmap(*out);
	zero_page(page);
	kunmap(page);
	return true;
}

void frame_free(mpn_t m)
{
	const struct frame *f = frame_get(m);
	bool is_free = free_bits[m.n / 32] >> (m.n % 32) & 1;

	ASSERT(!is_free);
	ASSERT(f->use != FRAME_HOLE && f->use != FRAME_FREE);
	set_free(m.n);
}
