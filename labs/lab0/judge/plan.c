/* The machine of lab 0's tests; see the header. */
#include "labs/lab0/judge/plan.h"

const char *use_name(u32 use)
{
	static const char *const name[] = {"FRAME_HOLE", "FRAME_FREE", "FRAME_HOST",
					   "FRAME_GUEST", "FRAME_SHADOW"};

	return use < ARRAY_LEN(name) ? name[use] : text("use %u", use);
}

void plan_start(struct plan *p, u32 least, u32 most)
{
	*p = (struct plan){.count = least + roll(most - least)};
	p->low = p->count / 4 + roll(p->count / 2);
	p->table = table_of(p->count);
	for (u32 m = 0; m < p->count; m++) /* what stood there before means nothing */
		p->table[m] = (struct frame){roll32(), roll32(), 7, (u8)roll(5), 0};
	start_frames(p->count, p->low);
}

void plan_add(struct plan *p, u32 first, u32 count)
{
	for (u32 m = max_u32(first, 1); m < first + count && m < p->count; m++) {
		p->memory[m] = true;
		p->memory_pages[plan_zone(p, m)]++;
	}
	frame_add(mpn(first), count);
}

/* One region in each twelfth of the machine: a quarter of it or more is in each zone. */
void plan_fill(struct plan *p)
{
	u32 order[PLAN_REGIONS], part = p->count / PLAN_REGIONS;

	for (u32 i = 0; i < PLAN_REGIONS; i++)
		order[i] = i;
	for (u32 left = PLAN_REGIONS; left > 0; left--) {
		u32 i = roll(left);

		plan_add(p, order[i] * part + roll(part / 2), 1 + roll(part / 2));
		order[i] = order[left - 1];
	}
}

void plan_check(const struct plan *p)
{
	for (u32 m = 0; m < p->count; m++) {
		u32 use = p->memory[m] ? FRAME_FREE : FRAME_HOLE;

		MUST(p->table[m].use == use,
		     text("MPN 0x%x of %u, after %s", m, p->count, judge_done()),
		     use_name(use), use_name(p->table[m].use));
	}
}

struct wish wish_roll(void)
{
	return (struct wish){.use = (enum frame_use)(FRAME_HOST + roll(3)),
			     .owner = 1 + roll(16),
			     .index = roll32()};
}

u32 plan_alloc(struct plan *p, enum frame_zone zone, struct wish w)
{
	mpn_t m = mpn(0);

	MUST(frame_alloc(zone, w.use, w.owner, w.index, &m), judge_done(),
	     "true: there is one", "false");
	MUST(m.n > 0 && m.n < p->count, judge_done(),
	     text("an MPN from 1 to 0x%x", p->count - 1), text("MPN 0x%x", m.n));
	MUST(p->memory[m.n], judge_done(), "a frame that is free",
	     text("MPN 0x%x, which is a hole or was given out before", m.n));
	p->memory[m.n] = false;
	p->memory_pages[plan_zone(p, m.n)]--;
	return m.n;
}
