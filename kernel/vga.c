/*
 * VGA text: a character and an attribute per cell at machine address 0xB8000, and a
 * cursor that two registers of the CRT controller place (IBM VGA technical reference,
 * 2-55).
 */
#include "kernel/vga.h"
#include "kernel/io.h"
#include "kernel/lib.h"
#include "kernel/paging.h"

enum { COLUMNS = 80, ROWS = 25, TAB = 8, CELLS = COLUMNS * ROWS };
enum { TEXT_MEMORY = 0xB8000 };
enum { GREY_ON_BLACK = 0x07, BLANK = GREY_ON_BLACK << 8 | ' ' };
enum {
	CRTC_INDEX = 0x3D4,
	CRTC_DATA = 0x3D5,
	CRTC_CURSOR_HIGH = 14,
	CRTC_CURSOR_LOW = 15
};

static u16 *cells;
static u32 at; /* the cursor, as a cell */

/* How far into an escape sequence we are. */
static enum { TEXT, ESCAPE, SEQUENCE } mode;

static void blank(u32 from, u32 to)
{
	for (u32 i = from; i < to; i++)
		cells[i] = BLANK;
}

static void show_cursor(void)
{
	outb(CRTC_INDEX, CRTC_CURSOR_HIGH);
	outb(CRTC_DATA, (u8)(at >> 8));
	outb(CRTC_INDEX, CRTC_CURSOR_LOW);
	outb(CRTC_DATA, (u8)at);
}

void vga_init(void)
{
	cells = phys_to_virt((mpa_t){TEXT_MEMORY});
	blank(0, CELLS);
	at = 0;
	show_cursor();
}

/* Keeps the cursor on the screen by moving the text up. */
static void scroll(void)
{
	if (at < CELLS)
		return;
	memmove(cells, cells + COLUMNS, (CELLS - COLUMNS) * sizeof(*cells));
	blank(CELLS - COLUMNS, CELLS);
	at -= COLUMNS;
}

static void put_text(char c)
{
	switch (c) {
	case '\n':
		at += COLUMNS - at % COLUMNS;
		break;
	case '\r':
		at -= at % COLUMNS;
		break;
	case '\b':
		if (at % COLUMNS > 0)
			at--;
		break;
	case '\t':
		at += TAB - at % TAB;
		break;
	case '\033':
		mode = ESCAPE;
		break;
	default:
		if ((u8)c >= ' ')
			cells[at++] = GREY_ON_BLACK << 8 | (u8)c;
	}
	scroll();
}

/* The last letter of an ESC [ sequence says what it is. */
static void end_sequence(char c)
{
	if (c == 'K')
		blank(at, at + COLUMNS - at % COLUMNS);
	if (c == 'J')
		blank(0, CELLS);
	if (c == 'H')
		at = 0;
}

void vga_put(char c)
{
	if (!cells)
		return;
	switch (mode) {
	case TEXT:
		put_text(c);
		break;
	case ESCAPE:
		mode = c == '[' ? SEQUENCE : TEXT;
		break;
	case SEQUENCE:
		if (c >= '@' && c <= '~') {
			end_sequence(c);
			mode = TEXT;
		}
		break;
	}
	show_cursor();
}
