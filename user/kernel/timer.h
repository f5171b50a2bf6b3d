/*
 * Time: 100 ticks a second from PIT channel 0, and who waits for them.
 */
#ifndef TIMER_H
#define TIMER_H

#include <stdbool.h>
#include <stdint.h>

enum { TICKS_PER_SECOND = 100, MS_PER_TICK = 10 };

/* Ticks since boot. */
extern uint32_t ticks;

/* Starts the PIT. */
void timer_init(void);

/* From the timer interrupt. */
void timer_tick(void);

/* Sleeps for at least `ms`, or until the process is killed. */
void timer_sleep(uint32_t ms);

#endif
