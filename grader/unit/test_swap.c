/*
 * Swap, on the whole core and a disk that ends its writes when told: what goes, what comes
 * back, and what must never come back (TRAPS 36).
 */
#define SUITE swap
#include "grader/unit/core_disk.h"
#include "grader/unit/tables.h"
#include "kernel/frame.h"
#include "kernel/rng.h"
#include "vmm/auditing.h"
#include "vmm/slots.h"
#include "vmm/swapio.h"

enum { AD = PTE_A | PTE_D, FIRST = 0x200, PAGES = 0x100 }; /* pages that may go */

static ppn_t page_at(u32 gpa)
{
	return ppn(gpa >> PAGE_SHIFT);
}

static enum pmap_state state(ppn_t p)
{
	mpn_t m;

	return pmap_lookup(vm, p, &m);
}

static void expect_clean(void)
{
	struct audit a;

	cr_assert(audit_find(vm, &a), "[%s] %s", a.rule, a.text);
}

/* The only page that may go is the one that the test is about. */
static ppn_t chosen;

static bool choose(struct vm *v, ppn_t *p)
{
	*p = chosen;
	return swap_may_take(v, chosen);
}

static void prepare(void)
{
	memset(&core_disk, 0, sizeof core_disk);
	rng_seed(1);
	swap_victim = swap_random_victim;
	swap_share = NULL;
	for (u32 f = 0; f < SWAP_FAULTS; f++)
		swapio_break(f, 0);
	cr_assert_eq(swap_init(), (u32)DISK_SLOTS);
	for (u32 p = FIRST; p < FIRST + PAGES; p++)
		poke(p << PAGE_SHIFT, p * 7919);
}

static void begin_vtlb(void)
{
	init_vtlb();
	prepare();
}

static void begin_cached(void)
{
	init_cached();
	prepare();
}

static void end(void)
{
	core_disk_complete_all();
	swap_forget_all(vm);
	slots_destroy();
	core_done();
}

TestSuite(swap_vtlb, .init = begin_vtlb, .fini = end, .timeout = 60);
TestSuite(swap_cached, .init = begin_cached, .fini = end, .timeout = 60);

/* Sends one page, to the disk. */
static void send(u32 gpa)
{
	chosen = page_at(gpa);
	swap_victim = choose;
	cr_assert_eq(swap_out(vm, 1), 1u);
	core_disk_complete_all();
}

/* --- out and back -------------------------------------------------------------------------- */

BOTH_FORMS(a_page_goes_and_comes_back)
{
	u32 free, backed = vm->pmap.backed;

	guest_store(PAGE_A + 8, 0x1234);
	free = frame_free_count(ZONE_ANY);
	send(PAGE_A);
	cr_assert_eq(state(page_at(PAGE_A)), PMAP_SWAPPED);
	cr_assert_eq(frame_free_count(ZONE_ANY), free + 1);
	cr_assert_eq(vm->pmap.backed, backed - 1);
	cr_assert_eq(vm->pmap.swapped, 1u);
	cr_assert_eq(slots_free(), (u32)DISK_SLOTS - 1);
	expect_clean();
	cr_assert_eq(guest_load(PAGE_A), 0xaaaau);
	cr_assert_eq(guest_load(PAGE_A + 8), 0x1234u);
	cr_assert_eq(state(page_at(PAGE_A)), PMAP_PRIVATE);
	cr_assert_eq(vm->pmap.swapped, 0u);
	cr_assert_eq(slots_free(), (u32)DISK_SLOTS);
	cr_assert_eq(frame_free_count(ZONE_ANY), free);
	expect_clean();
}

BOTH_FORMS(trap26_every_mapping_goes_before_the_write)
{
	map(AT, PAGE_A, RWU | AD);
	guest_store(AT, 1);
	guest_store(PAGE_A, 2);
	chosen = page_at(PAGE_A);
	swap_victim = choose;
	cr_assert_eq(swap_out(vm, 1), 1u);
	cr_assert_not(mmu(VMODE_KERNEL, AT).present);
	cr_assert_not(mmu(VMODE_KERNEL, PAGE_A).present);
	expect_clean();
}

/* All over the place, and not in the order of the pages. */
BOTH_FORMS(victims_are_random)
{
	u32 before = 0, in_order = 0, gone = 0, low = 0;

	while (gone < 64) {
		u32 n = swap_out(vm, SWAP_BATCH);
		struct swap_batch *b = swapio_under_way(0);

		for (u32 i = 0; i < n; i++) {
			in_order += b->page[i].ppn == before + 1;
			low += b->page[i].ppn < FIRST + PAGES / 2;
			before = b->page[i].ppn;
		}
		gone += n;
		core_disk_complete_all();
	}
	cr_assert_leq(in_order, 4u, "%u of 64 follow on the one before", in_order);
	cr_assert(low > 12 && low < 60, "%u of 64 are low ones", low);
}

BOTH_FORMS(writes_go_in_one_request_to_neighbouring_slots)
{
	cr_assert_eq(swap_out(vm, 100), (u32)SWAP_BATCH);
	cr_assert_eq(core_disk.writes, 1u);
	cr_assert_eq(core_disk.most_sectors, SWAP_BATCH * DISK_SLOT_SECTORS);
	cr_assert_eq(swap_out(vm, 3), 3u);
	cr_assert_eq(core_disk.writes, 2u);
	core_disk_complete_all();
	cr_assert_eq(vm->pmap.swapped, SWAP_BATCH + 3u);
}

BOTH_FORMS(nobody_waits_for_writes)
{
	u32 free = frame_free_count(ZONE_ANY);

	for (u32 i = 0; i < SWAP_BATCHES; i++)
		cr_assert_eq(swap_out(vm, SWAP_BATCH), (u32)SWAP_BATCH);
	cr_assert_eq(swap_out(vm, SWAP_BATCH), 0u, "all batches are under way");
	cr_assert_eq(frame_free_count(ZONE_ANY), free, "no frame is free before");
	core_disk_complete();
	cr_assert_eq(frame_free_count(ZONE_ANY), free + SWAP_BATCH);
	cr_assert_eq(swap_out(vm, 1), 1u);
}

/* Pinned, traced, a page table in use: they stay, however often it is tried. */
BOTH_FORMS(some_pages_stay)
{
	mpn_t m;

	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	guest_load(AT);
	cr_assert(pmap_pin(vm, page_at(PAGE_B), true, &m));
	trace_set(vm, page_at(PAGE_C), TRACE_PATCH);
	while (swap_out(vm, SWAP_BATCH) > 0)
		core_disk_complete_all();
	cr_assert_eq(state(page_at(PAGE_B)), PMAP_PRIVATE);
	cr_assert_eq(state(page_at(PAGE_C)), PMAP_PRIVATE);
	cr_assert_eq(state(page_at(GDT_AT)), PMAP_PRIVATE);
	if (vm->shadow.form->wide) {
		cr_assert_eq(state(page_at(TABLE)), PMAP_PRIVATE);
		cr_assert_eq(state(page_at(DIR_AT)), PMAP_PRIVATE);
	}
	pmap_unpin(vm, page_at(PAGE_B));
	trace_clear(vm, page_at(PAGE_C), TRACE_PATCH);
	expect_clean();
}

/* Full: nothing goes any more, nothing is lost, and one that comes back makes room. */
BOTH_FORMS(a_full_swap_area)
{
	u32 gone = 0, n;

	while ((n = swap_out(vm, SWAP_BATCH)) > 0) {
		gone += n;
		core_disk_complete_all();
	}
	cr_assert_eq(gone, (u32)DISK_SLOTS);
	cr_assert_eq(slots_free(), 0u);
	for (u32 p = FIRST; p < FIRST + PAGES; p++)
		cr_assert_eq(peek(p << PAGE_SHIFT), p * 7919, "page 0x%x", p);
	cr_assert_gt(swap_out(vm, 1), 0u);
	expect_clean();
}

/* What was mapped again since the last sample was used. */
Test(swap_cached, pages_age_until_they_are_used)
{
	u32 used = page_at(PAGE_A).n;

	map(AT, PAGE_A, RWU | AD);
	vm->built = true;
	victim_sample(vm);
	victim_sample(vm);
	cr_assert_eq(vm->ages.of[used], vm->ages.of[FIRST]);
	guest_load(AT);
	victim_sample(vm);
	cr_assert_eq(vm->ages.of[used], 0u);
	cr_assert_gt(vm->ages.of[FIRST], 1u);
	victim_sample(vm);
	cr_assert_eq(vm->ages.of[used], 1u, "a sample drops what it saw");
	victim_forget(vm);
}

/* The age of the oldest page that may go. */
static u32 oldest_that_may_go(void)
{
	u32 age = 0;

	for (u32 p = 0; p < vm->mem_pages; p++)
		if (swap_may_take(vm, ppn(p)))
			age = max_u32(age, vm->ages.of[p]);
	return age;
}

/* A page that may never go is older than all of them, and in nobody's way. */
Test(swap_cached, the_oldest_goes_first)
{
	ppn_t p;
	mpn_t m;

	cr_assert(pmap_pin(vm, ppn(FIRST), false, &m));
	swap_victim = victim_lru;
	vm->built = true;
	victim_sample(vm);
	for (u32 p = 0; p < vm->mem_pages; p++)
		vm->ages.of[p] = (u8)rng_below(200);
	vm->ages.of[FIRST] = 255;
	vm->ages.oldest = 255;
	for (u32 n = 0; n < DISK_SLOTS / 2; n++) {
		u32 oldest = oldest_that_may_go();

		cr_assert(victim_lru(vm, &p));
		cr_assert(swap_may_take(vm, p));
		cr_assert_eq(vm->ages.of[p.n], oldest, "PPN 0x%x is %u old, not %u",
			     p.n, vm->ages.of[p.n], oldest);
		cr_assert_eq(swap_out(vm, 1), 1u);
		core_disk_complete_all();
	}
	pmap_unpin(vm, ppn(FIRST));
	victim_forget(vm);
}

/* --- on its way --------------------------------------------------------------------------- */

BOTH_FORMS(touched_on_its_way_out)
{
	u32 free = frame_free_count(ZONE_ANY), was = mpn_of(PAGE_A);

	chosen = page_at(PAGE_A);
	swap_victim = choose;
	cr_assert_eq(swap_out(vm, 1), 1u);
	guest_store(PAGE_A, 77);
	cr_assert_eq(mpn_of(PAGE_A), was, "it never left");
	cr_assert_eq(core_disk.reads, 0u);
	cr_assert_eq(vm->swap.rescued, 1u);
	cr_assert_eq(slots_free(), (u32)DISK_SLOTS - 1, "it is still written to");
	core_disk_complete_all();
	cr_assert_eq(slots_free(), (u32)DISK_SLOTS);
	cr_assert_eq(frame_free_count(ZONE_ANY), free);
	cr_assert_eq(guest_load(PAGE_A), 77u);
	expect_clean();
}

/* Rescued and sent again while the first write lasts: two slots, the later one counts. */
BOTH_FORMS(sent_twice_at_once)
{
	chosen = page_at(PAGE_A);
	swap_victim = choose;
	swap_out(vm, 1);
	guest_store(PAGE_A, 78);
	swap_out(vm, 1);
	cr_assert_eq(slots_free(), (u32)DISK_SLOTS - 2);
	core_disk_complete_all();
	cr_assert_eq(guest_load(PAGE_A), 78u);
	cr_assert_eq(slots_free(), (u32)DISK_SLOTS);
	expect_clean();
}

BOTH_FORMS(the_vm_ends_while_pages_are_on_their_way)
{
	u32 free = frame_free_count(ZONE_ANY);

	cr_assert_eq(swap_out(vm, SWAP_BATCH), (u32)SWAP_BATCH);
	swap_forget_all(vm);
	cr_assert_eq(vm->pmap.swapped, 0u);
	cr_assert_eq(frame_free_count(ZONE_ANY), free, "the disk still reads them");
	core_disk_complete_all();
	cr_assert_eq(frame_free_count(ZONE_ANY), free + SWAP_BATCH);
	cr_assert_eq(slots_free(), (u32)DISK_SLOTS);
}

/* The guest gives a swapped page away: its slot is free, and a touch finds zeroes. */
BOTH_FORMS(a_swapped_page_is_ballooned)
{
	send(PAGE_A);
	balloon_start(vm, 100);
	cr_assert_eq(balloon_inflate(vm, page_at(PAGE_A)), BALLOON_OK);
	cr_assert_eq(slots_free(), (u32)DISK_SLOTS);
	cr_assert_eq(vm->pmap.swapped, 0u);
	cr_assert_eq(vm->pmap.ballooned, 1u);
	cr_assert_eq(guest_load(PAGE_A), 0u);
	expect_clean();
}

/* TRAPS 32: a device that needs the page has it read first. */
BOTH_FORMS(trap32_dma_brings_it_in)
{
	mpn_t m;

	send(PAGE_A);
	cr_assert(pmap_pin(vm, page_at(PAGE_A), false, &m));
	cr_assert_eq(*(u32 *)core_page(m.n), 0xaaaau);
	cr_assert_eq(core_disk.reads, 1u);
	pmap_unpin(vm, page_at(PAGE_A));
}

/* Tables are walked, and found, wherever they are. */
BOTH_FORMS(trap18_page_tables_on_the_disk)
{
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	guest_load(AT);
	shadow_unshadow(vm, page_at(TABLE));
	shadow_flush(vm);
	mode_load_view(vm, VMODE_KERNEL);
	send(TABLE);
	send(PAGE_A);
	cr_assert_eq(guest_load(AT), 0xaaaau);
	cr_assert_eq(core_disk.reads, 2u);
	expect_clean();
}

/* The swapper is quick: while one of two pages comes in the other one goes. */
static u32 turns;

static void take_the_other(void)
{
	if (swap_may_take(vm, page_at(TABLE)))
		send(TABLE);
	if (swap_may_take(vm, page_at(PAGE_A)))
		send(PAGE_A);
	if (--turns)
		core_disk.meanwhile = take_the_other;
}

/* An access that needs two pages, each of which goes while the other comes. */
BOTH_FORMS(trap26_taken_while_the_guest_waits_for_another)
{
	map(AT + (1 << 22), PAGE_B, RWU);
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	guest_load(AT);
	shadow_unshadow(vm, page_at(TABLE));
	shadow_flush(vm);
	mode_load_view(vm, VMODE_KERNEL);
	set_pte(TABLE, 0, PAGE_A | RWU);
	send(TABLE);
	send(PAGE_A);
	turns = 5;
	core_disk.meanwhile = take_the_other;
	cr_assert_eq(guest_load(AT), 0xaaaau);
	expect_clean();
	cr_assert_eq(mmu(VMODE_KERNEL, AT).mpn, mpn_of(PAGE_A));
}

/* --- never wrong bytes ----------------------------------------------------------------------- */

/* A page is read back of which one bit has changed. */
static void read_with_flipped(u32 bit)
{
	u32 free;

	send(PAGE_A);
	free = frame_free_count(ZONE_ANY);
	core_disk.bytes[vm->pmap.entry[PAGE_A >> PAGE_SHIFT].mpn * PAGE_SIZE +
			bit / 8] ^= 1u << bit % 8;
	EXPECT_DEATH("fails its checksum", guest_load(PAGE_A));
	cr_assert_eq(state(page_at(PAGE_A)), PMAP_SWAPPED);
	cr_assert_eq(frame_free_count(ZONE_ANY), free, "a frame is lost");
	swap_forget(vm, page_at(PAGE_A));
	poke(PAGE_A, 0xaaaa);
}

/* Any single bit, anywhere in the page. */
BOTH_FORMS(trap36_one_flipped_bit_ends_the_vm)
{
	for (u32 bit = 5; bit < PAGE_SIZE * 8; bit += 8 * 171 + 1)
		read_with_flipped(bit);
}

/* The disk kept what was there before. */
BOTH_FORMS(trap36_a_write_that_never_happened)
{
	send(PAGE_A);
	memset(core_disk.bytes, 0x5a, sizeof core_disk.bytes);
	EXPECT_DEATH("page 0x50 is lost: swap slot 0 fails", guest_load(PAGE_A));
}

BOTH_FORMS(trap36_two_pages_changed_places)
{
	u8 page[PAGE_SIZE];

	send(PAGE_A);
	send(PAGE_B);
	memcpy(page, core_disk.bytes, PAGE_SIZE);
	memmove(core_disk.bytes, core_disk.bytes + PAGE_SIZE, PAGE_SIZE);
	memcpy(core_disk.bytes + PAGE_SIZE, page, PAGE_SIZE);
	EXPECT_DEATH("fails its checksum", guest_load(PAGE_A));
}

BOTH_FORMS(trap36_a_torn_write)
{
	guest_store(PAGE_A + PAGE_SIZE - 4, 0x9999);
	swapio_break(FAULT_TORN, 1);
	send(PAGE_A);
	EXPECT_DEATH("fails its checksum", guest_load(PAGE_A));
}

BOTH_FORMS(trap36_faults_made_on_purpose)
{
	send(PAGE_A);
	send(PAGE_B);
	send(PAGE_C);
	swapio_break(FAULT_FLIP, 2);
	cr_assert_eq(guest_load(PAGE_A), 0xaaaau);
	EXPECT_DEATH("fails its checksum", guest_load(PAGE_B));
	swapio_break(FAULT_READ, 1);
	EXPECT_DEATH("cannot be read", guest_load(PAGE_C));
	cr_assert(happened("swap.error vm=1 ppn=0x52 slot=2 write=0"));
}

BOTH_FORMS(a_disk_that_can_not_read)
{
	send(PAGE_A);
	core_disk.fail = true;
	EXPECT_DEATH("page 0x50 is lost: swap slot 0 cannot be read",
		     guest_load(PAGE_A));
}

/* What can't be written was never away; its slot is not used again. */
BOTH_FORMS(a_disk_that_can_not_write)
{
	u32 free = frame_free_count(ZONE_ANY);

	core_disk.fail = true;
	swap_out(vm, SWAP_BATCH);
	core_disk_complete_all();
	cr_assert_eq(vm->pmap.swapped, 0u);
	cr_assert_eq(frame_free_count(ZONE_ANY), free);
	for (u32 p = FIRST; p < FIRST + PAGES; p++)
		cr_assert_eq(peek(p << PAGE_SHIFT), p * 7919);
	core_disk.fail = false;
	while (swap_out(vm, SWAP_BATCH) > 0)
		core_disk_complete_all();
	cr_assert_eq(vm->pmap.swapped, (u32)DISK_SLOTS - SWAP_BATCH,
		     "bad slots stay bad");
	expect_clean();
}

/* The same when the guest has it again, or has ended. */
BOTH_FORMS(a_failed_write_that_nobody_waits_for)
{
	u32 free = frame_free_count(ZONE_ANY);

	chosen = page_at(PAGE_A);
	swap_victim = choose;
	core_disk.fail = true;
	swap_out(vm, 1);
	guest_store(PAGE_A, 5);
	core_disk_complete_all();
	cr_assert_eq(guest_load(PAGE_A), 5u);
	cr_assert_eq(frame_free_count(ZONE_ANY), free);
	swap_out(vm, 1);
	swap_forget_all(vm);
	core_disk_complete_all();
	cr_assert_eq(frame_free_count(ZONE_ANY), free + 1);
}

/* --- whoever sleeps comes back to the view that it had ----------------------------------------- */

static void another_runs(void)
{
	mode_unload();
	mode_load(vm);
}

/*
 * The host reads a table of the guest's kernel on behalf of its user mode: the kernel view
 * is lent, the page is on the disk, and other VMs run while it is read.
 */
BOTH_FORMS(a_lent_view_outlasts_a_read)
{
	u32 word = 0;
	struct gfault f;

	map(AT, PAGE_A, PTE_P | PTE_W | AD);
	mode_switch(vm, VMODE_USER);
	mode_load_view(vm, VMODE_USER);
	send(PAGE_A);
	core_disk.meanwhile = another_runs;
	mode_lend_kernel_view(vm);
	cr_assert(gva_read(vm, gva(AT), &word, sizeof word, ACC_READ | ACC_SYSTEM, &f));
	cr_assert_eq(word, 0xaaaau);
	cr_assert_eq(vm->view, VMODE_KERNEL);
	mode_return_view(vm);
	cr_assert_not(mmu(VMODE_USER, AT).present, "a page of the kernel's alone");
	expect_clean();
}

/* --- sharing comes first --------------------------------------------------------------------- */

static u32 shared;

static bool share(struct vm *v, ppn_t p)
{
	(void)v;
	(void)p;
	return ++shared % 2;
}

BOTH_FORMS(sharing_is_tried_before_a_write)
{
	shared = 0;
	swap_share = share;
	cr_assert_eq(swap_out(vm, SWAP_BATCH), (u32)SWAP_BATCH);
	cr_assert_eq(shared, (u32)SWAP_BATCH);
	core_disk_complete_all();
	cr_assert_eq(vm->pmap.swapped, SWAP_BATCH / 2u);
	cr_assert_eq(slots_free(), DISK_SLOTS - SWAP_BATCH / 2u);
}

/* --- all of it ----------------------------------------------------------------------------------- */

/* Pages go, come, are written, given away, at random: each keeps its bytes. */
BOTH_FORMS(at_random)
{
	static u32 says[PAGES];
	u32 x = 99;

	balloon_start(vm, CORE_PAGES);
	for (u32 i = 0; i < PAGES; i++)
		says[i] = (FIRST + i) * 7919;
	for (u32 i = 0; i < 6000; i++) {
		u32 n;

		x = x * 1664525 + 1013904223;
		n = (x >> 16) % PAGES;
		switch (x >> 8 & 7) {
		case 0:
		case 1:
			swap_out(vm, 1 + n % SWAP_BATCH);
			break;
		case 2:
			core_disk_complete();
			break;
		case 3:
			says[n] = x;
			guest_store((FIRST + n) << PAGE_SHIFT, x);
			break;
		case 4:
			balloon_inflate(vm, ppn(FIRST + n));
			says[n] = 0;
			balloon_deflate(vm, ppn(FIRST + n));
			break;
		default:
			cr_assert_eq(guest_load((FIRST + n) << PAGE_SHIFT), says[n],
				     "page 0x%x, step %u", FIRST + n, i);
		}
	}
	expect_clean();
	core_disk_complete_all();
	cr_assert_eq(slots_free() + vm->pmap.swapped, (u32)DISK_SLOTS);
	cr_assert_eq(frame_use_count(FRAME_GUEST, 1), vm->pmap.backed);
}
