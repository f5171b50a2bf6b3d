/*
 * Machine time: the time stamp counter, scaled. At boot PIT channel 2 times 10 ms of
 * it; channel 0 then ticks at 100 Hz for ever.
 */
#include "kernel/time.h"
#include "kernel/asm.h"
#include "kernel/io.h"
#include "kernel/lib.h"
#include "kernel/panic.h"
#include "kernel/pic.h"
#include "kernel/thread.h"

enum {
	PIT_HZ = 1193182,
	PIT_CH0 = 0x40,
	PIT_CH2 = 0x42,
	PIT_MODE = 0x43,
	PORT_B = 0x61
};
enum { PIT_CH0_RATE = 0x34, PIT_CH2_ONESHOT = 0xB0 };
enum { PORT_B_GATE2 = 1, PORT_B_SPEAKER = 2, PORT_B_OUT2 = 0x20 };
enum { CALIBRATE_MS = 10, SCALE_SHIFT = 20, HOOKS_MAX = 4 };

static u64 tsc_start, tsc_halted;
static u32 tsc_khz, ns_scale; /* ns = ticks * ns_scale >> SCALE_SHIFT */
static void (*hooks[HOOKS_MAX])(void);
static unsigned hook_count;

/* Ticks of the time stamp counter in CALIBRATE_MS. */
static u64 measure_tsc(void)
{
	u32 count = PIT_HZ * CALIBRATE_MS / 1000;
	u64 begin;

	outb(PORT_B, (inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE2);
	outb(PIT_MODE, PIT_CH2_ONESHOT);
	outb(PIT_CH2, count & 0xff);
	outb(PIT_CH2, count >> 8);
	begin = rdtsc();
	while (!(inb(PORT_B) & PORT_B_OUT2))
		;
	return rdtsc() - begin;
}

void time_init(void)
{
	u32 rate = (PIT_HZ + HZ / 2) / HZ;

	tsc_khz = (u32)div_u64(measure_tsc(), CALIBRATE_MS, NULL);
	ASSERT(tsc_khz > 0);
	ns_scale = (u32)div_u64(1000000ull << SCALE_SHIFT, tsc_khz, NULL);
	tsc_start = rdtsc();
	outb(PIT_MODE, PIT_CH0_RATE);
	outb(PIT_CH0, rate & 0xff);
	outb(PIT_CH0, rate >> 8);
	pic_unmask(IRQ_TIMER);
}

u64 time_tsc(void)
{
	return rdtsc();
}

u64 time_tsc_to_ns(u64 ticks)
{
	u64 high = (ticks >> 32) * ns_scale << (32 - SCALE_SHIFT);

	return high + ((u64)(u32)ticks * ns_scale >> SCALE_SHIFT);
}

u64 time_ns(void)
{
	return ns_scale ? time_tsc_to_ns(rdtsc() - tsc_start) : 0;
}

u32 time_ms(void)
{
	return (u32)div_u64(time_ns(), 1000000, NULL);
}

u32 time_tsc_khz(void)
{
	return tsc_khz;
}

u64 time_halted(void)
{
	return tsc_halted;
}

void time_halt(void)
{
	u64 begin = rdtsc();

	sti_hlt_cli();
	tsc_halted += rdtsc() - begin;
}

void time_on_tick(void (*fn)(void))
{
	ASSERT(hook_count < HOOKS_MAX);
	hooks[hook_count++] = fn;
}

void time_interrupt(void)
{
	thread_tick();
	for (unsigned i = 0; i < hook_count; i++)
		hooks[i]();
}
