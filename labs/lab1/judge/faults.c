/*
 * Exercise 5: faults. Every access of the guest ends as its own tables say, and finds the
 * frame that the pmap has. A and D do not count yet, and nothing is traced.
 */
#include "labs/lab1/judge/space.h"

static struct space s;

static void start(void)
{
	done = 5;
	space_start(&s);
}

/* A hidden fault leaves a mapping: the next access finds it. */
JUDGED(faults, hidden)
{
	start();
	space_fill(&s, all_rights);
	for (u32 i = 0; i < ADDRESSES; i++) {
		u32 va = space_va(&s, i);

		access_at(va, roll(2) ? ACC_WRITE : ACC_READ);
		MUST(shadow_of(VMODE_KERNEL, va).present, judge_done(),
		     "a mapping in the view that was loaded", "none");
	}
	audit();
	set_mode(VMODE_USER);
	for (u32 i = 0; i < ADDRESSES; i++)
		access_at(space_va(&s, i), roll(2) ? ACC_WRITE : ACC_READ);
	audit();
}

static u32 often_absent(void)
{
	return (roll(2) ? PTE_P : 0) | (roll(4) ? PTE_W : 0) | (roll(4) ? PTE_U : 0);
}

/* The guest's own faults: the right error code, and nothing is mapped. */
JUDGED(faults, guests_own)
{
	start();
	space_fill(&s, often_absent);
	for (u32 n = 0; n < 300; n++) {
		u32 anywhere = roll(HOST_BASE) & ~3u;

		if (!roll(8))
			roll_mode();
		access_at(roll(3) ? space_roll(&s) : anywhere, roll(2));
	}
	audit();
}

/*
 * An interrupt of a program: its frame goes on the kernel's stack, with the kernel's view lent to
 * a guest that is in user mode still. The mapping belongs into the view that is loaded.
 */
static void lent_view(void)
{
	u32 error;

	set_mode(VMODE_KERNEL);
	flush_all();
	vm->cpu.mode = VMODE_USER;
	for (u32 i = 0; i < ADDRESSES; i++) {
		u32 va = space_va(&s, i);

		if (!truth_of(va, ACC_READ, VMODE_KERNEL).allowed)
			continue;
		MUST(fault_at(va, ACC_SYSTEM, &error) == SHADOW_FILLED &&
			     shadow_of(VMODE_KERNEL, va).present,
		     text("the CPU reads 0x%08x for the guest's kernel, in user mode",
			  va),
		     "a mapping in the kernel view, which is loaded", "none");
	}
	set_mode(VMODE_USER);
}

/* What the kernel may see and its programs may not. */
JUDGED(faults, views)
{
	start();
	space_fill(&s, some_rights);
	for (u32 round = 0; round < 6; round++) {
		set_mode(round & 1 ? VMODE_USER : VMODE_KERNEL);
		for (u32 i = 0; i < ADDRESSES; i++)
			access_at(space_va(&s, i), roll(2));
		audit();
	}
	lent_view();
}

/* Both levels count: one table under several entries with other rights. */
JUDGED(faults, rights)
{
	start();
	space_fill(&s, some_rights);
	for (u32 i = 1; i < SLOTS; i++) {
		u32 first = peek(s.directory + s.slot[0] * 4) & ~(u32)PAGE_MASK;

		poke(s.directory + s.slot[i] * 4,
		     first | PTE_P | (i & 1 ? PTE_W : 0) | (i & 2 ? PTE_U : 0));
	}
	space_play(&s, 400);
}

/* Without CR0.WP the kernel writes to read-only pages; its programs do not. */
JUDGED(faults, no_wp)
{
	start();
	space_fill(&s, some_rights);
	for (u32 i = 0; i < SLOTS; i += 2) { /* read-only in the directory */
		u32 at = s.directory + s.slot[i] * 4;

		poke(at, peek(at) & ~(u32)PTE_W);
	}
	for (u32 round = 0; round < 4; round++) {
		vm->cpu.cr0 ^= WP;
		flush_all();
		space_play(&s, 120);
	}
}

/* Devices, and pages that are not there: never mapped. */
JUDGED(faults, no_memory)
{
	u32 to[ADDRESSES];

	start();
	for (u32 i = 0; i < ADDRESSES; i++) {
		to[i] = i % 3 == 0   ? 0xa0 + roll(0x60)
			: i % 3 == 1 ? vm->mem_pages + roll(3)
			: roll(2)    ? 0xfffff - roll(5)
				     : new_page() >> PAGE_SHIFT;
		put_pte(s.directory, space_va(&s, i), to[i] << PAGE_SHIFT | RWU);
	}
	space_play(&s, 200);
	for (u32 i = 0; i < ADDRESSES; i++)
		MUST(!shadow_of(vm->view, space_va(&s, i)).present || !is_hole(to[i]),
		     text("a mapping to PPN 0x%x, a device", to[i]), "none", "one");
}

/* With paging off a linear address is a physical one. */
JUDGED(faults, unpaged)
{
	start();
	space_fill(&s, all_rights);
	for (u32 round = 0; round < 4; round++) {
		vm->cpu.cr0 ^= PG;
		flush_all();
		for (u32 n = 0; n < 60; n++) {
			u32 memory = roll(vm->mem_pages << PAGE_SHIFT) & ~3u;

			access_at(roll(4) ? memory : roll(HOST_BASE) & ~3u, roll(2));
			access_at(space_roll(&s), ACC_READ);
		}
		audit();
	}
}

/* --- several spaces -------------------------------------------------------------------------- */

enum { SPACES = 4 };

/* Some of their tables are the same ones, under another directory. */
static void make_spaces(struct space *list)
{
	list[0] = s;
	space_fill(&list[0], some_rights);
	for (u32 k = 1; k < SPACES; k++) {
		space_like(&list[k], &s);
		for (u32 i = 0; i < SLOTS; i++)
			if (roll(2))
				poke(list[k].directory + s.slot[i] * 4,
				     peek(s.directory + s.slot[i] * 4));
		space_fill(&list[k], some_rights);
	}
}

JUDGED(faults, spaces)
{
	static struct space list[SPACES];

	start();
	make_spaces(list);
	for (u32 round = 0; round < 24; round++) {
		u32 k = roll(SPACES);

		vm->cpu.mode = (enum vmode)roll(2);
		load_cr3(list[k].directory);
		audit();
		space_play(&list[k], 30);
	}
}

/* Coming back finds everything as it was: no fault for what was mapped before. */
JUDGED(faults, kept)
{
	static struct space list[SPACES];

	start();
	for (u32 k = 0; k < SPACES; k++) {
		list[k] = s;
		if (k)
			space_like(&list[k], &s);
		load_cr3(list[k].directory);
		space_fill(&list[k], all_rights);
		for (u32 i = 0; i < ADDRESSES; i++)
			access_at(space_va(&list[k], i), ACC_READ);
	}
	for (u32 n = 0; n < 20; n++) {
		u32 k = roll(SPACES), va;

		load_cr3(list[k].directory);
		va = space_roll(&list[k]);
		MUST(shadow_of(VMODE_KERNEL, va).present,
		     text("GVA 0x%08x, after %s again", va, judge_done()),
		     "still mapped: nothing has changed", "gone");
	}
	audit();
}

/* More spaces than there are shadow tables. */
JUDGED(faults, pressure)
{
	enum { MANY = 60 };
	static u32 directory[MANY];
	u32 page[MANY], va;

	start();
	va = space_va(&s, 0);
	for (u32 k = 0; k < MANY; k++) {
		directory[k] = new_page();
		page[k] = new_page();
		put_pte(directory[k], va, page[k] | RWU);
	}
	for (u32 n = 0; n < 3 * MANY; n++) {
		u32 k = n < MANY ? n : roll(MANY);

		vm->cpu.mode = (enum vmode)roll(2);
		load_cr3(directory[k]);
		access_at(va, roll(2));
		roll_mode();
		access_at(va, roll(2));
		if (n % 8 == 0)
			audit();
	}
}
