/*
 * What the small test guests say, over the serial line and by polling; what they are
 * told; and their end.
 */
#include <stdarg.h>
#include <stddef.h>

#include "machine.h"

enum {
	COM1 = 0x3F8,
	IER = COM1 + 1,
	FCR = COM1 + 2,
	LCR = COM1 + 3,
	MCR = COM1 + 4,
	LSR = COM1 + 5,
	FCR_ENABLE_CLEAR = 0x07,
	LCR_8N1 = 0x03,
	LCR_DIVISOR = 0x80,
	MCR_DTR_RTS = 0x03,
	LSR_HOLDING_EMPTY = 0x20,
	LSR_ALL_SENT = 0x40,
	BOCHS_SHUTDOWN = 0x8900,
	QEMU_EXIT = 0xF4,
};

/* 115200 baud, 8 bits, no interrupts. */
void serial_init(void)
{
	outb(IER, 0);
	outb(LCR, LCR_DIVISOR);
	outb(COM1, 1);
	outb(COM1 + 1, 0);
	outb(LCR, LCR_8N1);
	outb(FCR, FCR_ENABLE_CLEAR);
	outb(MCR, MCR_DTR_RTS);
}

static void put(char c)
{
	if (c == '\n')
		put('\r');
	while (!(inb(LSR) & LSR_HOLDING_EMPTY))
		;
	outb(COM1, (uint8_t)c);
}

static void put_string(const char *s)
{
	while (*s != '\0')
		put(*s++);
}

static void put_number(uint32_t value, uint32_t base, uint32_t width)
{
	char digits[10];
	uint32_t n = 0;

	for (; value != 0 || n == 0; value /= base)
		digits[n++] = "0123456789abcdef"[value % base];
	for (; width > n; width--)
		put('0');
	while (n > 0)
		put(digits[--n]);
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	for (; *format != '\0'; format++) {
		uint32_t width = 0;

		if (*format != '%') {
			put(*format);
			continue;
		}
		while (*++format >= '0' && *format <= '9')
			width = width * 10 + (uint32_t)(*format - '0');
		if (*format == 's')
			put_string(va_arg(args, const char *));
		else if (*format == 'c')
			put((char)va_arg(args, int));
		else
			put_number(va_arg(args, uint32_t), *format == 'x' ? 16 : 10,
				   width);
	}
	va_end(args);
}

/* The text behind KEY= if the word at `at` begins so, else NULL. */
static const char *value_of(const char *at, const char *key)
{
	while (*key != '\0')
		if (*at++ != *key++)
			return NULL;
	return *at == '=' ? at + 1 : NULL;
}

uint32_t option(const char *key, uint32_t otherwise)
{
	for (const char *at = mini_cmdline; *at != '\0'; at++) {
		bool begins = at == mini_cmdline || at[-1] == ' ';
		const char *value = begins ? value_of(at, key) : NULL;

		if (value == NULL)
			continue;
		for (otherwise = 0; *value >= '0' && *value <= '9'; value++)
			otherwise = otherwise * 10 + (uint32_t)(*value - '0');
	}
	return otherwise;
}

_Noreturn void power_off(void)
{
	static const char word[] = "Shutdown";

	while (!(inb(LSR) & LSR_ALL_SENT))
		;
	for (const char *c = word; *c != '\0'; c++)
		outb(BOCHS_SHUTDOWN, (uint8_t)*c);
	outb(QEMU_EXIT, 0);
	for (;;)
		__asm__ volatile("cli; hlt");
}
