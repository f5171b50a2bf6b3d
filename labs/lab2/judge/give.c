/*
 * Exercise 3: the host takes a page that the guest offers. In what order it does so is seen
 * at the moment when the frame is given back.
 */
#include "labs/lab2/judge/squeezed.h"

static u32 free_frames(void)
{
	u32 n = 0;

	for (u32 m = 0; m < ALL_PAGES; m++)
		n += arena->frames[m].use == FRAME_FREE;
	return n;
}

JUDGED(give, accept)
{
	u32 free, n = 20 + roll(20);

	start_squeezed();
	free = free_frames();
	for (u32 i = 0; i < n; i++)
		must_answer(give_page(squeezed[i]), BALLOON_OK);
	for (u32 i = 0; i < n; i++)
		must_be_state(squeezed[i], PMAP_BALLOONED);
	check_accounts();
	MUST(free_frames() == free + n, judge_done(),
	     text("%u frames more are free", n),
	     text("%d", (int)(free_frames() - free)));
	MUST(vm->balloon.contacts == n, judge_done(), text("contacts %u", n),
	     text("%u", vm->balloon.contacts));
	audit();
}

/* Who could reach the frame when it became free: nobody. */
static void check_freed(u32 p)
{
	const struct freed *f = &mem->freed[(mem->frees - 1) % FREED_MAX];
	const char *where = text("frame_free of MPN 0x%x, PPN 0x%x", f->mpn, f->ppn);

	MUST(mem->frees && f->ppn == p, judge_done(), "its frame is freed",
	     "another one, or none");
	MUST(!f->mapped, where, "no shadow maps it any more", "some still do");
	MUST(!f->in_tlb, where, "the TLB has forgotten it", "it is still in there");
	MUST(!f->in_pmap, where, "the pmap has it no more", "it is still private");
}

JUDGED(give, order)
{
	start_squeezed();
	mem->watch_tlb = true;
	for (u32 i = 0; i < 6; i++) {
		touch_squeezed(i);
		must_answer(give_page(squeezed[i]), BALLOON_OK);
		check_freed(squeezed[i]);
		audit();
	}
}

/* Whoever traces a page is told before it goes. */
JUDGED(give, traced)
{
	u32 table;

	start_squeezed();
	trace_set(vm, ppn(squeezed[0]), TRACE_PATCH);
	must_answer(give_page(squeezed[0]), BALLOON_OK);
	MUST(arena->calls.patch_overwritten == 1 && !vm->traces.flags[squeezed[0]],
	     judge_done(), "the owner of the patches is told: trace_gone()",
	     "the trace is still there");
	trace_set(vm, ppn(squeezed[1]), TRACE_GDT);
	must_answer(give_page(squeezed[1]), BALLOON_OK);
	MUST(arena->calls.segs_untrace == 1, judge_done(),
	     "the owner of the GDT is told: trace_gone()", "he is not");
	touch_squeezed(2);
	table = pte_at(page_directory(), squeezed_va(2, 0)) >> PAGE_SHIFT;
	must_answer(give_page(table), BALLOON_OK);
	MUST(!vm->traces.flags[table], text("PPN 0x%x, a page table in use", table),
	     "no shadow of it is left", text("traces 0x%x", vm->traces.flags[table]));
}

static void must_change_nothing(u32 p, u32 answer)
{
	struct pmap before = vm->pmap;
	u32 free = free_frames(), refused = vm->balloon.refused, a = answer;

	MUST(a == (u32)BALLOON_REFUSED, judge_done(), "BALLOON_REFUSED",
	     answer_text(a));
	MUST(vm->pmap.backed == before.backed &&
		     vm->pmap.ballooned == before.ballooned && free_frames() == free,
	     text("PPN 0x%x", p), "nothing has changed", "something has");
	MUST(refused == vm->balloon.refused, judge_done(), "one refusal", "none");
}

JUDGED(give, refuse)
{
	static const u32 far[] = {0xa0, 0xff, 0x100000, 0x80000000, 0xffffffff};
	u32 refused, p;

	start_squeezed();
	must_answer(give_page(squeezed[0]), BALLOON_OK);
	must_change_nothing(squeezed[0], give_page(squeezed[0]));
	must_change_nothing(vm->mem_pages, give_page(vm->mem_pages));
	p = vm->mem_pages + roll(100000);
	must_change_nothing(p, give_page(p));
	for (u32 i = 0; i < ARRAY_LEN(far); i++)
		must_change_nothing(far[i], give_page(far[i]));
	vm->pmap.entry[squeezed[1]].pins = 1;
	must_change_nothing(squeezed[1], give_page(squeezed[1]));
	must_be_state(squeezed[1], PMAP_PRIVATE);
	refused = vm->balloon.refused;
	MUST(refused == 4 + ARRAY_LEN(far), "balloon.refused",
	     text("%zu", 4 + ARRAY_LEN(far)), text("%u", refused));
	vm->pmap.entry[squeezed[1]].pins = 0;
	must_answer(give_page(squeezed[1]), BALLOON_OK);
	vm->balloon.started = false;
	must_answer(give_page(squeezed[2]), BALLOON_RESET);
	must_be_state(squeezed[2], PMAP_PRIVATE);
	check_accounts();
}

/* It has no frame yet; it counts all the same. */
JUDGED(give, unbacked)
{
	u32 p, backed, frees;

	start_squeezed();
	backed = vm->pmap.backed;
	frees = mem->frees;
	do
		p = 0x100 + roll(vm->mem_pages - 0x100);
	while (state_of(p) != PMAP_UNBACKED);
	must_answer(give_page(p), BALLOON_OK);
	must_be_state(p, PMAP_BALLOONED);
	MUST(vm->pmap.backed == backed && mem->frees == frees, judge_done(),
	     "no frame is freed: it had none", "one was");
	check_accounts();
}

JUDGED(give, taken_back)
{
	start_squeezed();
	for (u32 i = 0; i < 20; i++)
		must_answer(give_page(squeezed[i]), BALLOON_OK);
	for (u32 i = 0; i < 10; i++) {
		must_answer(take_page(squeezed[i]), BALLOON_OK);
		must_be_state(squeezed[i], PMAP_UNBACKED);
		must_change_nothing(squeezed[i], take_page(squeezed[i]));
	}
	must_change_nothing(squeezed[30], take_page(squeezed[30]));
	must_change_nothing(vm->mem_pages, take_page(vm->mem_pages));
	must_be_state(squeezed[30], PMAP_PRIVATE);
	check_accounts();
	for (u32 i = 0; i < 10; i++)
		MUST(load_at(squeezed_va(i, 0)) == 0, judge_done(), "a page of zeroes",
		     "something else");
	check_accounts();
}
