/*
 * A machine for lab 0's tests: how many frames, where low memory ends, what is memory and
 * what is a hole. All of it is rolled anew for each seed. The judge keeps its own book of
 * it, and compares.
 */
#ifndef LABS_LAB0_JUDGE_PLAN_H
#define LABS_LAB0_JUDGE_PLAN_H

#include "grader/judge/frames.h"

enum { PLAN_REGIONS = 12 };

struct plan {
	u32 count, low;
	struct frame *table;
	bool memory[MACHINE_PAGES]; /* given to the allocator; never frame 0 */
	u32 memory_pages[ZONES];
};

/* Rolls a size, and starts the allocator with that many holes. */
void plan_start(struct plan *p, u32 least, u32 most);

/* frame_add, and the entry in the book. */
void plan_add(struct plan *p, u32 first, u32 count);

/* Some regions with holes between them, in any order; memory in both zones. */
void plan_fill(struct plan *p);

/* The table is as the book has it: free or hole, nothing else. */
void plan_check(const struct plan *p);

static inline enum frame_zone plan_zone(const struct plan *p, u32 m)
{
	return m < p->low ? ZONE_LOW : ZONE_HIGH;
}

const char *use_name(u32 use);

/* frame_alloc for the VM 1..16, the page and the use that are rolled. */
struct wish {
	enum frame_use use;
	u32 owner, index;
};
struct wish wish_roll(void);

/* It must succeed: a frame that is free by the book. */
u32 plan_alloc(struct plan *p, enum frame_zone zone, struct wish w);

#endif
