/*
 * Text: to the screen at 0xB8000 and to COM1, by polling.
 */
#include <stdarg.h>

#include "kernel.h"
#include "layout.h"
#include "screen.h"

enum {
	COM1 = 0x3F8,
	IER = COM1 + 1,
	FCR = COM1 + 2,
	LCR = COM1 + 3,
	LSR = COM1 + 5,
	FCR_ENABLE_CLEAR = 0x07,
	LCR_8N1 = 0x03,
	LCR_DIVISOR = 0x80,
	LSR_HOLDING_EMPTY = 0x20,
	LSR_ALL_SENT = 0x40,
	BOCHS_SHUTDOWN = 0x8900,
	QEMU_EXIT = 0xF4,
};

/* 115200 baud, 8 bits, no interrupts. */
void console_init(void)
{
	screen_clear();
	outb(IER, 0);
	outb(LCR, LCR_DIVISOR);
	outb(COM1, 1);
	outb(COM1 + 1, 0);
	outb(LCR, LCR_8N1);
	outb(FCR, FCR_ENABLE_CLEAR);
}

static void serial_put(char c)
{
	if (c == '\n')
		serial_put('\r');
	while (!(inb(LSR) & LSR_HOLDING_EMPTY))
		;
	outb(COM1, (uint8_t)c);
}

static void put(char c)
{
	screen_put(c);
	serial_put(c);
}

static void put_number(uint32_t value, uint32_t base)
{
	char digits[10];
	uint32_t n = 0;

	for (; value != 0 || n == 0; value /= base)
		digits[n++] = "0123456789abcdef"[value % base];
	while (n > 0)
		put(digits[--n]);
}

static void print_list(const char *format, va_list args)
{
	hold();
	for (; *format != '\0'; format++) {
		if (*format != '%')
			put(*format);
		else if (*++format == 's')
			for (const char *s = va_arg(args, const char *); *s != '\0';
			     s++)
				put(*s);
		else if (*format == 'c')
			put((char)va_arg(args, int));
		else
			put_number(va_arg(args, uint32_t), *format == 'x' ? 16 : 10);
	}
	release();
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_list(format, args);
	va_end(args);
}

_Noreturn void stop(const char *format, ...)
{
	va_list args;

	print("STOP: ");
	va_start(args, format);
	print_list(format, args);
	va_end(args);
	print("\n");
	power_off();
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
