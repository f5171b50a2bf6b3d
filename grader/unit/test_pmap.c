/*
 * The pmap: its bounds, a PC's hole, frames that come zeroed and go exactly once, pins.
 */
#include "grader/unit/core_model.h"
#include "kernel/frame.h"
#include "kernel/kmap.h"

TestSuite(pmap, .init = core_init, .fini = core_done, .timeout = 20);

enum { UNTOUCHED = 0x180 };

static enum pmap_state state(u32 p)
{
	mpn_t m = mpn(0xabcde);

	return pmap_lookup(vm, ppn(p), &m);
}

Test(pmap, trap25_nothing_beyond_memory)
{
	static const u32 beyond[] = {CORE_PAGES, CORE_PAGES + 1, 0x100000,
				     0x7fffffff, 0x80000000,	 0xffffffff};
	mpn_t m;

	for (u32 i = 0; i < ARRAY_LEN(beyond); i++) {
		cr_assert_eq(state(beyond[i]), PMAP_ABSENT, "0x%x", beyond[i]);
		cr_assert_not(pmap_back(vm, ppn(beyond[i]), &m));
		cr_assert_not(pmap_writable(vm, ppn(beyond[i]), &m));
		cr_assert_not(pmap_pin(vm, ppn(beyond[i]), true, &m));
	}
}

Test(pmap, the_last_page_is_memory)
{
	mpn_t m;

	cr_assert_eq(state(CORE_PAGES - 1), PMAP_UNBACKED);
	cr_assert(pmap_back(vm, ppn(CORE_PAGES - 1), &m));
	cr_assert_eq(state(CORE_PAGES - 1), PMAP_PRIVATE);
}

/* 640 KiB to 1 MiB belongs to devices, but for the text screen's 32 KiB. */
Test(pmap, the_hole_of_a_pc)
{
	for (u32 p = 0x90; p < 0x110; p++) {
		bool hole = p >= 0xa0 && p < 0x100, text = p >= 0xb8 && p < 0xc0;
		mpn_t m;

		cr_assert_eq(state(p), hole && !text ? PMAP_DEVICE : PMAP_UNBACKED,
			     "page 0x%x", p);
		cr_assert_eq(pmap_back(vm, ppn(p), &m), !hole || text, "page 0x%x", p);
		cr_assert_eq(pmap_writable(vm, ppn(p), &m), !hole || text);
	}
}

Test(pmap, looking_changes_nothing)
{
	u32 free = frame_free_count(ZONE_ANY), backed = vm->pmap.backed;

	for (u32 p = 0; p < CORE_PAGES; p++)
		state(p);
	cr_assert_eq(frame_free_count(ZONE_ANY), free);
	cr_assert_eq(vm->pmap.backed, backed);
	cr_assert_eq(state(UNTOUCHED), PMAP_UNBACKED);
}

Test(pmap, a_page_keeps_its_frame)
{
	mpn_t first, again = mpn(0), looked = mpn(0);

	cr_assert(pmap_back(vm, ppn(UNTOUCHED), &first));
	cr_assert(pmap_back(vm, ppn(UNTOUCHED), &again));
	cr_assert_eq(pmap_lookup(vm, ppn(UNTOUCHED), &looked), PMAP_PRIVATE);
	cr_assert(first.n == again.n && first.n == looked.n);
}

Test(pmap, every_page_has_a_frame_of_its_own)
{
	static bool taken[MACHINE_PAGES];
	u32 before = vm->pmap.backed;

	for (u32 p = UNTOUCHED; p < CORE_PAGES; p++) {
		mpn_t m;

		cr_assert(pmap_back(vm, ppn(p), &m));
		cr_assert_not(taken[m.n], "frame 0x%x twice", m.n);
		taken[m.n] = true;
		cr_assert_eq(frame_get(m)->use, FRAME_GUEST);
		cr_assert_eq(frame_get(m)->owner, 1);
		cr_assert_eq(frame_get(m)->index, p);
	}
	cr_assert_eq(vm->pmap.backed, before + CORE_PAGES - UNTOUCHED);
}

/* Who had the frame before wrote all over it. */
Test(pmap, trap33_a_fresh_page_is_zero)
{
	mpn_t dirty, m;
	u32 n = 0;

	while (n < 64 && frame_alloc(ZONE_HIGH, FRAME_HOST, 0, n, &dirty)) {
		void *page = kmap(dirty);

		memset(page, 0xe7, PAGE_SIZE);
		kunmap(page);
		frame_free(dirty);
		n++;
	}
	for (u32 p = UNTOUCHED; p < UNTOUCHED + 64; p++) {
		const u8 *page;

		cr_assert(pmap_back(vm, ppn(p), &m));
		page = kmap(m);
		for (u32 i = 0; i < PAGE_SIZE; i++)
			cr_assert_eq(page[i], 0, "page 0x%x byte %u", p, i);
		kunmap(page);
	}
}

Test(pmap, vms_share_no_frame)
{
	mpn_t mine, theirs;

	cr_assert(core_build(other));
	for (u32 p = UNTOUCHED; p < UNTOUCHED + 100; p++) {
		cr_assert(pmap_back(vm, ppn(p), &mine));
		cr_assert(pmap_back(other, ppn(p), &theirs));
		cr_assert_neq(mine.n, theirs.n);
		cr_assert_eq(frame_get(theirs)->owner, 2);
	}
	core_destroy(other);
	cr_assert_eq(frame_use_count(FRAME_GUEST, 2), 0u);
	cr_assert_eq(frame_use_count(FRAME_GUEST, 1), vm->pmap.backed);
}

Test(pmap, destroying_gives_back_each_frame_once)
{
	u32 free = frame_free_count(ZONE_ANY);
	mpn_t m;

	cr_assert(core_build(other));
	for (u32 p = 0; p < CORE_PAGES; p += 3)
		pmap_back(other, ppn(p), &m);
	cr_assert_lt(frame_free_count(ZONE_ANY), free);
	core_destroy(other);
	cr_assert_eq(frame_free_count(ZONE_ANY), free);
	core_destroy(other); /* of what is not there: nothing */
	cr_assert_eq(frame_free_count(ZONE_ANY), free);
}

Test(pmap, a_table_that_does_not_fit)
{
	core.heap_left = 0;
	cr_assert_not(pmap_create(other, CORE_PAGES));
	pmap_destroy(other);
	core.heap_left = ~0u;
}

Test(pmap, out_of_machine_memory_kills_the_vm_alone)
{
	mpn_t m;
	u32 n = 0;

	while (frame_alloc(ZONE_ANY, FRAME_HOST, 0, 0, &m))
		n++;
	EXPECT_DEATH("no machine memory left", pmap_back(vm, ppn(UNTOUCHED), &m));
	cr_assert_eq(state(UNTOUCHED), PMAP_UNBACKED);
	for (u32 i = 16; i < MACHINE_PAGES; i++)
		if (frame_get(mpn(i))->use == FRAME_HOST)
			frame_free(mpn(i));
}

Test(pmap, the_smallest_vm)
{
	mpn_t m;

	other->mem_pages = 1;
	cr_assert(core_build(other));
	cr_assert(pmap_back(other, ppn(0), &m));
	cr_assert_not(pmap_back(other, ppn(1), &m));
	core_destroy(other);
}

/* --- pins ------------------------------------------------------------------------------- */

Test(pmap, pins_up_to_255_deep)
{
	mpn_t m;

	for (u32 i = 0; i < 255; i++)
		cr_assert(pmap_pin(vm, ppn(UNTOUCHED), i & 1, &m), "pin %u", i);
	cr_assert_not(pmap_pin(vm, ppn(UNTOUCHED), true, &m), "the 256th");
	cr_assert_not(pmap_pin(vm, ppn(UNTOUCHED), false, &m));
	pmap_unpin(vm, ppn(UNTOUCHED));
	cr_assert(pmap_pin(vm, ppn(UNTOUCHED), false, &m));
	for (u32 i = 0; i < 255; i++)
		pmap_unpin(vm, ppn(UNTOUCHED));
}

Test(pmap, a_pin_backs_the_page_and_names_its_frame)
{
	mpn_t pinned, m;

	cr_assert(pmap_pin(vm, ppn(UNTOUCHED), false, &pinned));
	cr_assert_eq(pmap_lookup(vm, ppn(UNTOUCHED), &m), PMAP_PRIVATE);
	cr_assert_eq(m.n, pinned.n);
	pmap_unpin(vm, ppn(UNTOUCHED));
}

Test(pmap, a_device_page_cannot_be_pinned)
{
	mpn_t m;

	cr_assert_not(pmap_pin(vm, ppn(0xa0), true, &m));
	cr_assert_not(pmap_pin(vm, ppn(0xff), false, &m));
}

Test(pmap, trap31_a_pin_for_writing_ends_the_traces_of_the_page)
{
	mpn_t m;

	cr_assert(trace_get(vm, ppn(GDT_AT >> PAGE_SHIFT)) & TRACE_GDT);
	cr_assert(pmap_pin(vm, ppn(GDT_AT >> PAGE_SHIFT), false, &m));
	cr_assert(trace_get(vm, ppn(GDT_AT >> PAGE_SHIFT)) & TRACE_GDT);
	cr_assert(pmap_pin(vm, ppn(GDT_AT >> PAGE_SHIFT), true, &m));
	cr_assert_eq(trace_get(vm, ppn(GDT_AT >> PAGE_SHIFT)), 0u);
	pmap_unpin(vm, ppn(GDT_AT >> PAGE_SHIFT));
	pmap_unpin(vm, ppn(GDT_AT >> PAGE_SHIFT));
}

Test(pmap, unpinning_what_is_not_pinned_is_our_bug, .signal = SIGABRT)
{
	pmap_unpin(vm, ppn(UNTOUCHED));
}

Test(pmap, unpinning_beyond_memory_is_our_bug, .signal = SIGABRT)
{
	pmap_unpin(vm, ppn(0xffffffff));
}

Test(pmap, destroying_pinned_memory_is_our_bug, .signal = SIGABRT)
{
	mpn_t m;

	cr_assert(pmap_pin(vm, ppn(UNTOUCHED), true, &m));
	pmap_destroy(vm);
}
