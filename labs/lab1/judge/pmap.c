/*
 * Exercises 1 and 2: the pmap's table, and the frames in it.
 */
#include "grader/judge/vms.h"

#include <string.h>

/* Some sizes are near the places where something begins or ends. */
static u32 roll_size(void)
{
	static const u32 edge[] = {1, 0x9f, 0xa0, 0xa1, 0xb9, 0xff, 0x100, 0x101};

	return roll(3) ? 300 + roll(3000) : edge[roll(ARRAY_LEN(edge))];
}

static void create(struct vm *v, u32 pages)
{
	v->id = (unsigned)(v - arena->vm) + 1;
	v->mem_pages = pages;
	MUST(pmap_create(v, pages), judge_done(), "true", "false");
	MUST(v->pmap.pages == pages && v->pmap.backed == 0, judge_done(),
	     text("pages %u, backed 0", pages),
	     text("pages %u, backed %u", v->pmap.pages, v->pmap.backed));
}

static const char *mpn_text(u32 state, mpn_t m)
{
	return text("%s, MPN 0x%05x", state_name(state), m.n);
}

/* pmap_lookup must say this, and leave *m alone as the page has no frame. */
static void must_be(struct vm *v, u32 p, enum pmap_state expected)
{
	u32 before = roll32() & 0xfffff;
	mpn_t m = mpn(before);
	enum pmap_state found = pmap_lookup(v, ppn(p), &m);

	MUST(found == expected, judge_done(), state_name(expected), mpn_text(found, m));
	MUST(m.n == before, judge_done(),
	     text("%s, *m as it was", state_name(expected)),
	     text("*m was written: 0x%x", m.n));
}

static enum pmap_state first_state(u32 p)
{
	return is_hole(p) ? PMAP_DEVICE : PMAP_UNBACKED;
}

JUDGED(pmap, states)
{
	u32 pages = 260 + roll(1500);

	start_machine(64);
	create(vm, pages);
	for (u32 p = 0; p < pages; p++)
		must_be(vm, p, first_state(p));
}

JUDGED(pmap, bounds)
{
	start_machine(64);
	for (u32 round = 0; round < 12; round++) {
		u32 pages = roll_size();

		memset(vm, 0, sizeof(*vm));
		create(vm, pages);
		must_be(vm, pages - 1, first_state(pages - 1));
		must_be(vm, pages, PMAP_ABSENT);
		must_be(vm, pages + 1, PMAP_ABSENT);
		must_be(vm, pages + roll(5000), PMAP_ABSENT);
		must_be(vm, 0x100000 + roll(pages), PMAP_ABSENT);
		must_be(vm, 0x40000000 + roll(pages), PMAP_ABSENT);
		must_be(vm, 0x80000000 + roll(pages), PMAP_ABSENT);
		must_be(vm, 0xffffffff, PMAP_ABSENT);
	}
}

/* The judge fills in entries by itself: what is there must come out, and stay. */
JUDGED(pmap, lookup)
{
	u32 pages = 400 + roll(1000);
	static struct pmap_entry copy[2000];

	start_machine(64);
	create(vm, pages);
	MUST(in_arena(vm->pmap.entry, pages * sizeof(copy[0])), judge_done(),
	     "a table in the heap", "something else");
	for (u32 p = 0x100; p < pages; p++)
		if (roll(2))
			vm->pmap.entry[p] = (struct pmap_entry){.mpn = roll(1u << 20),
								.state = PMAP_PRIVATE,
								.pins = roll(3)};
	memcpy(copy, vm->pmap.entry, pages * sizeof(copy[0]));
	for (u32 p = 0; p < pages; p++) {
		mpn_t m = mpn(0xabcde);
		enum pmap_state found;

		if (copy[p].state != PMAP_PRIVATE) {
			must_be(vm, p, first_state(p));
			continue;
		}
		found = pmap_lookup(vm, ppn(p), &m);
		MUST(found == PMAP_PRIVATE && m.n == copy[p].mpn, judge_done(),
		     mpn_text(PMAP_PRIVATE, mpn(copy[p].mpn)), mpn_text(found, m));
	}
	MUST(memcmp(copy, vm->pmap.entry, pages * sizeof(copy[0])) == 0, "pmap_lookup",
	     "it changes nothing", "an entry has changed");
}

static u32 blocks(void)
{
	u32 n = 0;

	for (u32 i = 0; i < HEAP_BLOCKS; i++)
		n += arena->block[i].pages != 0;
	return n;
}

JUDGED(pmap, no_memory)
{
	u32 pages = 300 + roll(1000);

	start_machine(64);
	arena->heap_left = 0;
	vm->mem_pages = pages;
	MUST(!pmap_create(vm, pages), judge_done(), "false: the heap is empty", "true");
	arena->heap_left = ~0u;
	create(vm, pages);
	MUST(blocks() == 1, judge_done(), "one block of the heap",
	     text("%u", blocks()));
}

/* --- exercise 2 --------------------------------------------------------------------------- */

/* After pmap_back: the frame is the page's own. */
static void check_backed(const struct vm *v, u32 p, mpn_t m)
{
	const struct pmap_entry *e = pmap_entry(v, p);
	const struct frame *f = &arena->frames[m.n % ALL_PAGES];

	MUST(m.n > 0 && m.n < MACHINE_PAGES, judge_done(), "an MPN of this machine",
	     text("MPN 0x%x", m.n));
	MUST(e->state == PMAP_PRIVATE && e->mpn == m.n, judge_done(),
	     text("the entry: PMAP_PRIVATE, MPN 0x%05x", m.n),
	     mpn_text(e->state, mpn(e->mpn)));
	MUST(f->use == FRAME_GUEST && f->owner == v->id && f->index == p,
	     text("the frame table, MPN 0x%x", m.n),
	     text("FRAME_GUEST, owner %u, index 0x%x", v->id, p),
	     text("use %u, owner %u, index 0x%x", f->use, f->owner, f->index));
}

static mpn_t back(struct vm *v, u32 p)
{
	mpn_t m = mpn(0);

	MUST(pmap_back(v, ppn(p), &m), judge_done(), "true: it is memory", "false");
	check_backed(v, p, m);
	return m;
}

static void check_backed_count(const struct vm *v)
{
	u32 n = 0;

	for (u32 p = 0; p < v->mem_pages; p++)
		n += pmap_entry(v, p)->state == PMAP_PRIVATE;
	MUST(v->pmap.backed == n, text("VM %u, after %s", v->id, judge_done()),
	     text("backed %u, the entries that have a frame", n),
	     text("backed %u", v->pmap.backed));
}

JUDGED(pmap, back)
{
	static bool taken[ALL_PAGES];
	u32 pages = 300 + roll(1000);

	start_machine(1500);
	create(vm, pages);
	for (u32 i = 0; i < 300; i++) {
		u32 p = roll(pages);
		bool fresh = pmap_entry(vm, p)->state == PMAP_UNBACKED;
		mpn_t m, again = mpn(0);

		if (is_hole(p))
			continue;
		m = back(vm, p);
		MUST(!fresh || !taken[m.n], judge_done(), "a frame of its own",
		     text("MPN 0x%x, which another page has", m.n));
		taken[m.n] = true;
		MUST(pmap_lookup(vm, ppn(p), &again) == PMAP_PRIVATE && again.n == m.n,
		     judge_done(), mpn_text(PMAP_PRIVATE, m),
		     mpn_text(PMAP_PRIVATE, again));
		MUST(back(vm, p).n == m.n, judge_done(),
		     text("the same again, MPN 0x%x", m.n), "another frame");
	}
	check_backed_count(vm);
}

static u32 free_frames(void)
{
	u32 n = 0;

	for (u32 m = 0; m < ALL_PAGES; m++)
		n += arena->frames[m].use == FRAME_FREE;
	return n;
}

JUDGED(pmap, not_memory)
{
	u32 pages = 300 + roll(1000);
	mpn_t m = mpn(0);

	start_machine(1500);
	create(vm, pages);
	for (u32 p = 0x90; p < 0x110; p++) {
		MUST(pmap_back(vm, ppn(p), &m) == !is_hole(p), judge_done(),
		     is_hole(p) ? "false: a device" : "true: memory",
		     is_hole(p) ? "true" : "false");
		MUST(!is_hole(p) || pmap_entry(vm, p)->state == PMAP_DEVICE,
		     judge_done(), "PMAP_DEVICE still",
		     state_name(pmap_entry(vm, p)->state));
	}
	for (u32 i = 0; i < 40; i++) {
		u32 beyond = i & 1 ? pages + i / 2 : pages + roll(0xffffffff - pages);

		MUST(!pmap_back(vm, ppn(beyond), &m), judge_done(),
		     "false: beyond memory", text("true, MPN 0x%x", m.n));
	}
	back(vm, pages - 1);
	check_backed_count(vm);
	MUST(free_frames() + vm->pmap.backed == 1500, "the machine", "no frame is lost",
	     text("%u of 1500 are neither free nor the VM's",
		  1500 - free_frames() - vm->pmap.backed));
}

JUDGED(pmap, two_vms)
{
	start_machine(1500);
	create(vm, 300 + roll(300));
	create(other, 300 + roll(300));
	for (u32 i = 0; i < 150; i++) {
		struct vm *v = &arena->vm[roll(2)];

		back(v, 0x100 + roll(v->mem_pages - 0x100));
	}
	for (u32 n = 0; n < VM_COUNT; n++)
		for (u32 p = 0; p < arena->vm[n].mem_pages; p++) {
			const struct pmap_entry *e = pmap_entry(&arena->vm[n], p);

			if (e->state == PMAP_PRIVATE)
				check_backed(&arena->vm[n], p, mpn(e->mpn));
		}
	check_backed_count(vm);
	check_backed_count(other);
}

/* It ends the VM, and with a reason that a person can read. */
JUDGED(pmap, exhausted)
{
	u32 p = 0x100 + roll(200);
	mpn_t m = mpn(0);
	bool died;

	start_machine(200 + roll(200));
	create(vm, 500 + roll(300));
	back(vm, 0x80);
	take_frames(~0u);
	died = DIES(pmap_back(vm, ppn(p), &m));
	MUST(died, judge_done(), "vm_die: no machine memory is left", "it went on");
	MUST(strlen(judge_reason()) > 8, judge_done(), "a reason in words",
	     judge_reason());
	MUST(pmap_entry(vm, p)->state == PMAP_UNBACKED, judge_done(),
	     "PMAP_UNBACKED still", state_name(pmap_entry(vm, p)->state));
	check_backed_count(vm);
	give_frames();
	back(vm, p);
}

static u32 frames_of(const struct vm *v)
{
	u32 n = 0;

	for (u32 m = 0; m < ALL_PAGES; m++)
		n += arena->frames[m].use == FRAME_GUEST &&
		     arena->frames[m].owner == v->id;
	return n;
}

JUDGED(pmap, destroy)
{
	u32 before, pages = 300 + roll(600);

	start_machine(1500);
	create(vm, pages);
	create(other, 300 + roll(300));
	for (u32 p = 0; p < 300; p++) {
		if (!is_hole(p) && roll(2))
			back(other, p);
		if (!is_hole(p) && roll(2))
			back(vm, p);
	}
	back(vm, 0);
	back(vm, pages - 1);
	before = other->pmap.backed;
	pmap_destroy(vm);
	MUST(frames_of(vm) == 0, judge_done(), "every frame given back",
	     text("%u are not", frames_of(vm)));
	MUST(frames_of(other) == before, judge_done(),
	     text("VM 2 keeps its %u frames", before), text("%u", frames_of(other)));
	MUST(free_frames() == 1500 - before, judge_done(),
	     text("%u free frames", 1500 - before), text("%u", free_frames()));
	MUST(blocks() == 1, judge_done(), "the table given back to the heap",
	     text("%u blocks in use, one is VM 2's", blocks()));
	pmap_destroy(vm); /* of what is not there: nothing */
	create(vm, 300);
	back(vm, 0x100);
}
