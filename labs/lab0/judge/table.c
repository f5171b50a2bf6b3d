/*
 * Exercises 1 and 2: the table as frame_init and frame_add leave it, and what is counted.
 */
#include "labs/lab0/judge/plan.h"

JUDGED(table, holes)
{
	static struct plan p;
	u32 m;

	plan_start(&p, 200, 3000);
	plan_check(&p);
	MUST(frame_count() == p.count, judge_done(), text("%u", p.count),
	     text("%u", frame_count()));
	m = p.low - roll(2);
	MUST(mpn_is_low(mpn(m)) == (m < p.low),
	     text("MPN 0x%x, low memory ends at 0x%x", m, p.low),
	     m < p.low ? "low" : "high", m < p.low ? "high" : "low");
}

JUDGED(table, add)
{
	static struct plan p;

	plan_start(&p, 200, 3000);
	plan_fill(&p);
	plan_check(&p);
	plan_start(&p, 200, 3000); /* all over again */
	plan_check(&p);
}

JUDGED(table, frame_0)
{
	static struct plan p;

	plan_start(&p, 200, 3000);
	plan_add(&p, 0, 1);
	plan_check(&p);
	plan_add(&p, 1, 1 + roll(100));
	plan_check(&p);
	plan_start(&p, 200, 3000);
	plan_add(&p, 0, 2 + roll(100));
	plan_check(&p);
}

/* What is beyond the table is ignored, however large the numbers are. */
JUDGED(table, bounds)
{
	static struct plan p;
	u32 k;

	plan_start(&p, 200, 3000);
	plan_add(&p, 1 + roll(p.count - 1), 0);
	plan_check(&p);
	for (u32 i = 0; i < 8; i++) {
		k = roll(100);
		frame_add(mpn(p.count + k), 1 + roll(200));
		frame_add(mpn(0xffffffff - k), k + 2 + roll(p.count));
		plan_check(&p);
	}
	k = 2 + roll(50);
	plan_add(&p, p.count - k, k + 1 + roll(100));
	plan_check(&p);
	plan_start(&p, 200, 3000);
	k = p.count - 1 - roll(50);
	frame_add(mpn(k), 0xffffffff - roll(k));
	for (u32 m = k; m < p.count; m++)
		p.memory[m] = true;
	plan_check(&p);
}

static void check_counts(const struct plan *p)
{
	u32 low = p->memory_pages[ZONE_LOW], high = p->memory_pages[ZONE_HIGH], found;

	found = frame_free_count(ZONE_LOW);
	MUST(found == low, judge_done(), text("%u", low), text("%u", found));
	found = frame_free_count(ZONE_HIGH);
	MUST(found == high, judge_done(), text("%u", high), text("%u", found));
	found = frame_free_count(ZONE_ANY);
	MUST(found == low + high, judge_done(), text("%u", low + high),
	     text("%u", found));
}

JUDGED(counts, free)
{
	static struct plan p;

	plan_start(&p, 200, 3000);
	check_counts(&p);
	plan_fill(&p);
	check_counts(&p);
	plan_start(&p, 200, 3000);
	check_counts(&p);
	plan_add(&p, p.low - 1, 2); /* one in each zone */
	check_counts(&p);
	plan_add(&p, p.count - 2, 9);
	check_counts(&p);
}

/* The judge fills in the table by itself: who owns what is known before anyone asks. */
JUDGED(counts, use)
{
	static struct plan p;
	u32 expected[FRAME_USES][4] = {0}, found;

	plan_start(&p, 500, 3000);
	for (u32 m = 0; m < p.count; m++) {
		u32 use = roll(FRAME_USES), owner = roll(4);

		p.table[m].use = (u8)use;
		p.table[m].owner = (u16)owner;
		p.table[m].index = roll32();
		expected[use][owner]++;
	}
	for (u32 use = 0; use < FRAME_USES; use++)
		for (u32 owner = 0; owner < 4; owner++) {
			found = frame_use_count((enum frame_use)use, owner);
			MUST(found == expected[use][owner], judge_done(),
			     text("%u", expected[use][owner]), text("%u", found));
		}
	MUST(frame_use_count(FRAME_GUEST, 5) == 0, judge_done(), "0", "some");
}
