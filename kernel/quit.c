/*
 * Switching off. Each emulator has its own switch; on bare hardware there is none, and
 * the machine halts.
 */
#include "kernel/quit.h"
#include "kernel/console.h"
#include "kernel/event.h"
#include "kernel/io.h"
#include "kernel/plugin.h"
#include "kernel/time.h"

enum { BOCHS_SHUTDOWN = 0x8900, QEMU_DEBUG_EXIT = 0xF4 };

void machine_quit(u32 status)
{
	console_drain();
	event_listen(NULL);
	event_mute(false);
	event("exit", "status=%u tick=%llu", status, time_tsc());
	machine_stop(status);
}

void machine_stop(u32 status)
{
	plugin_exit(status);
	for (const char *s = "Shutdown"; *s; s++)
		outb(BOCHS_SHUTDOWN, (u8)*s);
	outl(QEMU_DEBUG_EXIT, status);
	for (;;)
		__asm__ volatile("cli; hlt");
}
