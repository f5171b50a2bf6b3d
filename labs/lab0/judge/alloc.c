/*
 * Exercises 3 and 4: which frame is given out, what is written down about it, and that
 * nobody sees what the owner before left in the page.
 */
#include "labs/lab0/judge/plan.h"

#include <string.h>

/* high first, then low; and nobody gets what he did not ask for */
JUDGED(alloc, zones)
{
	static struct plan p;
	u32 m, asked;

	plan_start(&p, 200, 600);
	plan_fill(&p);
	for (asked = 0; asked < 3 && p.memory_pages[ZONE_LOW] > 1; asked++) {
		m = plan_alloc(&p, ZONE_LOW, wish_roll());
		MUST(m < p.low, judge_done(), text("below 0x%x", p.low),
		     text("MPN 0x%x", m));
	}
	while (p.memory_pages[ZONE_HIGH]) {
		m = plan_alloc(&p, roll(2) ? ZONE_ANY : ZONE_HIGH, wish_roll());
		MUST(m >= p.low, judge_done(),
		     text("a high frame, from 0x%x on, while there is one", p.low),
		     text("MPN 0x%x", m));
	}
	MUST(!frame_alloc(ZONE_HIGH, FRAME_HOST, 0, 0, &(mpn_t){0}), judge_done(),
	     "false: no high frame is left", "true");
	while (p.memory_pages[ZONE_LOW])
		plan_alloc(&p, roll(2) ? ZONE_ANY : ZONE_LOW, wish_roll());
}

/* Every frame once, until there is none. */
JUDGED(alloc, once)
{
	static struct plan p;
	mpn_t m = mpn(0);

	plan_start(&p, 200, 900);
	plan_fill(&p);
	while (p.memory_pages[ZONE_LOW] + p.memory_pages[ZONE_HIGH])
		plan_alloc(&p,
			   p.memory_pages[ZONE_LOW] && roll(2) ? ZONE_LOW : ZONE_ANY,
			   wish_roll());
	for (u32 zone = ZONE_LOW; zone <= ZONE_ANY; zone++)
		MUST(!frame_alloc((enum frame_zone)zone, FRAME_HOST, 0, 0, &m),
		     judge_done(), "false: all are given out", text("MPN 0x%x", m.n));
}

JUDGED(alloc, entry)
{
	static struct plan p;
	static struct wish given[MACHINE_PAGES];

	plan_start(&p, 200, 600);
	plan_fill(&p);
	for (u32 i = 0; i < 60 && p.memory_pages[ZONE_HIGH]; i++) {
		struct wish w = wish_roll();

		given[plan_alloc(&p, ZONE_ANY, w)] = w;
	}
	for (u32 m = 0; m < p.count; m++) {
		const struct frame *f = &p.table[m];
		const struct wish *w = &given[m];

		if (!w->use)
			continue;
		MUST(f->use == w->use, text("the entry of MPN 0x%x", m),
		     use_name(w->use), use_name(f->use));
		MUST(f->owner == w->owner && f->index == w->index,
		     text("the entry of MPN 0x%x", m),
		     text("owner %u, index 0x%x", w->owner, w->index),
		     text("owner %u, index 0x%x", f->owner, f->index));
		p.table[m].use = FRAME_HOLE; /* as plan_check wants it */
	}
	plan_check(&p);
}

/* Nothing there: the answer is left alone, and so is everything else. */
JUDGED(alloc, none)
{
	static struct plan p;
	u32 garbage = roll32();
	mpn_t m = mpn(garbage);

	plan_start(&p, 200, 600);
	for (u32 zone = ZONE_LOW; zone <= ZONE_ANY; zone++)
		MUST(!frame_alloc((enum frame_zone)zone, FRAME_GUEST, 1, 0, &m),
		     judge_done(), "false: there is no memory at all",
		     text("MPN 0x%x", m.n));
	plan_add(&p, 1 + roll(p.low - 1), 1);
	MUST(!frame_alloc(ZONE_HIGH, FRAME_GUEST, 1, 0, &m), judge_done(),
	     "false: all that is free is low", text("MPN 0x%x", m.n));
	MUST(m.n == garbage, judge_done(), text("*out as it was, 0x%x", garbage),
	     text("0x%x", m.n));
	plan_check(&p);
	plan_alloc(&p, ZONE_LOW, wish_roll());
}

JUDGED(alloc, counts)
{
	static struct plan p;

	plan_start(&p, 200, 600);
	plan_fill(&p);
	for (u32 i = 0; i < 40 && p.memory_pages[ZONE_HIGH] && p.memory_pages[ZONE_LOW];
	     i++) {
		u32 high, low;

		plan_alloc(&p, (enum frame_zone)roll(ZONES + 1), wish_roll());
		low = frame_free_count(ZONE_LOW);
		high = frame_free_count(ZONE_HIGH);
		MUST(low == p.memory_pages[ZONE_LOW] &&
			     high == p.memory_pages[ZONE_HIGH],
		     text("after %u frames were given out", i + 1),
		     text("%u low and %u high ones left", p.memory_pages[ZONE_LOW],
			  p.memory_pages[ZONE_HIGH]),
		     text("%u and %u", low, high));
	}
}

/* --- exercise 4 --------------------------------------------------------------------------- */

/* A page that somebody has used: no two are alike, no byte of it is zero. */
static void scribble(u32 m)
{
	for (u32 i = 0; i < PAGE_SIZE; i++)
		arena->page[m][i] = (u8)(1 + (m * 31 + i * 7) % 255);
}

static bool is_scribbled(u32 m)
{
	for (u32 i = 0; i < PAGE_SIZE; i++)
		if (arena->page[m][i] != (u8)(1 + (m * 31 + i * 7) % 255))
			return false;
	return true;
}

static void check_zero(u32 m)
{
	for (u32 i = 0; i < PAGE_SIZE; i++)
		MUST(arena->page[m][i] == 0,
		     text("byte 0x%x of MPN 0x%x, just given out", i, m), "0",
		     text("0x%02x, left by the owner before", arena->page[m][i]));
}

JUDGED(zero, fresh)
{
	static struct plan p;

	plan_start(&p, 200, 400);
	plan_fill(&p);
	for (u32 m = 0; m < p.count; m++)
		scribble(m);
	for (u32 i = 0; i < 50 && p.memory_pages[ZONE_HIGH] && p.memory_pages[ZONE_LOW];
	     i++) {
		u32 m = plan_alloc(&p, (enum frame_zone)roll(ZONES + 1), wish_roll());

		check_zero(m);
		scribble(m); /* it is somebody's now */
	}
	for (u32 m = 0; m < p.count; m++)
		MUST(is_scribbled(m),
		     text("MPN 0x%x, not the frame that was given out", m), "as it was",
		     "written to");
	MUST(arena->calls.kmaps == 0, "kmap", "each window closed again",
	     text("%u still open", arena->calls.kmaps));
}
