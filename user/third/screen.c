/*
 * The text screen: 25 rows of 80 cells at physical 0xB8000, and the cursor in the CRT
 * controller, which a machine without a display adapter just ignores.
 */
#include "screen.h"

#include "kernel.h"
#include "layout.h"

enum {
	SCREEN = 0xB8000,
	COLUMNS = 80,
	ROWS = 25,
	WHITE = 0x0700,
	BLANK = WHITE | ' ',
	CRTC = 0x3D4, /* index, then data */
	CURSOR_HIGH = 0x0E,
	CURSOR_LOW = 0x0F,
};

static volatile uint16_t *const cells = (uint16_t *)(KERNBASE + SCREEN);
static uint32_t cursor;

static void show_cursor(void)
{
	outb(CRTC, CURSOR_HIGH);
	outb(CRTC + 1, (uint8_t)(cursor >> 8));
	outb(CRTC, CURSOR_LOW);
	outb(CRTC + 1, (uint8_t)cursor);
}

void screen_clear(void)
{
	for (uint32_t i = 0; i < COLUMNS * ROWS; i++)
		cells[i] = BLANK;
	cursor = 0;
	show_cursor();
}

static void scroll(void)
{
	for (uint32_t i = 0; i < COLUMNS * (ROWS - 1); i++)
		cells[i] = cells[i + COLUMNS];
	for (uint32_t i = COLUMNS * (ROWS - 1); i < COLUMNS * ROWS; i++)
		cells[i] = BLANK;
	cursor -= COLUMNS;
}

void screen_put(char c)
{
	if (c == '\n')
		cursor += COLUMNS - cursor % COLUMNS;
	else
		cells[cursor++] = (uint16_t)(WHITE | (uint8_t)c);
	if (cursor >= COLUMNS * ROWS)
		scroll();
	show_cursor();
}

uint32_t screen_sum(void)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < COLUMNS * ROWS; i++)
		sum = sum * 31 + (cells[i] & 0xFF);
	return sum;
}
