/*
 * Exercise 5: frames that come back, and the misuse that must stop the machine.
 */
#include "labs/lab0/judge/plan.h"

#include <string.h>

static void plan_free(struct plan *p, u32 m)
{
	frame_free(mpn(m));
	p->memory[m] = true;
	p->memory_pages[plan_zone(p, m)]++;
	MUST(p->table[m].use == FRAME_FREE, judge_done(), "FRAME_FREE",
	     use_name(p->table[m].use));
}

JUDGED(free, back)
{
	static struct plan p;
	u32 given[40], n, low, high;

	plan_start(&p, 300, 900);
	plan_fill(&p);
	low = p.memory_pages[ZONE_LOW];
	high = p.memory_pages[ZONE_HIGH];
	for (n = 0; n < 40 && p.memory_pages[ZONE_LOW] && p.memory_pages[ZONE_HIGH];
	     n++)
		given[n] = plan_alloc(&p, (enum frame_zone)roll(ZONES), wish_roll());
	while (n > 0) {
		u32 i = roll(n);

		plan_free(&p, given[i]);
		given[i] = given[--n];
	}
	plan_check(&p);
	MUST(frame_free_count(ZONE_LOW) == low && frame_free_count(ZONE_HIGH) == high,
	     "after all frames were given back",
	     text("%u low and %u high ones free", low, high),
	     text("%u and %u", frame_free_count(ZONE_LOW),
		  frame_free_count(ZONE_HIGH)));
	while (p.memory_pages[ZONE_HIGH]) /* and each can be had again, once */
		plan_alloc(&p, ZONE_HIGH, wish_roll());
	while (p.memory_pages[ZONE_LOW])
		plan_alloc(&p, ZONE_LOW, wish_roll());
}

JUDGED(free, zeroed_again)
{
	static struct plan p;
	u32 m;

	plan_start(&p, 200, 400);
	plan_add(&p, p.low + 1, 1);
	for (u32 round = 0; round < 5; round++) {
		m = plan_alloc(&p, ZONE_ANY, wish_roll());
		for (u32 i = 0; i < PAGE_SIZE; i++)
			MUST(arena->page[m][i] == 0,
			     text("byte 0x%x of MPN 0x%x, given out again", i, m), "0",
			     text("0x%02x", arena->page[m][i]));
		memset(arena->page[m], (int)(1 + roll(255)), PAGE_SIZE);
		plan_free(&p, m);
	}
}

static void must_panic(bool panicked)
{
	MUST(panicked, judge_done(), "panic: it is not in use", "no panic");
}

JUDGED(free, misuse)
{
	static struct plan p;
	u32 hole, m;

	plan_start(&p, 200, 600);
	plan_fill(&p);
	m = plan_alloc(&p, ZONE_ANY, wish_roll());
	plan_free(&p, m);
	must_panic(PANICS(frame_free(mpn(m))));
	do
		hole = roll(p.count);
	while (p.memory[hole]);
	must_panic(PANICS(frame_free(mpn(hole))));
	must_panic(PANICS(frame_free(mpn(0))));
	must_panic(PANICS(frame_free(mpn(p.count))));
	must_panic(PANICS(frame_free(mpn(p.count + roll(1000)))));
	must_panic(PANICS(frame_free(mpn(0xffffffff))));
	plan_check(&p); /* and nothing has changed */
	while (p.memory_pages[ZONE_HIGH])
		plan_alloc(&p, ZONE_HIGH, wish_roll());
	while (p.memory_pages[ZONE_LOW])
		plan_alloc(&p, ZONE_LOW, wish_roll());
}

static u32 in_use(const struct plan *p, enum frame_use use, u32 owner,
		  const struct wish *given)
{
	u32 n = 0;

	for (u32 m = 0; m < p->count; m++)
		n += given[m].use == use && given[m].owner == owner;
	return n;
}

static void compare(const struct plan *p, const struct wish *given)
{
	struct wish w = wish_roll();
	u32 expected = in_use(p, w.use, w.owner, given);
	u32 found = frame_use_count(w.use, w.owner);

	MUST(found == expected, judge_done(), text("%u", expected), text("%u", found));
	expected = p->memory_pages[ZONE_LOW] + p->memory_pages[ZONE_HIGH];
	found = frame_free_count(ZONE_ANY);
	MUST(found == expected, judge_done(), text("%u", expected), text("%u", found));
}

/* A long day of a machine, compared with the judge's own book all the while. */
JUDGED(free, storm)
{
	static struct plan p;
	static struct wish given[MACHINE_PAGES];

	plan_start(&p, 200, 400);
	plan_fill(&p);
	for (u32 step = 0; step < 2000; step++) {
		enum frame_zone zone = (enum frame_zone)roll(ZONES + 1);
		u32 left = zone == ZONE_ANY ? p.memory_pages[0] + p.memory_pages[1]
					    : p.memory_pages[zone];
		u32 m = roll(p.count);

		if (given[m].use) {
			plan_free(&p, m);
			given[m] = (struct wish){0};
		} else if (left) {
			struct wish w = wish_roll();

			given[plan_alloc(&p, zone, w)] = w;
		} else {
			MUST(!frame_alloc(zone, FRAME_HOST, 0, 0, &(mpn_t){0}),
			     judge_done(), "false: none is left", "true");
		}
		if (step % 50 == 0)
			compare(&p, given);
	}
}
