/*
 * The balloon, on the whole core: real pmap, traces, shadows in both forms. What a guest
 * may say (TRAPS 28), how a frame goes (26, 27), what a touch does (29).
 */
#define SUITE balloon
#include "grader/unit/tables.h"
#include "kernel/frame.h"
#include "vmm/auditing.h"
#include "vmm/inject.h"
#include "vmm/patch.h"

FORMS_SUITES(init_vtlb, init_cached);

enum { AD = PTE_A | PTE_D, CANARY = 0xca9a91e5, BOUND = 600 };

static ppn_t page_at(u32 gpa)
{
	return ppn(gpa >> PAGE_SHIFT);
}

static enum pmap_state state(u32 gpa)
{
	mpn_t m;

	return pmap_lookup(vm, page_at(gpa), &m);
}

static enum balloon_answer give(u32 gpa)
{
	return balloon_inflate(vm, page_at(gpa));
}

static void expect_clean(void)
{
	struct audit a;

	cr_assert(audit_find(vm, &a), "[%s] %s", a.rule, a.text);
}

static void started(void)
{
	cr_assert_eq(balloon_start(vm, BOUND), BALLOON_OK);
}

/* --- inflating --------------------------------------------------------------------------- */

BOTH_FORMS(inflating_frees_the_frame)
{
	u32 free, backed = vm->pmap.backed;

	started();
	free = frame_free_count(ZONE_ANY);
	cr_assert_eq(give(PAGE_A), BALLOON_OK);
	cr_assert_eq(state(PAGE_A), PMAP_BALLOONED);
	cr_assert_eq(frame_free_count(ZONE_ANY), free + 1);
	cr_assert_eq(vm->pmap.backed, backed - 1);
	cr_assert_eq(vm->pmap.ballooned, 1u);
	expect_clean();
}

BOTH_FORMS(a_page_that_never_had_a_frame_counts_too)
{
	u32 backed = vm->pmap.backed;

	started();
	cr_assert_eq(state(0x300000), PMAP_UNBACKED);
	cr_assert_eq(give(0x300000), BALLOON_OK);
	cr_assert_eq(state(0x300000), PMAP_BALLOONED);
	cr_assert_eq(vm->pmap.backed, backed);
	cr_assert_eq(vm->pmap.ballooned, 1u);
}

/* Mapped at three addresses and in both views: none is left when the frame is free. */
BOTH_FORMS(trap26_every_mapping_goes_before_the_frame)
{
	map(AT, PAGE_A, RWU | AD);
	map(AT + PAGE_SIZE, PAGE_A, RWU | AD);
	guest_store(PAGE_A, 1);
	guest_load(AT + PAGE_SIZE);
	mode_switch(vm, VMODE_USER);
	mode_load_view(vm, VMODE_USER);
	guest_store(AT, 2);
	started();
	fake_cpu.flushes = 0;
	cr_assert_eq(give(PAGE_A), BALLOON_OK);
	for (unsigned view = 0; view < 2; view++)
		for (u32 a = 0; a < 2; a++)
			cr_assert_not(mmu(view, AT + a * PAGE_SIZE).present);
	cr_assert_not(mmu(VMODE_KERNEL, PAGE_A).present);
	cr_assert_gt(fake_cpu.flushes, 0u, "the TLB still has it");
	expect_clean();
}

/* What one guest wrote is never seen by the next owner of the frame, nor by itself. */
BOTH_FORMS(trap27_canary_of_the_old_owner)
{
	mpn_t m, theirs;
	u32 was;

	guest_store(PAGE_A, CANARY);
	was = mpn_of(PAGE_A);
	started();
	cr_assert_eq(give(PAGE_A), BALLOON_OK);
	cr_assert(core_build(other));
	cr_assert(pmap_back(other, ppn(5), &theirs));
	cr_assert_eq(theirs.n, was, "the test is about the same frame");
	for (u32 i = 0; i < PAGE_WORDS; i++)
		cr_assert_eq(((u32 *)core_page(was))[i], 0u);
	memset(core_page(was), 0x77, PAGE_SIZE);
	cr_assert_eq(guest_load(PAGE_A), 0u);
	cr_assert(pmap_back(vm, page_at(PAGE_A), &m));
	cr_assert_neq(m.n, was);
	core_destroy(other);
}

/* --- what must be refused ------------------------------------------------------------------ */

BOTH_FORMS(trap28_beyond_memory)
{
	static const u32 beyond[] = {CORE_PAGES, CORE_PAGES + 1, 0xffffff, 0x80000000,
				     0xffffffff};
	u32 free = frame_free_count(ZONE_ANY);

	started();
	for (u32 i = 0; i < ARRAY_LEN(beyond); i++) {
		cr_assert_eq(balloon_inflate(vm, ppn(beyond[i])), BALLOON_REFUSED);
		cr_assert_eq(balloon_deflate(vm, ppn(beyond[i])), BALLOON_REFUSED);
	}
	cr_assert_eq(balloon_inflate(vm, ppn(0xa0)), BALLOON_REFUSED, "a device");
	cr_assert_eq(balloon_inflate(vm, ppn(CORE_PAGES - 1)), BALLOON_OK);
	cr_assert_eq(frame_free_count(ZONE_ANY), free);
	cr_assert_eq(vm->pmap.ballooned, 1u);
	cr_assert(happened("balloon.refuse vm=1 ppn=0x400 why=not-memory"));
}

BOTH_FORMS(trap28_the_same_page_twice)
{
	u32 free;

	started();
	cr_assert_eq(give(PAGE_A), BALLOON_OK);
	free = frame_free_count(ZONE_ANY);
	cr_assert_eq(give(PAGE_A), BALLOON_REFUSED);
	cr_assert_eq(frame_free_count(ZONE_ANY), free);
	cr_assert_eq(balloon_deflate(vm, page_at(PAGE_A)), BALLOON_OK);
	cr_assert_eq(balloon_deflate(vm, page_at(PAGE_A)), BALLOON_REFUSED);
	cr_assert_eq(state(PAGE_A), PMAP_UNBACKED);
	cr_assert_eq(vm->pmap.ballooned, 0u);
	expect_clean();
}

BOTH_FORMS(trap28_under_dma)
{
	mpn_t m;

	started();
	cr_assert(pmap_pin(vm, page_at(PAGE_A), true, &m));
	cr_assert_eq(give(PAGE_A), BALLOON_REFUSED);
	cr_assert_eq(state(PAGE_A), PMAP_PRIVATE);
	pmap_unpin(vm, page_at(PAGE_A));
	cr_assert_eq(give(PAGE_A), BALLOON_OK);
}

BOTH_FORMS(trap28_a_page_of_the_guest_own)
{
	cr_assert_eq(balloon_inflate(vm, page_at(PAGE_A)), BALLOON_RESET,
		     "there is no driver");
	started();
	cr_assert_eq(balloon_deflate(vm, page_at(PAGE_A)), BALLOON_REFUSED);
	cr_assert_eq(peek(PAGE_A), 0xaaaau, "nothing was changed");
}

BOTH_FORMS(refusals_fill_no_log)
{
	started();
	for (u32 i = 0; i < 1000; i++) {
		cr_assert_eq(balloon_inflate(vm, ppn(0xfffff)), BALLOON_REFUSED);
		if (i == BALLOON_REFUSALS_SAID)
			core.events[0] = '\0';
	}
	cr_assert_not(happened("balloon.refuse"));
	cr_assert_eq(vm->balloon.refused, 1000u);
}

/* --- what hurts only the guest --------------------------------------------------------------- */

/* A virtual TLB keeps what the guest has not flushed, as a real one does. */
static void expect_gone(u32 at)
{
	if (vm->shadow.form->wide)
		cr_assert_not(mmu(VMODE_KERNEL, at).present, "made from it, and left");
	else
		flush(at);
}

/* Its table is gone as if zeroed: an access is a true fault, and the page stays apart. */
BOTH_FORMS(trap28_a_page_table_in_use)
{
	u32 value = 0;

	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	guest_store(AT, 7);
	started();
	cr_assert_eq(give(TABLE), BALLOON_OK);
	expect_gone(AT);
	expect_clean();
	cr_assert_not(guest_access(AT, &value, ACC_READ), "mapped by nothing");
	cr_assert(vm->balloon.reset_due);
	set_pte(TABLE, 0, PAGE_B | RWU);
	flush(AT);
	cr_assert_eq(guest_load(AT), 0xbbbbu, "the new table is in force");
	expect_clean();
}

/* The same while it is written freely, and after that as a directory in CR3. */
BOTH_FORMS(trap28_a_loose_table)
{
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	guest_load(AT);
	set_pte(TABLE, 1, PAGE_B | RWU);
	started();
	cr_assert_eq(give(TABLE), BALLOON_OK);
	expect_gone(AT);
	expect_clean();
	set_pte(TABLE, 0, PAGE_C | RWU);
	load_cr3(DIR_AT);
	mode_load_view(vm, VMODE_KERNEL);
	cr_assert_eq(guest_load(AT), 0xccccu);
	expect_clean();
}

BOTH_FORMS(trap28_the_directory_in_cr3)
{
	u32 value = 0;

	guest_load(PAGE_A);
	started();
	cr_assert_eq(give(DIR_AT), BALLOON_OK);
	expect_clean();
	expect_gone(PAGE_A);
	cr_assert_not(guest_access(PAGE_A, &value, ACC_READ));
	expect_clean();
}

/* An interrupt then finds no gate, no stack: that is the guest's double or triple fault. */
BOTH_FORMS(trap28_gdt_idt_tss_and_stack)
{
	static const u32 places[] = {KSTACK - PAGE_SIZE, TSS_AT, IDT_AT, GDT_AT};

	started();
	for (u32 i = 0; i < ARRAY_LEN(places); i++) {
		cr_assert_eq(give(places[i]), BALLOON_OK, "0x%x", places[i]);
		cr_assert_eq(state(places[i]), PMAP_BALLOONED);
		inject_interrupt(vm, 0x20);
		expect_clean();
		if (vm->balloon.reset_due)
			started();
	}
	cr_assert_gt(core.resets, 0u);
}

/* The patch goes, and with it the trace: what is patched later is the guest's own. */
BOTH_FORMS(trap28_a_patched_page)
{
	static const char table[] = "00050010 9c pushf\n";

	poke_byte(PAGE_A + 0x10, 0x9c);
	cr_assert(patch_apply(vm, table, sizeof table - 1));
	cr_assert_eq(peek_byte(PAGE_A + 0x10), 0xf4);
	started();
	cr_assert_eq(give(PAGE_A), BALLOON_OK);
	cr_assert_eq(trace_get(vm, page_at(PAGE_A)), 0u);
	cr_assert_null(patch_at(vm, gpa(PAGE_A + 0x10)));
	cr_assert_eq(peek_byte(PAGE_A + 0x10), 0);
	expect_clean();
}

/* --- the touch ----------------------------------------------------------------------------- */

BOTH_FORMS(trap29_a_touch_pops_a_zero_page)
{
	started();
	cr_assert_eq(give(PAGE_A), BALLOON_OK);
	cr_assert_eq(give(PAGE_B), BALLOON_OK);
	cr_assert_eq(guest_load(PAGE_A), 0u);
	cr_assert_eq(state(PAGE_A), PMAP_PRIVATE);
	cr_assert_eq(state(PAGE_B), PMAP_BALLOONED, "only the page that is touched");
	cr_assert_eq(vm->balloon.pops, 1u);
	cr_assert(happened("balloon.pop vm=1 ppn=0x50"));
	expect_clean();
}

/* Whatever the driver says next: nothing is done, and it must start anew. */
BOTH_FORMS(trap29_the_driver_resets_at_its_next_contact)
{
	u32 pages = 77;

	started();
	give(PAGE_A);
	give(PAGE_B);
	guest_store(PAGE_A, 1);
	cr_assert_eq(give(PAGE_C), BALLOON_RESET);
	cr_assert_eq(state(PAGE_C), PMAP_PRIVATE);
	cr_assert_eq(balloon_deflate(vm, page_at(PAGE_B)), BALLOON_RESET);
	cr_assert_eq(balloon_poll(vm, &pages), BALLOON_RESET);
	cr_assert_eq(pages, 77u);
	cr_assert_eq(vm->pmap.ballooned, 1u);
	started();
	cr_assert_eq(vm->pmap.ballooned, 0u);
	cr_assert_eq(state(PAGE_B), PMAP_UNBACKED);
	cr_assert_eq(give(PAGE_C), BALLOON_OK);
	expect_clean();
}

/* TRAPS 32: a device reads zeroes from a page that was given away, and writes to a new one. */
BOTH_FORMS(trap32_dma_pops_too)
{
	mpn_t m;

	started();
	give(PAGE_A);
	cr_assert(pmap_pin(vm, page_at(PAGE_A), false, &m));
	for (u32 i = 0; i < PAGE_WORDS; i++)
		cr_assert_eq(((u32 *)core_page(m.n))[i], 0u);
	cr_assert(vm->balloon.reset_due);
	pmap_unpin(vm, page_at(PAGE_A));
}

/* The emulator's and the walker's own reads and writes are touches like any other. */
BOTH_FORMS(trap29_our_own_touches_count)
{
	u32 word = 1;

	started();
	give(PAGE_A);
	gpa_write(vm, gpa(PAGE_A), &word, sizeof word);
	cr_assert_eq(peek(PAGE_A), 1u);
	cr_assert(vm->balloon.reset_due);
	started();
	give(PAGE_A);
	gpa_read(vm, gpa(PAGE_A), &word, sizeof word);
	cr_assert_eq(word, 0u);
	cr_assert(vm->balloon.reset_due);
}

/* --- the driver ---------------------------------------------------------------------------- */

BOTH_FORMS(the_target_stays_within_the_bound)
{
	u32 pages;

	cr_assert_eq(balloon_poll(vm, &pages), BALLOON_RESET, "no driver yet");
	started();
	balloon_aim(vm, 400);
	cr_assert_eq(balloon_poll(vm, &pages), BALLOON_OK);
	cr_assert_eq(pages, 400u);
	balloon_aim(vm, 900);
	cr_assert_eq(balloon_poll(vm, &pages), BALLOON_OK);
	cr_assert_eq(pages, (u32)BOUND);
	cr_assert_eq(balloon_start(vm, ~0u), BALLOON_OK);
	cr_assert_eq(vm->balloon.bound, (u32)CORE_PAGES, "a bound that makes no sense");
}

/* One that dies in the middle and comes back, or another in its place. */
BOTH_FORMS(a_driver_that_stops_and_starts_anew)
{
	started();
	for (u32 i = 0; i < 100; i++)
		cr_assert_eq(balloon_inflate(vm, ppn(0x200 + i)), BALLOON_OK);
	started();
	cr_assert_eq(vm->pmap.ballooned, 0u);
	for (u32 i = 0; i < 100; i++)
		cr_assert_eq(balloon_inflate(vm, ppn(0x200 + i)), BALLOON_OK);
	cr_assert_eq(vm->pmap.ballooned, 100u);
	expect_clean();
}

/* A guest that restarts finds no balloon, but the host's wish is the same. */
BOTH_FORMS(a_new_life_has_an_empty_balloon)
{
	u32 pages;

	started();
	balloon_aim(vm, 50);
	give(PAGE_A);
	core_destroy(vm);
	cr_assert(core_build(vm));
	balloon_init(vm);
	cr_assert_eq(vm->pmap.ballooned, 0u);
	cr_assert_eq(balloon_poll(vm, &pages), BALLOON_RESET);
	started();
	cr_assert_eq(balloon_poll(vm, &pages), BALLOON_OK);
	cr_assert_eq(pages, 50u);
}

/* Everything at random; the books are right at each step. */
BOTH_FORMS(a_lying_driver_at_random)
{
	u32 x = 12345, total = MACHINE_PAGES - 16;

	started();
	for (u32 i = 0; i < 4000; i++) {
		ppn_t p;

		x = x * 1664525 + 1013904223;
		p = ppn(0x200 + (x >> 20) % 0x220); /* some beyond memory */
		switch (x >> 8 & 7) {
		case 0:
			balloon_deflate(vm, p);
			break;
		case 1:
			if (p.n < CORE_PAGES)
				gpa_write(vm, ppn_addr(p), &x, sizeof x);
			break;
		case 2:
			if (i % 16 == 0)
				started();
			break;
		default:
			balloon_inflate(vm, p);
			break;
		}
		cr_assert_eq(frame_use_count(FRAME_GUEST, 1), vm->pmap.backed);
		cr_assert_leq(frame_free_count(ZONE_ANY), total);
	}
	expect_clean();
}
