/*
 * The CMOS clock, read once at boot: only the program `date` shows it.
 */
#ifndef RTC_H
#define RTC_H

#include <stdint.h>

/* Seconds since 1970, as the clock's UTC. */
uint32_t rtc_read(void);

/* What it said at boot; main sets it. */
extern uint32_t rtc_boot_time;

#endif
