/*
 * A kernel in the shape of those that teaching courses use, but none of them: what it asks
 * of the machine is what they ask. It knows nothing of Ballast; the same file runs on bare
 * machines and as a VM, and must print the same. Words on the command line make it wait for
 * a typed line (`keys`) and print what is read where nothing is (`ones`).
 */
#include "hardware.h"
#include "kernel.h"
#include "keyboard.h"
#include "layout.h"
#include "memory.h"
#include "screen.h"
#include "task.h"
#include "trap.h"

enum {
	PIT_COUNTER0 = 0x40,
	PIT_COMMAND = 0x43,
	PIT_RATE_LOW_HIGH = 0x34, /* counter 0, mode 2 */
	PIT_HZ = 1193182,
	HZ = 100,
	TICKS_WAITED = 5,
	RPL = 3,
};

static volatile uint32_t ticks;

extern const char cmdline[];

static void on_timer(const struct frame *f)
{
	ticks = ticks + 1;
	if (f->cs & RPL)
		task_tick();
}

static void timer_init(void)
{
	outb(PIT_COMMAND, PIT_RATE_LOW_HIGH);
	outb(PIT_COUNTER0, PIT_HZ / HZ % 256);
	outb(PIT_COUNTER0, PIT_HZ / HZ / 256);
	irq_open(0, on_timer);
}

/* Sleeps by sti; hlt, as an idle loop does. */
static void wait_ticks(uint32_t n)
{
	uint32_t end = ticks + n;

	for (;;) {
		cli();
		if ((int32_t)(end - ticks) <= 0)
			break;
		sti_hlt();
	}
	sti();
}

/* No tick comes inside, however long it takes, and the flag is as before after it. */
static void check_critical_section(void)
{
	uint32_t before, inside;

	hold();
	hold();
	before = ticks;
	for (volatile uint32_t i = 0; i < 500000; i = i + 1)
		;
	release();
	inside = ticks - before;
	release();
	print("lock: %u ticks inside, interrupts %s after\n", inside,
	      read_eflags() & EFLAGS_IF ? "on" : "off");
}

static bool told(const char *word)
{
	for (const char *at = cmdline; *at != '\0'; at++) {
		uint32_t n = 0;

		while (word[n] != '\0' && at[n] == word[n])
			n++;
		if (word[n] == '\0')
			return true;
	}
	return false;
}

int main(void)
{
	console_init();
	print("third: in the high half, on a large page\n");
	trap_init();
	memory_init();
	hardware_probe();
	timer_init();
	keyboard_init();
	sti();
	wait_ticks(TICKS_WAITED);
	print("timer: %u ticks at %u Hz\n", TICKS_WAITED, HZ);
	check_critical_section();
	keyboard_type_to_myself();
	hardware_holes();
	task_run();
	memory_check();
	if (told("ones"))
		hardware_ones();
	if (told("keys")) {
		print("third: type a line\n");
		keyboard_line();
	}
	print("screen: checksum %x\nthird: done\n", screen_sum());
	cli();
	power_off();
}
