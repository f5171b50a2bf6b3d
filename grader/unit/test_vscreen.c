/*
 * A VM's text screen as text, without touching the VM.
 */
#include "kernel/kmap.h"
#include "kernel/panic.h"
#include "vmm/pmap.h"
#include "vmm/vm.h"
#include "vmm/vscreen.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { SCREEN_PPN = 0xb8, SCREEN_MPN = 0x77, WHITE = 0x07 };

static struct vm vm;
static u8 *page;
static enum pmap_state state;
static int mapped;

enum pmap_state pmap_lookup(const struct vm *v, ppn_t p, mpn_t *m)
{
	cr_assert(v == &vm && p.n == SCREEN_PPN);
	if (state == PMAP_PRIVATE)
		*m = mpn(SCREEN_MPN);
	return state;
}

void *kmap(mpn_t m)
{
	cr_assert_eq(m.n, (u32)SCREEN_MPN);
	mapped++;
	return page;
}

void kunmap(const void *p)
{
	cr_assert(p == page);
	mapped--;
}

/* The page comes from malloc: ASan guards its end. */
static void setup(void)
{
	page = calloc(1, PAGE_SIZE);
	state = PMAP_PRIVATE;
	mapped = 0;
}

static void done(void)
{
	cr_assert_eq(mapped, 0, "the page stays mapped");
	free(page);
}

TestSuite(vscreen, .init = setup, .fini = done);

static void put(unsigned row, unsigned column, const char *text)
{
	for (u8 *cell = page + (row * SCREEN_COLUMNS + column) * 2; *text; cell += 2) {
		cell[0] = (u8)*text++;
		cell[1] = WHITE;
	}
}

static void expect(unsigned row, const char *text)
{
	char *got = malloc(SCREEN_COLUMNS + 1);

	vscreen_row(&vm, row, got);
	cr_assert_str_eq(got, text, "row %u", row);
	free(got);
}

Test(vscreen, rows)
{
	put(0, 0, "first row");
	put(1, 4, "indented ");
	put(24, 79, "x");
	expect(0, "first row");
	expect(1, "    indented");
	expect(2, "");
	expect(24, "                                        "
		   "                                       x");
}

Test(vscreen, a_full_row)
{
	char text[SCREEN_COLUMNS + 1];

	memset(text, 'w', SCREEN_COLUMNS);
	text[SCREEN_COLUMNS] = '\0';
	put(12, 0, text);
	expect(12, text);
	expect(11, "");
	expect(13, "");
}

Test(vscreen, colours_are_no_text)
{
	for (u32 i = 1; i < PAGE_SIZE; i += 2)
		page[i] = 'c';
	expect(0, "");
	expect(24, "");
}

Test(vscreen, what_cannot_be_printed)
{
	put(0, 0, "a\033[2J\177\xb3\nb");
	expect(0, "a?[2J???b");
}

/* A page without a frame gets none. */
Test(vscreen, never_touched)
{
	static const enum pmap_state without[] = {
		PMAP_ABSENT, PMAP_UNBACKED, PMAP_BALLOONED, PMAP_SWAPPED, PMAP_DEVICE};

	put(0, 0, "secret");
	for (u32 i = 0; i < ARRAY_LEN(without); i++) {
		state = without[i];
		expect(0, "");
	}
}
