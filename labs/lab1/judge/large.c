/*
 * Exercise 8, the challenge: pages of 4 MiB. They have no table, so their shadow is a leaf
 * of nobody's.
 */
#include "labs/lab1/judge/space.h"

enum { LARGE_PAGES = 1024, LARGE_BYTES = LARGE_PAGES * PAGE_SIZE, BIG = 3 };

static struct space s;

/* A VM of a little more than two large pages, and CR4.PSE. */
static void start(void)
{
	done = 8;
	start_machine(3800);
	build_vm(vm, 2 * LARGE_PAGES + 300 + roll(200));
	space_shape(&s);
	vm->cpu.cr4 |= PSE;
	s.directory = start_paging();
	for (u32 i = 0; i < SLOTS; i++)
		put_pte(s.directory, space_va(&s, i * PAGES_OF_SLOT), new_page() | RWU);
}

static u32 large_entry(void)
{
	return roll(BIG) * LARGE_BYTES | some_rights() | PTE_PS |
	       (roll(3) ? 0 : PTE_D) | (roll(3) ? 0 : PTE_A);
}

/* A word anywhere in the slots. */
static u32 anywhere(void)
{
	return s.slot[roll(SLOTS)] << 22 | roll(8) << PAGE_SHIFT | roll(PAGE_WORDS) * 4;
}

static void play(u32 accesses)
{
	for (u32 n = 0; n < accesses; n++) {
		if (!roll(8))
			roll_mode();
		access_at(anywhere(), roll(2));
		if (n % 30 == 0)
			audit();
	}
	audit();
}

JUDGED(large, pages)
{
	u32 entry;

	start();
	for (u32 i = 0; i < SLOTS - 1; i++)
		poke(s.directory + s.slot[i] * 4, large_entry());
	play(250);
	vm->cpu.cr0 &= ~(u32)WP;
	flush_all();
	play(100);
	vm->cpu.cr0 |= WP;
	flush_all();
	play(100);
	/* Reserved bits: the guest's own fault. */
	entry = RWU | PTE_PS | 1u << (13 + roll(9));
	write_for_guest(s.directory + s.slot[SLOTS - 1] * 4, &entry, sizeof(entry));
	load_cr3(s.directory);
	play(40);
}

/* One becomes a table, and the other way round. */
JUDGED(large, changes)
{
	u32 table[SLOTS];

	start();
	for (u32 i = 0; i < SLOTS; i++)
		table[i] = peek(s.directory + s.slot[i] * 4);
	for (u32 n = 0; n < 50; n++) {
		u32 i = roll(SLOTS),
		    entry = roll(3) ? large_entry() : table[roll(SLOTS)];

		play(5);
		write_for_guest(s.directory + s.slot[i] * 4, &entry, sizeof(entry));
		if (roll(2))
			load_cr3(s.directory);
		else
			for (u32 k = 0; k < 8; k++)
				invlpg_guest(s.slot[i] << 22 | k << PAGE_SHIFT);
		play(5);
	}
}
