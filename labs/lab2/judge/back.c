/*
 * Exercise 6: pages come back from the disk, with their own bytes or not at all.
 */
#include "labs/lab2/judge/squeezed.h"

#include <string.h>

static u32 free_frames(void)
{
	u32 n = 0;

	for (u32 m = 0; m < ALL_PAGES; m++)
		n += arena->frames[m].use == FRAME_FREE;
	return n;
}

static void bring(u32 p)
{
	mpn_t m = mpn(0);

	MUST(pmap_back(vm, ppn(p), &m), judge_done(), "true: it is memory", "false");
}

static void must_hold(u32 i)
{
	MUST(page_is(squeezed[i], i),
	     text("PPN 0x%x, after %s", squeezed[i], judge_done()),
	     "the bytes that it had", "other bytes");
}

static void must_be_left(u32 slots)
{
	MUST(slots_left() == slots, judge_done(), text("%u free slots", slots),
	     text("%u", slots_left()));
}

JUDGED(back, bytes)
{
	u32 free;

	start_squeezed();
	free = free_frames();
	for (u32 i = 0; i < SQUEEZED; i += 2)
		send_page(squeezed[i]);
	for (u32 i = 0; i < SQUEEZED; i += 2) {
		if (roll(2))
			bring(squeezed[i]);
		else
			load_at(squeezed_va(i, roll(2)));
		must_be_state(squeezed[i], PMAP_PRIVATE);
		must_hold(i);
		check_accounts();
	}
	MUST(vm->swap.ins == SQUEEZED / 2, judge_done(), text("ins %u", SQUEEZED / 2),
	     text("%u", vm->swap.ins));
	must_be_left(MEM_SLOTS);
	MUST(free_frames() == free, judge_done(), "as many free frames as before",
	     text("%d more", (int)(free_frames() - free)));
	audit();
}

/* Touched while it is written: it never left. */
JUDGED(back, rescue)
{
	u32 i = roll(SQUEEZED), p, m, value = roll32();

	start_squeezed();
	p = squeezed[i];
	m = vm->pmap.entry[p].mpn;
	choose_page(p);
	send_out(1);
	store_at(squeezed_va(i, 0), value);
	MUST(vm->pmap.entry[p].mpn == m && mem->disk.reads == 0, judge_done(),
	     text("MPN 0x%x again, and nothing is read", m), "another frame");
	MUST(vm->swap.rescued == 1, judge_done(), "rescued 1",
	     text("%u", vm->swap.rescued));
	must_be_left(MEM_SLOTS - 1); /* still written to */
	send_out(1);		     /* and again, to another slot */
	must_be_left(MEM_SLOTS - 2);
	disk_done(1);
	must_be_state(p, PMAP_SWAPPED);
	disk_done(~0u);
	MUST(load_at(squeezed_va(i, 1)) == value, judge_done(), text("0x%08x", value),
	     "what was there before");
	must_be_left(MEM_SLOTS);
	check_accounts();
	audit();
}

static void must_be_lost(u32 p, const char *why)
{
	u32 free = free_frames();
	mpn_t m = mpn(0);
	bool died = DIES(pmap_back(vm, ppn(p), &m));

	MUST(died, judge_done(), text("vm_die: %s", why), "the VM goes on");
	MUST(strlen(judge_reason()) > 8, judge_done(), "a reason in words",
	     judge_reason());
	must_be_state(p, PMAP_SWAPPED);
	MUST(free_frames() == free, judge_done(), "no frame is lost with it",
	     text("%d less are free", (int)(free - free_frames())));
}

/* One bit is another; two pages have changed places. */
JUDGED(back, checked)
{
	static u8 page[PAGE_SIZE];
	u32 a, b;

	start_squeezed();
	for (u32 i = 0; i < 12; i++)
		send_page(squeezed[i]);
	for (u32 i = 0; i < 10; i++) {
		u8 *bytes =
			mem->disk.bytes[vm->pmap.entry[squeezed[i]].mpn % MEM_SLOTS];
		u32 bit = i == 0 ? PAGE_SIZE * 8 - 1 : roll(PAGE_SIZE * 8);

		bytes[bit / 8] ^= 1u << bit % 8;
		must_be_lost(squeezed[i], "the bytes fail their sum");
		bytes[bit / 8] ^= 1u << bit % 8;
		bring(squeezed[i]);
		must_hold(i);
	}
	a = vm->pmap.entry[squeezed[10]].mpn % MEM_SLOTS;
	b = vm->pmap.entry[squeezed[11]].mpn % MEM_SLOTS;
	memcpy(page, mem->disk.bytes[a], PAGE_SIZE);
	memcpy(mem->disk.bytes[a], mem->disk.bytes[b], PAGE_SIZE);
	memcpy(mem->disk.bytes[b], page, PAGE_SIZE);
	must_be_lost(squeezed[10], "these are another page's bytes");
}

JUDGED(back, unreadable)
{
	start_squeezed();
	send_page(squeezed[0]);
	mem->disk.fail = true;
	must_be_lost(squeezed[0], "the disk cannot read");
	mem->disk.fail = false;
	bring(squeezed[0]);
	must_hold(0);
	check_accounts();
}

JUDGED(back, no_frame)
{
	u32 taken;

	start_squeezed();
	send_page(squeezed[0]);
	taken = take_frames(~0u);
	MUST(taken > 0, judge_done(), "frames", "none");
	must_be_lost(squeezed[0], "no frame is left");
	give_frames();
	bring(squeezed[0]);
	must_hold(0);
}

/* Nobody wants it back: the slot is free when nothing is written to it any more. */
JUDGED(back, forget)
{
	u32 free, p;

	start_squeezed();
	send_page(squeezed[0]);
	forget_page(squeezed[0]);
	must_be_state(squeezed[0], PMAP_UNBACKED);
	must_be_left(MEM_SLOTS);
	MUST(load_at(squeezed_va(0, 0)) == 0, judge_done(), "a page of zeroes",
	     "its old bytes");
	p = squeezed[1];
	free = free_frames();
	choose_page(p);
	send_out(1);
	forget_page(p);
	must_be_state(p, PMAP_UNBACKED);
	must_be_left(MEM_SLOTS - 1);
	MUST(free_frames() == free, judge_done(),
	     "its frame is not free: the disk reads it", "it is free");
	disk_done(~0u);
	must_be_left(MEM_SLOTS);
	MUST(free_frames() == free + 1, judge_done(), "its frame is free", "it is not");
	check_accounts();
}

JUDGED(back, given)
{
	start_squeezed();
	send_page(squeezed[0]);
	must_answer(give_page(squeezed[0]), BALLOON_OK);
	must_be_state(squeezed[0], PMAP_BALLOONED);
	must_be_left(MEM_SLOTS);
	MUST(load_at(squeezed_va(0, 0)) == 0, judge_done(), "a page of zeroes",
	     "its old bytes");
	check_accounts();
}

enum { STORM_AWAY = 100 };

/* What each page must say, whatever is done with it. */
static u32 says[SQUEEZED];

static void step(u32 i)
{
	switch (roll(7)) {
	case 0:
	case 1:
		send_out(1 + roll(16));
		break;
	case 2:
		disk_done(1);
		break;
	case 3:
		says[i] = roll32();
		store_at(squeezed_va(i, roll(2)), says[i]);
		break;
	case 4:
		if (give_page(squeezed[i]) == BALLOON_OK) {
			must_answer(take_page(squeezed[i]), BALLOON_OK);
			says[i] = 0;
		}
		break;
	default:
		MUST(load_at(squeezed_va(i, roll(2))) == says[i], judge_done(),
		     text("0x%08x", says[i]), "another number");
	}
}

/* The guest's tables stay, so that the judge can read them. */
static void pin_tables(void)
{
	vm->pmap.entry[page_directory() >> PAGE_SHIFT].pins = 1;
	for (u32 alias = 0; alias < 2; alias++)
		vm->pmap.entry[pte_at(page_directory(), squeezed_va(0, alias)) >>
			       PAGE_SHIFT]
			.pins = 1;
}

JUDGED(back, storm)
{
	u32 away = 0; /* pages that were, of those looked at */

	start_squeezed();
	pin_tables();
	for (u32 i = 0; i < SQUEEZED; i++)
		says[i] = frame_bytes(squeezed[i])[0];
	for (u32 n = 0; n < 1500; n++) {
		u32 i = roll(SQUEEZED);

		away += vm->pmap.entry[squeezed[i]].state == PMAP_SWAPPED;
		step(i);
		if (n % 100 == 0) {
			check_accounts();
			audit();
		}
	}
	MUST(away > STORM_AWAY, judge_done(), "pages that go",
	     text("%u of 1500 looks", away));
	disk_done(~0u);
	must_be_left(MEM_SLOTS - vm->pmap.swapped);
	check_accounts();
}
