/*
 * Machine time. The time stamp counter, calibrated against the PIT at boot, is the only
 * clock; on Bochs it counts ticks (one an instruction, and on through `hlt`), so the
 * same seed gives the same time to the tick. The PIT's 100 Hz interrupt only wakes us.
 */
#ifndef KERNEL_TIME_H
#define KERNEL_TIME_H

#include "kernel/types.h"

enum { HZ = 100, TICK_NS = 1000000000 / HZ };

void time_init(void);	       /* calibrates; starts the 100 Hz tick */
u64 time_tsc(void);	       /* ticks since reset */
u64 time_ns(void);	       /* nanoseconds since time_init */
u32 time_ms(void);	       /* the same in milliseconds */
u64 time_tsc_to_ns(u64 ticks); /* length of an interval */
u32 time_tsc_khz(void);

/*
 * Ticks that the CPU has spent in the host's one `hlt` since boot: busy ticks are
 * time_tsc() - time_halted(). "Instructions" in every measurement means these.
 */
u64 time_halted(void);

/*
 * Halts until the next interrupt, counting. Called by the idle thread only, IF = 0 on
 * entry and exit.
 */
void time_halt(void);

/* The IRQ 0 handler, called by kernel/trap.c. */
void time_interrupt(void);

/*
 * Called from the tick interrupt, in order of registration. At most 4. Must not sleep.
 */
void time_on_tick(void (*fn)(void));

#endif
