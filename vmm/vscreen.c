/*
 * Looking at a VM's text screen without changing anything in it.
 */
#include "vmm/vscreen.h"
#include "kernel/kmap.h"
#include "kernel/panic.h"
#include "vmm/vm.h"

enum { SCREEN_AT = 0xB8000, CELL = 2, ROW_BYTES = SCREEN_COLUMNS * CELL };

static char printable(u8 c)
{
	if (c == '\0')
		return ' ';
	return c >= ' ' && c <= '~' ? (char)c : '?';
}

void vscreen_row(const struct vm *vm, unsigned row, char text[SCREEN_COLUMNS + 1])
{
	gpa_t at = gpa(SCREEN_AT + row * ROW_BYTES);
	unsigned end = 0;
	const u8 *page;
	mpn_t m;

	ASSERT(row < SCREEN_ROWS && gpa_offset(at) + ROW_BYTES <= PAGE_SIZE);
	text[0] = '\0';
	if (pmap_lookup(vm, gpa_page(at), &m) != PMAP_PRIVATE)
		return;
	page = kmap(m);
	for (unsigned i = 0; i < SCREEN_COLUMNS; i++) {
		text[i] = printable(page[gpa_offset(at) + i * CELL]);
		if (text[i] != ' ')
			end = i + 1;
	}
	kunmap(page);
	text[end] = '\0';
}
