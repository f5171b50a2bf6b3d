/*
 * The MC146818 clock. It is read when no update is under way; the digits are
 * BCD unless register B says otherwise.
 */
#include "rtc.h"

#include <stdbool.h>

#include "x86.h"

enum {
	CMOS_INDEX = 0x70,
	CMOS_DATA = 0x71,
	REG_SECOND = 0,
	REG_MINUTE = 2,
	REG_HOUR = 4,
	REG_DAY = 7,
	REG_MONTH = 8,
	REG_YEAR = 9,
	REG_A = 10,
	REG_B = 11,
	A_UPDATING = 0x80,
	B_BINARY = 0x04,
	POLLS = 100000,
};

uint32_t rtc_boot_time;

/* One CMOS register. */
static uint32_t read(uint32_t reg)
{
	outb(CMOS_INDEX, (uint8_t)reg);
	return inb(CMOS_DATA);
}

/* One field as a number. */
static uint32_t field(uint32_t reg, bool binary)
{
	uint32_t value = read(reg);

	return binary ? value : (value >> 4) * 10 + (value & 0x0F);
}

/* Days from 1970-01-01; years 2000 to 2099, where every fourth is a leap year. */
static uint32_t days(uint32_t year, uint32_t month, uint32_t day)
{
	static const uint16_t before[] = {0,   31,  59,	 90,  120, 151,
					  181, 212, 243, 273, 304, 334};
	enum { DAYS_TO_2000 = 10957 };
	uint32_t leap = month > 2 && year % 4 == 0 ? 1 : 0;

	return DAYS_TO_2000 + year * 365 + (year + 3) / 4 + before[(month - 1) % 12] +
	       leap + day - 1;
}

/* The wait for an update's end is bounded: a missing clock must not hang us. */
uint32_t rtc_read(void)
{
	bool binary = read(REG_B) & B_BINARY;
	uint32_t day;

	for (uint32_t i = 0; i < POLLS && read(REG_A) & A_UPDATING; i++)
		;
	day = days(field(REG_YEAR, binary), field(REG_MONTH, binary),
		   field(REG_DAY, binary));
	return ((day * 24 + field(REG_HOUR, binary)) * 60 + field(REG_MINUTE, binary)) *
		       60 +
	       field(REG_SECOND, binary);
}
