/*
 * The timer: counts, modes, latches, interrupts and the port that calibrating kernels
 * look at. Time moves only when a test moves it.
 */
#include "grader/unit/model.h"
#include <criterion/criterion.h>

enum { CTRL = 0x43, SPK = 0x61 };

/* Nanoseconds that are surely n ticks and not n + 1. */
static u64 ticks_ns(u64 n)
{
	return (n * 1000000000ull + VPIT_HZ - 1) / VPIT_HZ;
}

static void setup(void)
{
	model_init();
	model.now_ns = 0;
	vpit_init(&vm);
	out8(0x21, 0);
}

TestSuite(vpit, .init = setup, .timeout = 10);

static void load(unsigned channel, u8 mode, u16 count)
{
	out8(CTRL, channel << 6 | 0x30 | mode << 1);
	out8(0x40 + channel, count);
	out8(0x40 + channel, count >> 8);
}

static u16 latched(unsigned channel)
{
	u16 low;

	out8(CTRL, channel << 6);
	low = in8(0x40 + channel);
	return low | in8(0x40 + channel) << 8;
}

static void at_tick(u64 n)
{
	model.now_ns = ticks_ns(n);
}

/* Was an interrupt raised? Takes it. */
static bool irq0(void)
{
	vpit_update(&vm, model.now_ns);
	if (!vpic_due(&vm.pic))
		return false;
	vpic_ack(&vm.pic);
	out8(0x20, 0x20);
	return true;
}

Test(vpit, runs_at_18_hz_from_power_on)
{
	at_tick(65535);
	cr_assert_not(irq0());
	at_tick(65536);
	cr_assert(irq0());
}

Test(vpit, mode_2_counts_down_to_one_and_starts_anew)
{
	load(0, 2, 1000);
	at_tick(1);
	cr_assert_eq(latched(0), 999);
	at_tick(999);
	cr_assert_eq(latched(0), 1);
	at_tick(1000);
	cr_assert_eq(latched(0), 1000);
}

Test(vpit, mode_3_counts_by_two_twice_a_period)
{
	load(2, 3, 1000);
	out8(SPK, 1);
	at_tick(100);
	cr_assert_eq(latched(2), 800);
	cr_assert(in8(SPK) & 0x20);
	at_tick(600);
	cr_assert_eq(latched(2), 800);
	cr_assert_not(in8(SPK) & 0x20, "second half: OUT is low");
}

Test(vpit, count_zero_is_65536)
{
	load(0, 2, 0);
	at_tick(1);
	cr_assert_eq(latched(0), 65535);
}

Test(vpit, one_interrupt_a_period)
{
	u32 i, n = 0;

	load(0, 2, 11932); /* 100 Hz */
	for (i = 1; i <= 1000; i++) {
		model.now_ns = i * 1000000ull;
		n += irq0();
	}
	cr_assert_eq(n, 99, "got %u", n); /* the hundredth is 72 ticks late */
}

Test(vpit, what_fell_due_while_away_is_one_interrupt_and_the_phase_stays)
{
	load(0, 3, 1000);
	at_tick(10500);
	cr_assert(irq0());
	cr_assert_not(irq0(), "no storm");
	at_tick(10999);
	cr_assert_not(irq0());
	at_tick(11000);
	cr_assert(irq0(), "the next is where it always was");
}

Test(vpit, mode_0_interrupts_once)
{
	load(0, 0, 100);
	at_tick(100);
	cr_assert_not(irq0());
	at_tick(101);
	cr_assert(irq0());
	at_tick(70000);
	cr_assert_not(irq0());
	cr_assert_eq(latched(0), (u16)(100 - 70000), "goes on below zero");
}

Test(vpit, mode_4_interrupts_once)
{
	load(0, 4, 50);
	at_tick(51);
	cr_assert(irq0());
	at_tick(200);
	cr_assert_not(irq0());
}

Test(vpit, the_first_byte_of_mode_0_stops_it)
{
	load(0, 0, 100);
	out8(0x40, 5);
	at_tick(500);
	cr_assert_not(irq0());
	out8(0x40, 0);
	at_tick(506);
	cr_assert(irq0());
}

Test(vpit, a_latch_holds_until_both_bytes_are_read)
{
	u8 low;

	load(0, 2, 0x8000);
	at_tick(0x100);
	out8(CTRL, 0x00);
	at_tick(0x1234);
	out8(CTRL, 0x00); /* ignored */
	low = in8(0x40);
	cr_assert_eq(low | in8(0x40) << 8, 0x7f00);
	cr_assert_eq(in8(0x40), (0x8000 - 0x1234) & 0xff);
}

Test(vpit, read_back_gives_status_then_count)
{
	load(2, 3, 1000);
	out8(SPK, 1);
	at_tick(10);
	out8(CTRL, 0xc8); /* count and status of channel 2 */
	cr_assert_eq(in8(0x42), 0x80 | 0x30 | 3 << 1);
	cr_assert_eq(in8(0x42), 980 & 0xff);
	cr_assert_eq(in8(0x42), 980 >> 8);
}

Test(vpit, the_status_says_null_count_until_it_is_loaded)
{
	out8(CTRL, 0xb0);
	out8(CTRL, 0xe8);
	cr_assert(in8(0x42) & 0x40);
	out8(0x42, 1), out8(0x42, 1);
	out8(CTRL, 0xe8);
	cr_assert_not(in8(0x42) & 0x40);
}

Test(vpit, one_byte_access)
{
	out8(CTRL, 0x14); /* channel 0, low byte, mode 2 */
	out8(0x40, 200);
	at_tick(50);
	cr_assert_eq(in8(0x40), 150);
	cr_assert_eq(in8(0x40), 150);
	out8(CTRL, 0x24); /* high byte */
	out8(0x40, 2);
	at_tick(51);
	cr_assert_eq(in8(0x40), 1);
}

Test(vpit, bcd_counts_in_tens)
{
	out8(CTRL, 0x35);
	out8(0x40, 0x00), out8(0x40, 0x10); /* 1000 */
	at_tick(1);
	cr_assert_eq(latched(0), 0x0999);
	at_tick(1000);
	cr_assert(irq0());
}

/* How kernels measure their CPU: mode 0 on channel 2, wait for OUT2. */
Test(vpit, out2_rises_when_mode_0_ends)
{
	out8(SPK, 1);
	load(2, 0, 0xe90b); /* 50 ms */
	cr_assert_not(in8(SPK) & 0x20);
	at_tick(0xe90b);
	cr_assert_not(in8(SPK) & 0x20);
	at_tick(0xe90b + 1);
	cr_assert(in8(SPK) & 0x20);
}

Test(vpit, the_gate_holds_the_count)
{
	out8(SPK, 1);
	load(2, 0, 1000);
	at_tick(100);
	out8(SPK, 0);
	at_tick(500);
	cr_assert_eq(latched(2), 900);
	out8(SPK, 1);
	at_tick(600);
	cr_assert_eq(latched(2), 800);
}

Test(vpit, mode_1_waits_for_the_gate)
{
	out8(SPK, 0);
	load(2, 1, 100);
	at_tick(500);
	cr_assert(in8(SPK) & 0x20);
	out8(SPK, 1);
	at_tick(550);
	cr_assert_not(in8(SPK) & 0x20);
	at_tick(601);
	cr_assert(in8(SPK) & 0x20);
}

Test(vpit, the_refresh_bit_toggles)
{
	u8 first = in8(SPK) & 0x10;

	at_tick(18);
	cr_assert_neq(in8(SPK) & 0x10, first);
	at_tick(36);
	cr_assert_eq(in8(SPK) & 0x10, first);
}

Test(vpit, time_stays_exact_over_a_year)
{
	model.now_ns = 365ull * 86400 * 1000000000;
	load(0, 2, 0);
	model_pass_ns(ticks_ns(10));
	cr_assert_eq(latched(0), 65526);
}

Test(vpit, any_bytes_are_survived)
{
	u32 i, x = 99;

	for (i = 0; i < 100000; i++) {
		x = x * 1664525 + 1013904223;
		out8(0x40 + (x >> 30), x >> 8);
		if (x & 0x1000)
			out8(SPK, x >> 16);
		in8(0x40 + (x >> 28 & 3));
		model_pass_ns(x >> 12);
		vpit_update(&vm, model.now_ns);
	}
	load(0, 2, 1000);
	model_pass_ns(ticks_ns(1001));
	vpit_update(&vm, model.now_ns);
	cr_assert(model_line(0));
}
