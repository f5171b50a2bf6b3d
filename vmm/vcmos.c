/*
 * The clock and its memory. The time is machine time on top of a fixed date, so that
 * the same run sees the same dates. The memory bytes are those that kernels ask for:
 * how much memory there is, what drives, why the last shutdown was.
 */
#include "kernel/lib.h"
#include "kernel/time.h"
#include "vmm/vm.h"

/* Register numbers: MC146818A data sheet, figure 9; the rest IBM PC AT. */
enum {
	REG_SECONDS = 0x00,
	REG_MINUTES = 0x02,
	REG_HOURS = 0x04,
	REG_WEEKDAY = 0x06,
	REG_DAY = 0x07,
	REG_MONTH = 0x08,
	REG_YEAR = 0x09,
	REG_A = 0x0a,
	REG_B = 0x0b,
	REG_C = 0x0c,
	REG_D = 0x0d,
	REG_DRIVES = 0x12,
	REG_EQUIPMENT = 0x14,
	REG_BASE_KIB = 0x15,
	REG_EXTENDED_KIB = 0x17,
	REG_DRIVE0_TYPE = 0x19,
	REG_CHECKSUM = 0x2e,
	REG_EXTENDED_KIB2 = 0x30,
	REG_CENTURY = 0x32,
	REG_HIGH_64KIB = 0x34,
};

enum {
	A_BUSY = 0x80,
	A_DEFAULT = 0x26, /* 32768 Hz crystal, 1024 Hz rate */
	B_24H = 0x02,
	B_BINARY = 0x04,
	B_SET = 0x80,
	D_VALID = 0x80,
	HOUR_PM = 0x80,
	INDEX_MASK = 0x7f, /* bit 7 of port 0x70 gates NMI */
};

enum {
	DRIVE0_EXTENDED = 0xf0, /* first drive's type is in REG_DRIVE0_TYPE */
	DRIVE_USER_TYPE = 47,
	EQUIPMENT_FPU = 0x02,
	BASE_KIB = 640,
	KIB_LIMIT = 0xfc00, /* 63 MiB: all that REG_EXTENDED_KIB is used for */
	CHECKSUM_FIRST = 0x10,
	CHECKSUM_LAST = 0x2d,
};

enum { NS_PER_S = 1000000000, UPDATE_NS = 244000 + 1984000 };
enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY_S = 24 * HOUR };

/* 2002-12-09 00:00:00, a Monday; days count from 1970-01-01. */
enum { START_DAY = 12030, EPOCH_WEEKDAY = 4 /* Thursday, Sunday = 0 */ };
enum { MAX_DAY = 84005 /* 2199-12-31 */ };

struct date {
	u32 year, month, day, weekday, hour, minute, second;
};

static bool leap(u32 year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static u32 month_days(u32 year, u32 month)
{
	static const u8 days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && leap(year));
}

/* Seconds since 1970 as a date. Counts years: at most 229 of them. */
static void to_date(u64 seconds, struct date *d)
{
	u32 rest, days = div_u64(seconds, DAY_S, &rest);

	d->weekday = (days + EPOCH_WEEKDAY) % 7;
	d->hour = rest / HOUR;
	d->minute = rest / MINUTE % 60;
	d->second = rest % MINUTE;
	for (d->year = 1970; days >= 365u + leap(d->year); d->year++)
		days -= 365 + leap(d->year);
	for (d->month = 1; days >= month_days(d->year, d->month); d->month++)
		days -= month_days(d->year, d->month);
	d->day = days + 1;
}

/* The same backwards; fields out of range are brought into it first. */
static u64 from_date(const struct date *d)
{
	u32 month = d->month < 1 || d->month > 12 ? 1 : d->month;
	u32 year, m, days = d->day ? d->day - 1 : 0;

	for (year = 1970; year < d->year && year < 2200; year++)
		days += 365 + leap(year);
	for (m = 1; m < month; m++)
		days += month_days(year, m);
	return (u64)min_u32(days, MAX_DAY) * DAY_S + d->hour * HOUR +
	       d->minute * MINUTE + d->second;
}

/* The guest's clock now, in seconds since 1970; *ns is the rest. */
static u64 guest_seconds(const struct vm *vm, u32 *ns)
{
	return (u64)START_DAY * DAY_S + div_u64(time_ns(), NS_PER_S, ns) +
	       (u64)vm->cmos.offset_s;
}

/* A number in the form that status B asks for. */
static u8 encode(const struct vcmos *c, u32 n)
{
	return c->ram[REG_B] & B_BINARY ? n : n / 10 << 4 | n % 10;
}

static u32 decode_number(const struct vcmos *c, u8 n)
{
	return c->ram[REG_B] & B_BINARY ? n : (n >> 4) * 10u + (n & 15);
}

static u8 encode_hour(const struct vcmos *c, u32 hour)
{
	if (c->ram[REG_B] & B_24H)
		return encode(c, hour);
	return encode(c, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? HOUR_PM : 0);
}

static u32 decode_hour(const struct vcmos *c, u8 n)
{
	if (c->ram[REG_B] & B_24H)
		return decode_number(c, n);
	return decode_number(c, n & ~HOUR_PM) % 12 + (n & HOUR_PM ? 12 : 0);
}

/* Copies the running time into the registers, where the guest reads it. */
static void refresh(struct vm *vm)
{
	struct vcmos *c = &vm->cmos;
	struct date d;
	u32 ns;

	if (c->ram[REG_B] & B_SET)
		return;
	to_date(guest_seconds(vm, &ns), &d);
	c->ram[REG_SECONDS] = encode(c, d.second);
	c->ram[REG_MINUTES] = encode(c, d.minute);
	c->ram[REG_HOURS] = encode_hour(c, d.hour);
	c->ram[REG_WEEKDAY] = encode(c, d.weekday + 1);
	c->ram[REG_DAY] = encode(c, d.day);
	c->ram[REG_MONTH] = encode(c, d.month);
	c->ram[REG_YEAR] = encode(c, d.year % 100);
	c->ram[REG_CENTURY] = encode(c, d.year / 100);
}

/* The guest has set the clock: from now on it runs from there. */
static void set_clock(struct vm *vm)
{
	struct vcmos *c = &vm->cmos;
	struct date d = {
		.year = decode_number(c, c->ram[REG_CENTURY]) * 100 +
			decode_number(c, c->ram[REG_YEAR]),
		.month = decode_number(c, c->ram[REG_MONTH]),
		.day = decode_number(c, c->ram[REG_DAY]),
		.hour = decode_hour(c, c->ram[REG_HOURS]),
		.minute = decode_number(c, c->ram[REG_MINUTES]),
		.second = decode_number(c, c->ram[REG_SECONDS]),
	};
	u32 ns;

	c->offset_s += (s64)(from_date(&d) - guest_seconds(vm, &ns));
}

/* Status B: leaving SET sets the clock; the form of the numbers may change too. */
static void write_b(struct vm *vm, u8 value)
{
	struct vcmos *c = &vm->cmos;
	bool was_set = c->ram[REG_B] & B_SET;

	refresh(vm);
	if (was_set && !(value & B_SET))
		set_clock(vm);
	c->ram[REG_B] = value;
}

static bool clock_register(u8 index)
{
	return index == REG_SECONDS || index == REG_MINUTES || index == REG_HOURS ||
	       (index >= REG_WEEKDAY && index <= REG_YEAR) || index == REG_CENTURY;
}

/* Busy just before each full second, when the chip updates its registers. */
static u8 read_a(const struct vm *vm)
{
	u32 ns;

	guest_seconds(vm, &ns);
	if (!(vm->cmos.ram[REG_B] & B_SET) && ns >= NS_PER_S - UPDATE_NS)
		return vm->cmos.ram[REG_A] | A_BUSY;
	return vm->cmos.ram[REG_A];
}

u32 vcmos_in(struct vm *vm, u16 port, unsigned size)
{
	struct vcmos *c = &vm->cmos;

	(void)size;
	if (!(port & 1))
		return 0xff; /* the index can't be read */
	if (c->index == REG_A)
		return read_a(vm);
	if (clock_register(c->index))
		refresh(vm);
	return c->ram[c->index];
}

void vcmos_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	struct vcmos *c = &vm->cmos;

	(void)size;
	if (!(port & 1)) {
		c->index = value & INDEX_MASK;
		return;
	}
	if (c->index == REG_A)
		c->ram[REG_A] = value & ~A_BUSY;
	else if (c->index == REG_B)
		write_b(vm, value);
	else if (c->index == REG_C || c->index == REG_D)
		return; /* read only */
	else if (!clock_register(c->index) || (c->ram[REG_B] & B_SET))
		c->ram[c->index] = value;
}

static void put16(struct vcmos *c, unsigned reg, u32 value)
{
	c->ram[reg] = value;
	c->ram[reg + 1] = value >> 8;
}

/* How much memory: below 1 MiB, above it in KiB, above 16 MiB in units of 64 KiB. */
static void put_memory(struct vm *vm)
{
	struct vcmos *c = &vm->cmos;
	u32 kib = vm->mem_pages * (PAGE_SIZE / KIB);
	u32 above = kib > KIB ? kib - KIB : 0;
	u32 high = kib > 16 * KIB ? (kib - 16 * KIB) / 64 : 0;

	put16(c, REG_BASE_KIB, min_u32(kib, BASE_KIB));
	put16(c, REG_EXTENDED_KIB, min_u32(above, KIB_LIMIT));
	put16(c, REG_EXTENDED_KIB2, min_u32(above, KIB_LIMIT));
	put16(c, REG_HIGH_64KIB, min_u32(high, 0xffff));
}

void vcmos_init(struct vm *vm)
{
	struct vcmos *c = &vm->cmos;
	u32 i, sum = 0;

	*c = (struct vcmos){0};
	c->ram[REG_A] = A_DEFAULT;
	c->ram[REG_B] = B_24H;
	c->ram[REG_D] = D_VALID;
	c->ram[REG_DRIVES] = DRIVE0_EXTENDED;
	c->ram[REG_DRIVE0_TYPE] = DRIVE_USER_TYPE;
	c->ram[REG_EQUIPMENT] = EQUIPMENT_FPU;
	put_memory(vm);
	for (i = CHECKSUM_FIRST; i <= CHECKSUM_LAST; i++)
		sum += c->ram[i];
	c->ram[REG_CHECKSUM] = sum >> 8;
	c->ram[REG_CHECKSUM + 1] = sum;
}
