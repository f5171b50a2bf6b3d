/*
 * date: the wall clock (UTC) and the time since boot.
 */
#include "../lib/guest.h"

enum { DAY = 86400, DAYS_TO_2000 = 10957, FOUR_YEARS = 1461 };

struct date {
	uint32_t year, month, day;
};

/* The calendar from 2000 to 2099, where every fourth year is a leap year. */
static struct date date_of(uint32_t days)
{
	static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30,
					  31, 31, 30, 31, 30, 31};
	struct date date = {.year = 2000 + days / FOUR_YEARS * 4, .month = 1};
	uint32_t length = 366;

	days %= FOUR_YEARS;
	while (days >= length) {
		days -= length;
		date.year++;
		length = 365;
	}
	for (;; date.month++) {
		length = lengths[date.month - 1] +
			 (date.month == 2 && date.year % 4 == 0);
		if (days < length)
			break;
		days -= length;
	}
	date.day = days + 1;
	return date;
}

/* Before 2000 there is no such PC. */
int main(int argc, char **argv)
{
	struct abi_time time;
	struct date date;
	uint32_t seconds;

	(void)argc;
	(void)argv;
	if (get_time(&time) < 0 || time.unix_seconds / DAY < DAYS_TO_2000)
		fail("date", "the clock is not set");
	date = date_of(time.unix_seconds / DAY - DAYS_TO_2000);
	seconds = time.unix_seconds % DAY;
	printf("%u-%02u-%02u %02u:%02u:%02u UTC, up %u s\n", date.year, date.month,
	       date.day, seconds / 3600, seconds / 60 % 60, seconds % 60,
	       time.ms / 1000);
	return 0;
}
