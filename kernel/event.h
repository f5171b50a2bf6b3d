/*
 * The event line: one line of text per event on port 0xE9, stable and documented in
 * docs/EVENTS.md. Figures, the demo's table and the harness read these and nothing
 * else.
 *
 *     @1520 share.merge vm=2 ppn=0x28 mpn=0x123b refs=3
 *
 * The number is machine time in whole milliseconds.
 */
#ifndef KERNEL_EVENT_H
#define KERNEL_EVENT_H

#include "kernel/types.h"

/* Emits one event. `fmt` makes the "key=value ..." part (may be ""). Never sleeps. */
void event(const char *name, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Emits `name head text="..."` with text quoted: backslash, quote and everything
 * outside 0x20..0x7e is escaped (\\ \" \n \xNN). At most `len` bytes of text.
 */
void event_text(const char *name, const char *head, const char *text, size_t len);

/*
 * Hears of every event: its name and its "key=value ..." part. One listener: the
 * scenario player.
 */
typedef void event_listener(const char *name, const char *rest);
void event_listen(event_listener *fn);

/* `option log=off` in bench runs: true while nothing may be printed. */
void event_mute(bool on);

#endif
