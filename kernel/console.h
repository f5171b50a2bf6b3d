/*
 * Consoles, many on one wire. A channel is a stream of characters each way: channel 0 is
 * the monitor's, channel N the console of VM N. COM1 and the screen show one channel (the
 * one in focus), or several, each line then behind a prefix "[vm 2] ". Keys typed on COM1
 * or the PS/2 keyboard go to the channel in focus; Ctrl-A is the hot key:
 *     Ctrl-A 0..9 a..g   focus channel 0..16     Ctrl-A n / p  next / previous
 *     Ctrl-A *           show all                Ctrl-A m      monitor
 *     Ctrl-A Ctrl-A      sends a Ctrl-A          Ctrl-A ?      help line
 * Each channel keeps its last lines, which are shown again when it comes into focus.
 * Each whole line of a channel > 0 also becomes an event: con vm=2 text="..."; each whole line
 * of the monitor an event: mon text="...".
 */
#ifndef KERNEL_CONSOLE_H
#define KERNEL_CONSOLE_H

#include "kernel/types.h"

enum { CONSOLE_CHANNELS = 17, CONSOLE_MONITOR = 0 };

void console_init(void);

/* Output. Never sleeps (when the wire is slow, the oldest unsent bytes of unfocused... are dropped, and counted). */
void console_put(unsigned channel, char c);
void console_write(unsigned channel, const char *s, size_t n);
void console_printf(unsigned channel, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Input queued for a channel: the next byte, or -1. Typed keys and console_type() both fill it. */
int console_get(unsigned channel);
/* Puts text into a channel's input as if typed. False when it does not fit (nothing is queued then). */
bool console_type(unsigned channel, const char *s);
/* Called (from interrupts too, must not sleep) whenever input was queued for a channel. */
void console_on_input(void (*fn)(unsigned channel));

/* Focus and view, for the monitor's `console N`. */
bool console_focus(unsigned channel); /* false: it was never opened */
void console_show_all(bool on);

/* A channel exists once it was opened; the hot key skips the others. */
void console_open(unsigned channel, const char *label);

/* Interrupt handlers, called by kernel/trap.c: IRQ 4 and IRQ 1. */
void console_serial_interrupt(void);
void console_keyboard_interrupt(void);

/*
 * For panic: from here on output is polled and synchronous, to all devices, and each whole
 * line of it, whatever its channel, is an event: panic text="..."
 */
void console_panic_mode(void);
/* Waits until everything written has left the machine. Polls. */
void console_drain(void);

#endif
