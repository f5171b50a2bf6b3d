/*
 * The clock and its memory.
 */
#include "grader/unit/model.h"
#include <criterion/criterion.h>

static void setup(void)
{
	model_init();
	model.now_ns = 0;
}

TestSuite(vcmos, .init = setup, .timeout = 10);

static u8 reg(u8 index)
{
	out8(0x70, index);
	return in8(0x71);
}

static void set(u8 index, u8 value)
{
	out8(0x70, index);
	out8(0x71, value);
}

/* All of the clock as one number, 20021209000000. */
static u64 clock_now(void)
{
	static const u8 regs[] = {0x32, 9, 8, 7, 4, 2, 0};
	u64 n = 0;
	u32 i;

	for (i = 0; i < 7; i++) {
		u8 v = reg(regs[i]);

		n = n * 100 + (v >> 4) * 10 + (v & 15);
	}
	return n;
}

static void pass_s(u64 s)
{
	model_pass_ns(s * 1000000000);
}

Test(vcmos, starts_on_a_monday_in_2002)
{
	cr_assert_eq(clock_now(), 20021209000000);
	cr_assert_eq(reg(6), 2);
}

Test(vcmos, follows_machine_time)
{
	pass_s(3600 * 23 + 59 * 60 + 58);
	cr_assert_eq(clock_now(), 20021209235958);
	pass_s(2);
	cr_assert_eq(clock_now(), 20021210000000);
	pass_s(86400 * 22);
	cr_assert_eq(clock_now(), 20030101000000);
}

Test(vcmos, knows_leap_years)
{
	pass_s(86400ull * (365 + 79 + 2)); /* 2003-12-09 + 81 days */
	cr_assert_eq(clock_now(), 20040228000000);
	pass_s(86400);
	cr_assert_eq(clock_now(), 20040229000000);
	pass_s(86400);
	cr_assert_eq(clock_now(), 20040301000000);
}

Test(vcmos, binary_and_twelve_hours)
{
	pass_s(13 * 3600);
	set(0x0b, 0x06);
	cr_assert_eq(reg(4), 13);
	cr_assert_eq(reg(7), 9);
	set(0x0b, 0x00);
	cr_assert_eq(reg(4), 0x81);
	pass_s(11 * 3600);
	cr_assert_eq(reg(4), 0x12, "midnight is 12 AM");
}

Test(vcmos, can_be_set)
{
	set(0x0b, 0x82);
	set(0x32, 0x19), set(9, 0x99), set(8, 0x12), set(7, 0x31);
	set(4, 0x23), set(2, 0x59), set(0, 0x58);
	pass_s(100);
	cr_assert_eq(clock_now(), 19991231235958, "stands still while it is set");
	set(0x0b, 0x02);
	pass_s(3);
	cr_assert_eq(clock_now(), 20000101000001);
}

Test(vcmos, a_write_without_set_is_lost)
{
	set(4, 0x11);
	cr_assert_eq(reg(4), 0);
}

Test(vcmos, nonsense_dates_are_survived)
{
	u32 i, x = 7;

	for (i = 0; i < 20000; i++) {
		x = x * 1664525 + 1013904223;
		set(x >> 24, x >> 8);
		reg(x >> 16);
		model_pass_ns(x);
	}
	vcmos_init(&vm);
	cr_assert_eq(reg(0x0d), 0x80);
}

Test(vcmos, busy_just_before_the_second)
{
	cr_assert_not(reg(0x0a) & 0x80);
	model_pass_ns(999000000);
	cr_assert(reg(0x0a) & 0x80);
	model_pass_ns(1000000);
	cr_assert_not(reg(0x0a) & 0x80);
}

Test(vcmos, says_how_much_memory_there_is)
{
	vm.mem_pages = 64 * 256;
	vcmos_init(&vm);
	cr_assert_eq(reg(0x15) | reg(0x16) << 8, 640);
	cr_assert_eq(reg(0x17) | reg(0x18) << 8, 63 * 1024);
	cr_assert_eq(reg(0x30) | reg(0x31) << 8, 63 * 1024);
	cr_assert_eq(reg(0x34) | reg(0x35) << 8, 48 * 16);
	vm.mem_pages = 4 * 256;
	vcmos_init(&vm);
	cr_assert_eq(reg(0x17) | reg(0x18) << 8, 3 * 1024);
	cr_assert_eq(reg(0x34) | reg(0x35) << 8, 0);
}

Test(vcmos, keeps_the_shutdown_byte_and_ignores_the_nmi_bit)
{
	set(0x0f, 0x0a);
	cr_assert_eq(reg(0x8f), 0x0a);
}

Test(vcmos, the_checksum_fits)
{
	u32 i, sum = 0;

	for (i = 0x10; i <= 0x2d; i++)
		sum += reg(i);
	cr_assert_eq(reg(0x2e) << 8 | reg(0x2f), (int)sum);
}
