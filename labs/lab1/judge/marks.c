/*
 * Exercise 6: A and D in the guest's own tables, exactly as the CPU would have left them.
 * access_at compares them after each access.
 */
#include "labs/lab1/judge/space.h"

static struct space s;

static void start(u32 (*bits)(void))
{
	done = 6;
	space_start(&s);
	space_fill(&s, bits);
}

/* Reading marks the page as accessed, and not as dirty. */
JUDGED(marks, read)
{
	start(all_rights);
	for (u32 i = 0; i < ADDRESSES; i++) {
		access_at(space_va(&s, i), ACC_READ);
		audit();
	}
	set_mode(VMODE_USER);
	for (u32 i = 0; i < ADDRESSES; i++)
		access_at(space_va(&s, i), ACC_READ);
	audit();
}

/* The first write to a clean page must fault, or nobody would set D. */
JUDGED(marks, write)
{
	start(all_rights);
	for (u32 n = 0; n < 3 * ADDRESSES; n++) {
		access_at(space_roll(&s), n % 3 == 0 ? ACC_WRITE : ACC_READ);
		if (n % 10 == 0)
			roll_mode();
		if (n % 5 == 0)
			audit();
	}
	for (u32 i = 0; i < ADDRESSES; i++)
		access_at(space_va(&s, i), ACC_WRITE);
	audit();
}

static u32 some_marks(void)
{
	return some_rights() | (roll(2) ? PTE_A : 0) | (roll(2) ? PTE_D : 0);
}

/* What is marked stays so; what is refused is not marked. */
JUDGED(marks, kept)
{
	start(some_marks);
	space_play(&s, 300);
	vm->cpu.cr0 &= ~(u32)WP;
	flush_all();
	space_play(&s, 200);
}

/* One page under two addresses, clean under one and dirty under the other. */
JUDGED(marks, aliases)
{
	u32 page[PAGES_OF_SLOT];

	start(all_rights);
	for (u32 i = 0; i < PAGES_OF_SLOT; i++)
		page[i] = new_page();
	for (u32 i = 0; i < ADDRESSES; i++)
		put_pte(s.directory, space_va(&s, i),
			page[roll(PAGES_OF_SLOT)] | some_marks());
	space_play(&s, 400);
}
