/*
 * Exercise 7: guests that write to their page tables. After what the manual asks of a guest
 * (INVLPG, loading CR3: SDM vol. 3, 4.10.4) it sees its new tables, never the old ones.
 */
#include "labs/lab1/judge/space.h"

#include <string.h>

enum { SPACES = 3, WINDOW_MAX = 64 };

static struct space list[SPACES];
static u32 now; /* the space that is loaded */

/*
 * Every table and directory once more as data, at the same place in all spaces: there the
 * guest's kernel writes to them.
 */
static struct {
	u32 slot, table;
	u32 page[WINDOW_MAX], pages;
} window;

static void window_add(u32 page)
{
	for (u32 i = 0; i < window.pages; i++)
		if (window.page[i] == page)
			return;
	cr_assert_lt(window.pages, (u32)WINDOW_MAX);
	poke(window.table + window.pages * 4, page | RW);
	window.page[window.pages++] = page;
}

static void window_open(u32 spaces)
{
	window.pages = 0;
	window.table = new_page();
	do
		window.slot = roll(HOST_PDE_FIRST);
	while (peek(list[0].directory + window.slot * 4));
	for (u32 k = 0; k < spaces; k++) {
		poke(list[k].directory + window.slot * 4, window.table | RW);
		window_add(list[k].directory);
		for (u32 i = 0; i < SLOTS; i++)
			window_add(peek(list[k].directory + list[k].slot[i] * 4) &
				   ~(u32)PAGE_MASK);
	}
}

/* By a store through the window, or by the VMM (a device, an emulated instruction). */
static void write_table(u32 gpa, u32 value)
{
	u32 i = 0;

	if (roll(4) == 0) {
		write_for_guest(gpa, &value, sizeof(value));
		return;
	}
	while (i < window.pages && window.page[i] != (gpa & ~(u32)PAGE_MASK))
		i++;
	cr_assert_lt(i, window.pages);
	if (vm->cpu.mode == VMODE_USER)
		set_mode(VMODE_KERNEL);
	store_at(window.slot << 22 | i << PAGE_SHIFT | (gpa & PAGE_MASK), value);
}

/* The guest flushes: all at once, or address by address. */
static void guest_flush(void)
{
	if (roll(2)) {
		load_cr3(list[now].directory);
		return;
	}
	for (u32 i = 0; i < ADDRESSES; i++)
		invlpg_guest(space_va(&list[now], i));
}

static u32 table_page(u32 k, u32 slot)
{
	return peek(list[k].directory + list[k].slot[slot] * 4) & ~(u32)PAGE_MASK;
}

static void start(u32 spaces)
{
	done = 7;
	space_start(&list[0]);
	space_fill(&list[0], some_rights);
	for (u32 k = 1; k < spaces; k++) {
		space_like(&list[k], &list[0]);
		for (u32 i = 0; i < SLOTS; i++)
			if (roll(2))
				poke(list[k].directory + list[k].slot[i] * 4,
				     table_page(0, i) | RWU);
		space_fill(&list[k], some_rights);
	}
	window_open(spaces);
	now = 0;
	set_mode(VMODE_KERNEL);
	load_cr3(list[0].directory);
}

/* --- one entry ------------------------------------------------------------------------------- */

/* A PTE that leads elsewhere: with the flush it counts, and at once. */
JUDGED(tables, pte)
{
	start(1);
	for (u32 n = 0; n < 60; n++) {
		u32 va = space_roll(&list[0]);

		access_at(va, ACC_READ);
		write_table(pte_at(list[0].directory, va), new_page() | some_rights());
		if (roll(2))
			invlpg_guest(va);
		else
			load_cr3(list[0].directory);
		access_at(va, roll(2));
		audit();
	}
}

/* A table for a slot of the first space, each of its pages a new one. */
static u32 new_table(void)
{
	u32 table = new_page();

	for (u32 i = 0; i < PAGES_OF_SLOT; i++)
		poke(table + list[0].index[i] * 4, new_page() | RWU);
	return table;
}

/*
 * The guest's own store to its directory: no device's, and nothing that is emulated.
 * window_open() began with the directory.
 */
static void store_pde(u32 slot, u32 value)
{
	set_mode(VMODE_KERNEL);
	store_at(window.slot << 22 | slot * 4, value);
}

/*
 * What a device wrote to is traced no more, be it a directory in use; so we do not hear of
 * a PDE that leads elsewhere. Until the flush the guest uses pages that no TLB knows yet:
 * they are those of the new table, and must not be taken for the old one's when its PDE
 * comes back.
 */
static void there_and_back(u32 i)
{
	const struct space *s = &list[0];
	u32 at = s->directory + s->slot[i] * 4, first = new_table() | RWU, k;

	write_table(at, first);
	guest_flush();
	device_writes(s->directory);
	access_at(space_va(s, i * PAGES_OF_SLOT), ACC_READ);
	first = peek(at);
	store_pde(s->slot[i], new_table() | RWU);
	for (k = 1; k < PAGES_OF_SLOT; k++)
		access_at(space_va(s, i * PAGES_OF_SLOT + k), roll(2));
	store_pde(s->slot[i], first);
	guest_flush();
	audit();
	for (k = 0; k < PAGES_OF_SLOT; k++)
		access_at(space_va(s, i * PAGES_OF_SLOT + k), ACC_READ);
}

/* A PDE that leads to another table, or to none. */
JUDGED(tables, pde)
{
	start(1);
	for (u32 n = 0; n < 60; n++) {
		u32 i = roll(SLOTS), at = list[0].directory + list[0].slot[i] * 4;

		access_at(space_roll(&list[0]), roll(2));
		access_at(space_va(&list[0], i * PAGES_OF_SLOT), ACC_READ);
		write_table(at,
			    window.page[1 + roll(window.pages - 1)] | some_rights());
		guest_flush();
		space_play(&list[0], 6);
	}
	for (u32 i = 0; i < SLOTS; i++)
		there_and_back(i);
}

/* A and D that the guest takes away come back with the next access. */
JUDGED(tables, marks)
{
	start(1);
	for (u32 n = 0; n < 60; n++) {
		u32 va = space_roll(&list[0]), at = pte_at(list[0].directory, va);

		access_at(va, roll(2));
		if (!(peek(at) & PTE_P))
			continue;
		write_table(at, peek(at) & ~(u32)(roll(2) ? AD : PTE_D));
		invlpg_guest(va);
		access_at(va, roll(3) == 0);
		audit();
	}
}

/* From nothing to something no flush is needed. */
JUDGED(tables, grow)
{
	start(1);
	for (u32 n = 0; n < 80; n++) {
		u32 va = space_roll(&list[0]), at = pte_at(list[0].directory, va);

		access_at(va, roll(2));
		if (peek(at) & PTE_P) {
			write_table(at, 0);
			guest_flush();
			access_at(va, ACC_READ);
		} else {
			write_table(at, new_page() | RWU);
		}
		access_at(va, roll(2));
	}
	guest_flush();
	audit();
}

static bool is_plain(u32 gpa)
{
	return gpa >> PAGE_SHIFT < vm->mem_pages && !is_hole(gpa >> PAGE_SHIFT);
}

/* --- some bytes --------------------------------------------------------------------------------- */

/*
 * The VMM writes any bytes to a table that is traced: what was made of them is not true
 * any more, in no view, and the TLB must not know it either.
 */
JUDGED(tables, bytes)
{
	start(1);
	for (u32 n = 0; n < 80; n++) {
		u32 i = roll(SLOTS), word[5];
		u32 table = roll(3) ? table_page(0, i) : list[0].directory;
		u32 index = table == list[0].directory
				    ? list[0].slot[i]
				    : list[0].index[roll(PAGES_OF_SLOT)];
		u32 shift = roll(4), first = index > 1 ? index - 1 : 0;
		u32 bytes = min_u32(1 + roll(16), PAGE_SIZE - first * 4 - shift);

		for (u32 k = 0; k < ADDRESSES; k++)
			access_at(space_va(&list[0], k), ACC_READ);
		if (!is_plain(table))
			continue;
		for (u32 k = 0; k < ARRAY_LEN(word); k++)
			word[k] = first + k < PAGE_WORDS ? peek(table + (first + k) * 4)
							 : 0;
		for (u32 k = 0; k < bytes; k++)
			((u8 *)word)[shift + k] ^= (u8)(roll(3) ? 1u << roll(8) : 0);
		write_for_guest(table + first * 4 + shift, (u8 *)word + shift, bytes);
		audit();
		guest_flush();
		access_at(space_roll(&list[0]), roll(2));
		roll_mode();
	}
}

/* --- all together ------------------------------------------------------------------------------- */

enum { DATA = 10 };
static u32 data[DATA];

static u32 roll_pte(void)
{
	u32 marks = (roll(2) ? PTE_A : 0) | (roll(2) ? PTE_D : 0);

	if (!roll(6))
		return 0;
	if (!roll(8)) /* a table is data as well, here to be read */
		return window.page[roll(window.pages)] | PTE_P | (roll(2) ? PTE_U : 0);
	return data[roll(DATA)] | some_rights() | marks;
}

static u32 roll_pde(u32 k)
{
	u32 table = window.page[roll(window.pages)];

	/* no directory maps itself here: that is for the machine's tests */
	for (u32 i = 0; i < SPACES; i++)
		if (table == list[i].directory)
			table = table_page(k, roll(SLOTS));
	return is_plain(table) && table ? table | some_rights() : 0;
}

/* One change of a table, of this space or of another; and a flush where one is due. */
static void change(void)
{
	u32 k = roll(SPACES), slot = roll(SLOTS), at, old;

	if (roll(4) == 0) {
		at = list[k].directory + list[k].slot[slot] * 4;
		old = peek(at);
		write_table(at, roll_pde(k));
	} else {
		at = table_page(k, slot);
		if (!at)
			return;
		at += list[k].index[roll(PAGES_OF_SLOT)] * 4;
		old = peek(at);
		write_table(at, roll_pte());
	}
	if (old & PTE_P || roll(2))
		guest_flush();
}

static void storm_step(void)
{
	switch (roll(10)) {
	case 0:
		roll_mode();
		break;
	case 1:
		now = roll(SPACES);
		vm->cpu.mode = (enum vmode)roll(2);
		load_cr3(list[now].directory);
		break;
	case 2:
	case 3:
	case 4:
		change();
		break;
	default:
		access_at(space_roll(&list[now]), roll(2));
	}
}

JUDGED(tables, storm)
{
	start(SPACES);
	for (u32 i = 0; i < DATA; i++)
		data[i] = new_page();
	for (u32 n = 0; n < 1500; n++) {
		storm_step();
		if (n % 20 == 0)
			audit();
	}
	for (now = 0; now < SPACES; now++) {
		load_cr3(list[now].directory);
		space_play(&list[now], 30);
	}
}
