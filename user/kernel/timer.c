/*
 * The clock. A tick wakes whoever is due and lets the scheduler count the
 * running process's slice. Sleepers share one queue: each looks at the clock
 * again when woken, and a tick wakes the queue only when somebody is due.
 */
#include "timer.h"

#include "ide.h"
#include "proc.h"
#include "sched.h"
#include "stat.h"
#include "uart.h"
#include "x86.h"

enum {
	PIT_CHANNEL0 = 0x40,
	PIT_MODE = 0x43,
	PIT_MODE_RATE = 0x34, /* channel 0, low then high byte, mode 2 */
	PIT_HZ = 1193182,
	PIT_DIVISOR = PIT_HZ / TICKS_PER_SECOND,
};

uint32_t ticks;

static struct waitq sleepers;
static uint32_t next_due = UINT32_MAX;

/* Mode 2, a tick each PIT_DIVISOR counts. */
void timer_init(void)
{
	outb(PIT_MODE, PIT_MODE_RATE);
	outb(PIT_CHANNEL0, PIT_DIVISOR & 0xFF);
	outb(PIT_CHANNEL0, PIT_DIVISOR >> 8);
}

/* Cheap when nothing is due: it runs a hundred times a second. */
void timer_tick(void)
{
	ticks++;
	stat.ticks = ticks;
	uart_kick();
	ide_tick();
	sched_tick();
	if ((int32_t)(ticks - next_due) >= 0 && next_due != UINT32_MAX) {
		next_due = UINT32_MAX;
		wake_all(&sleepers);
	}
}

/* May sleep. Every sleeper restates its time each time the queue is woken. */
void timer_sleep(uint32_t ms)
{
	uint32_t due = ticks + ms / MS_PER_TICK + 1;

	while ((int32_t)(due - ticks) > 0 && !current->killed) {
		if (next_due == UINT32_MAX || (int32_t)(due - next_due) < 0)
			next_due = due;
		sleep_on(&sleepers, true);
	}
}
