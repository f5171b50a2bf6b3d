/*
 * The keyboard: scan codes come one an interrupt, are made into characters, echoed, and
 * kept until the line ends.
 */
#include "keyboard.h"

#include "kernel.h"
#include "trap.h"

enum {
	IRQ = 1,
	DATA = 0x60,
	STATUS = 0x64,
	ST_OUTPUT_FULL = 0x01,
	ST_INPUT_FULL = 0x02,
	KBC_WRITE_OUTPUT_BUFFER = 0xD2,
	RELEASED = 0x80,
	SHIFT_LEFT = 0x2A,
	SHIFT_RIGHT = 0x36,
	ENTER = 0x1C,
	LINE = 64,
};

/* Scan codes set 1, by rows of the keyboard. */
static const char plain[] =
	"\0\0331234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./"
	"\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|"
			      "ZXCVBNM<>?\0*\0 ";

static char line[LINE];
static volatile uint32_t length, codes_seen;
static volatile bool ended;
static bool shift;

static void key_down(uint8_t code)
{
	char c = '\0';

	if (code < sizeof plain - 1)
		c = shift ? shifted[code] : plain[code];
	if (c == '\n') {
		ended = true;
	} else if (c >= ' ' && length < LINE - 1) {
		line[length] = c;
		length = length + 1;
		print("%c", c);
	}
}

static void on_interrupt(const struct frame *f)
{
	uint8_t code = inb(DATA);

	(void)f;
	codes_seen = codes_seen + 1;
	if ((code & ~RELEASED) == SHIFT_LEFT || (code & ~RELEASED) == SHIFT_RIGHT)
		shift = !(code & RELEASED);
	else if (!(code & RELEASED))
		key_down(code);
}

void keyboard_init(void)
{
	while (inb(STATUS) & ST_OUTPUT_FULL)
		inb(DATA);
	irq_open(IRQ, on_interrupt);
}

void keyboard_line(void)
{
	for (;;) {
		cli();
		if (ended)
			break;
		sti_hlt();
	}
	line[length] = '\0';
	print("\nkeyboard: %u characters: %s\n", length, line);
	length = 0;
	ended = false;
	sti();
}

static void wait_input(void)
{
	while (inb(STATUS) & ST_INPUT_FULL)
		;
}

/* The controller takes the byte for one that the keyboard sent, and interrupts. */
static void send(uint8_t code)
{
	uint32_t before = codes_seen;

	wait_input();
	outb(STATUS, KBC_WRITE_OUTPUT_BUFFER);
	wait_input();
	outb(DATA, code);
	while (codes_seen == before)
		;
}

void keyboard_type_to_myself(void)
{
	static const uint8_t codes[] = {
		SHIFT_LEFT, 0x23, SHIFT_LEFT | RELEASED, 0x17, 0x17 | RELEASED, 0x39,
		0x02,	    ENTER};

	print("keyboard: I type: ");
	for (uint32_t i = 0; i < sizeof codes; i++)
		send(codes[i]);
	keyboard_line();
}
