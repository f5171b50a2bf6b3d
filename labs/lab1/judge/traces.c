/*
 * Exercise 7: pages that are not written without our hearing of it.
 */
#include "labs/lab1/judge/space.h"

static struct space s;

static void start(void)
{
	done = 7;
	space_start(&s);
}

/* --- traces of somebody else -------------------------------------------------------------- */

static void must_hear(u32 va, u32 page)
{
	u32 before = arena->calls.patch_overwritten, value = roll32();

	store_at(va, value);
	MUST(arena->calls.patch_overwritten == before + 1,
	     text("a write to GVA 0x%08x, PPN 0x%x is traced", va, page >> PAGE_SHIFT),
	     "whoever traces it is told", "nobody was told");
}

JUDGED(traces, page)
{
	u32 page[3], va;

	start();
	for (u32 i = 0; i < 3; i++)
		page[i] = new_page();
	for (u32 i = 0; i < ADDRESSES; i++)
		put_pte(s.directory, space_va(&s, i),
			page[i % 3] | RWU | (roll(2) ? AD : 0));
	for (u32 i = 0; i < ADDRESSES; i++) {
		access_at(space_va(&s, i), roll(2));
		roll_mode();
	}
	trace_set(vm, ppn(page[0] >> PAGE_SHIFT), TRACE_PATCH);
	audit();
	for (u32 i = 0; i < ADDRESSES; i += 3) {
		va = space_va(&s, i);
		must_hear(va, page[0]);
		load_at(va);
		access_at(space_va(&s, i + 1), ACC_WRITE); /* the others are as ever */
		audit();
		roll_mode();
	}
	trace_clear(vm, ppn(page[0] >> PAGE_SHIFT), TRACE_PATCH);
	space_play(&s, 60);
}

/* A trace that is there before anything is mapped; dirty pages as well. */
JUDGED(traces, before)
{
	u32 page;

	start();
	page = new_page();

	for (u32 i = 0; i < ADDRESSES; i++)
		put_pte(s.directory, space_va(&s, i),
			(roll(2) ? page : new_page()) | RWU | (roll(2) ? AD : 0));
	trace_set(vm, ppn(page >> PAGE_SHIFT), TRACE_PATCH);
	space_play(&s, 250);
	vm->cpu.cr0 &= ~(u32)WP;
	flush_all();
	space_play(&s, 100);
}
