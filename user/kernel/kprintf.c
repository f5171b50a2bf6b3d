/*
 * The kernel's voice. A panic walks the frame pointers, so that the numbers
 * can be looked up in guest.elf.
 */
#include "kprintf.h"

#include <stdarg.h>
#include <stdint.h>

#include "../lib/format.h"
#include "layout.h"
#include "uart.h"
#include "x86.h"

enum { LINE_MAX = 160, BACKTRACE_MAX = 16 };

/* For boot messages and the one line that a killed process gets. */
void kprintf(const char *format, ...)
{
	char line[LINE_MAX];
	va_list args;
	uint32_t length;

	va_start(args, format);
	length = format_args(line, sizeof(line), format, args);
	va_end(args);
	uart_write(line, length);
}

/* Prints return addresses as long as the frames look like kernel stack. */
static void backtrace(void)
{
	const uint32_t *frame = __builtin_frame_address(0);

	for (uint32_t i = 0; i < BACKTRACE_MAX; i++) {
		if ((uint32_t)frame < KERNBASE || (uint32_t)frame % 4 != 0)
			break;
		kprintf("  at %08x\n", frame[1]);
		if (frame[0] <= (uint32_t)frame)
			break;
		frame = (const uint32_t *)frame[0];
	}
}

/* Our own bugs end here; nothing that a program does may. */
_Noreturn void panic(const char *format, ...)
{
	char line[LINE_MAX];
	va_list args;

	cli();
	va_start(args, format);
	format_args(line, sizeof(line), format, args);
	va_end(args);
	kprintf("guest panic: %s\n", line);
	backtrace();
	uart_drain();
	for (;;)
		__asm__ volatile("cli; hlt");
}
