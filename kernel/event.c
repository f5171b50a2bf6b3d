/*
 * Events: what the machine says of itself to whoever runs it. A line leaves byte by
 * byte on port 0xE9, where Bochs and QEMU copy it out at once; nothing waits, nothing
 * is lost when the machine dies a moment later.
 */
#include "kernel/event.h"
#include "kernel/fields.h"
#include "kernel/io.h"
#include "kernel/lib.h"
#include "kernel/time.h"

enum { EVENT_PORT = 0xE9, REST_MAX = 1100, STAMP_MAX = 16 };

static event_listener *listener;
static bool muted;

/* The text behind the name. Ring 0 is not preempted, and a listener makes no events. */
static char rest[REST_MAX];

static void say(const char *s)
{
	for (; *s; s++)
		outb(EVENT_PORT, (u8)*s);
}

/* Sends the line, then tells the listener, so that what it causes comes later. */
static void emit(const char *name)
{
	char stamp[STAMP_MAX];

	if (!muted) {
		format(stamp, sizeof(stamp), "@%u ", time_ms());
		say(stamp);
		say(name);
		if (rest[0]) {
			say(" ");
			say(rest);
		}
		say("\n");
	}
	if (listener)
		listener(name, rest);
}

void event(const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format_v(rest, sizeof(rest), fmt, ap);
	va_end(ap);
	emit(name);
}

void event_text(const char *name, const char *head, const char *text, size_t len)
{
	enum { TEXT_ROOM = 16 }; /* the least that has to be left behind the head */
	int n = format(rest, sizeof(rest) - TEXT_ROOM, "%s%stext=", head,
		       *head ? " " : "");
	size_t used = min_u32((u32)n, sizeof(rest) - TEXT_ROOM - 1);

	field_quote(rest + used, sizeof(rest) - used, text, len);
	emit(name);
}

void event_listen(event_listener *fn)
{
	listener = fn;
}

void event_mute(bool on)
{
	muted = on;
}
