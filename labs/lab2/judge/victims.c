/*
 * Exercise 5: which page goes to the disk, and how it goes.
 */
#include "labs/lab2/judge/squeezed.h"
#include "vmm/rmap.h"
#include "vmm/slots.h"

#include <string.h>

enum { THROWS = 480, BINS = 8 };

static void must_go(u32 p, bool may)
{
	bool found = may_take(p);

	MUST(found == may, judge_done(), may ? "true" : "false",
	     found ? "true" : "false");
}

JUDGED(victims, which)
{
	u32 p;

	start_squeezed();
	must_go(squeezed[0], true);
	do
		p = 0x100 + roll(vm->mem_pages - 0x100);
	while (state_of(p) != PMAP_UNBACKED);
	must_go(p, false);
	must_go(0xa0, false);
	must_go(vm->mem_pages, false);
	vm->pmap.entry[squeezed[1]].pins = 1;
	must_go(squeezed[1], false);
	vm->pmap.entry[squeezed[1]].pins = 0;
	must_go(squeezed[1], true);
	trace_set(vm, ppn(squeezed[2]), TRACE_PATCH);
	must_go(squeezed[2], false);
	vm->traces.flags[squeezed[3]] = TRACE_LOOSE;
	must_go(squeezed[3], false);
	vm->traces.flags[squeezed[3]] = 0;
	touch_squeezed(4);
	p = pte_at(page_directory(), squeezed_va(4, 0)) >> PAGE_SHIFT;
	must_go(p, false); /* a page table in use */
}

/* A VM all of whose pages from 0x100 on have frames. */
static void start_full(u32 pages)
{
	mpn_t m = mpn(0);

	start_host(pages);
	for (u32 p = 0x100; p < pages; p++)
		pmap_back(vm, ppn(p), &m);
}

static u32 victim(void)
{
	u32 p = 0;

	MUST(random_victim(&p), judge_done(), "true: there are many pages", "false");
	MUST(p < vm->mem_pages && state_of(p) == PMAP_PRIVATE, judge_done(),
	     "a page that may go", text("PPN 0x%x", p));
	return p;
}

/* All over the VM, in no order, and not the same ones. */
JUDGED(victims, random)
{
	static u32 count[4096];
	u32 bin[BINS] = {0}, next = 0, before = 0, again = 0, span;

	start_full(0x100 + 80 * BINS);
	span = vm->mem_pages - 0x100;
	memset(count, 0, sizeof(count));
	for (u32 i = 0; i < THROWS; i++) {
		u32 p = victim();

		bin[(p - 0x100) * BINS / span]++;
		next += p == before + 1 || before == p + 1;
		again = max_u32(again, ++count[p]);
		before = p;
	}
	for (u32 b = 0; b < BINS; b++)
		MUST(bin[b] >= THROWS / BINS / 3 && bin[b] <= THROWS / BINS * 2,
		     text("PPN 0x%x to 0x%x", 0x100 + b * span / BINS,
			  0x100 + (b + 1) * span / BINS),
		     text("about %u of %u victims", THROWS / BINS, THROWS),
		     text("%u", bin[b]));
	MUST(next <= THROWS / 20, "swap_random_victim", "victims in no order",
	     text("%u of %u are next to the one before", next, THROWS));
	MUST(again <= 12, "swap_random_victim", "no page much more often than others",
	     text("one of %u pages was chosen %u times of %u", span, again, THROWS));
}

/* One is left that may go: it is found, wherever it is. None: false. */
JUDGED(victims, last)
{
	u32 p, found = 0;

	start_host(600 + roll(900));
	MUST(!random_victim(&found), judge_done(), "false: no page has a frame",
	     "true");
	for (u32 round = 0; round < 12; round++) {
		do
			p = round == 0 ? vm->mem_pages - 1
				       : 0x100 + roll(vm->mem_pages - 0x101);
		while (state_of(p) != PMAP_UNBACKED);
		fill_page(p, round);
		MUST(random_victim(&found) && found == p, judge_done(),
		     text("PPN 0x%x, the only one", p), text("PPN 0x%x", found));
		vm->pmap.entry[p].pins = 1;
		MUST(!random_victim(&found), judge_done(), "false: all are pinned",
		     text("PPN 0x%x", found));
	}
}

static void check_slot(u32 p, u32 slot, const u32 *words)
{
	struct reply r = slot_record(slot);

	MUST(r.value == SLOT_USED && r.out[1] == p && r.out[2] == vm->id,
	     text("slot %u of PPN 0x%x", slot, p),
	     text("used, VM %u, PPN 0x%x", vm->id, p),
	     text("state %u, VM %u, PPN 0x%x", r.value, r.out[2], r.out[1]));
	MUST(r.out[0] == sum_of_page(words), text("slot %u of PPN 0x%x", slot, p),
	     text("the sum 0x%08x of its bytes", sum_of_page(words)),
	     text("0x%08x", r.out[0]));
}

JUDGED(victims, take)
{
	u32 i = roll(SQUEEZED), p, m, slot;

	start_squeezed();
	touch_squeezed(i);
	p = squeezed[i];
	m = vm->pmap.entry[p].mpn;
	choose_page(p);
	MUST(send_out(1) == 1, judge_done(), "1 page", "none");
	must_be_state(p, PMAP_SWAPPED);
	MUST(vm->shadow.rmap.head[p] == RMAP_END, judge_done(),
	     "no shadow maps it any more", "some still do");
	audit();
	MUST(arena->frames[m].use == FRAME_SWAP, text("MPN 0x%x, being written", m),
	     "FRAME_SWAP", text("use %u", arena->frames[m].use));
	MUST(vm->swap.outs == 1, judge_done(), "outs 1", text("%u", vm->swap.outs));
	slot = vm->pmap.entry[p].mpn;
	check_slot(p, slot, (const u32 *)arena->page[m]);
	disk_done(~0u);
	MUST(arena->frames[m].use == FRAME_FREE, judge_done(), "its frame is free",
	     text("use %u", arena->frames[m].use));
	check_accounts();
}

/* Many at once: each page's bytes in the slot that the pmap names. */
JUDGED(victims, batch)
{
	u32 gone = 0;

	start_squeezed();
	for (u32 turn = 0; turn < 4; turn++) {
		u32 n = send_out(16);

		MUST(n > 0 && n <= 16, judge_done(), "1 to 16 pages", text("%u", n));
		gone += n;
		if (roll(2))
			disk_done(1);
	}
	disk_done(~0u);
	MUST(vm->pmap.swapped == gone && vm->swap.outs == gone, judge_done(),
	     text("%u pages swapped", gone), text("%u", vm->pmap.swapped));
	for (u32 i = 0; i < SQUEEZED; i++) {
		u32 slot = vm->pmap.entry[squeezed[i]].mpn;

		if (state_of(squeezed[i]) != PMAP_SWAPPED)
			continue;
		MUST(slot < MEM_SLOTS, text("PPN 0x%x", squeezed[i]), "a slot",
		     text("slot %u", slot));
		check_slot(squeezed[i], slot, (const u32 *)mem->disk.bytes[slot]);
	}
	check_accounts();
}
