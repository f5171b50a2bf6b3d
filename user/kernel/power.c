/*
 * Power-off the way emulators understand: Bochs's shutdown port first, then
 * QEMU's isa-debug-exit; a real PC just halts.
 */
#include "power.h"

#include "cache.h"
#include "uart.h"
#include "x86.h"

enum {
	BOCHS_SHUTDOWN = 0x8900,
	QEMU_EXIT = 0xF4,
	KEYBOARD_COMMAND = 0x64,
	KEYBOARD_RESET = 0xFE, /* pulse the CPU's reset line */
};

/* The common beginning. */
static void settle(void)
{
	cache_sync();
	uart_drain();
}

/* Nothing after this. */
static _Noreturn void stop(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* The word goes out byte by byte. */
_Noreturn void power_off(void)
{
	static const char word[] = "Shutdown";

	settle();
	for (const char *c = word; *c != '\0'; c++)
		outb(BOCHS_SHUTDOWN, (uint8_t)*c);
	outb(QEMU_EXIT, 0);
	stop();
}

/* Every PC has this wire. */
_Noreturn void power_reboot(void)
{
	settle();
	outb(KEYBOARD_COMMAND, KEYBOARD_RESET);
	stop();
}
