/*
 * Consoles, the way in: keys from the serial port and the keyboard, and text that the
 * scenario types, go into the queue of a channel. Ctrl-A is the hot key of console.h.
 */
#include "kernel/channel.h"
#include "kernel/kbd.h"
#include "kernel/lib.h"
#include "kernel/panic.h"
#include "kernel/uart.h"

enum { QUEUE = 1024, LISTENERS_MAX = 4 };
enum { HOT_KEY = 1 }; /* Ctrl-A */
enum { FIRST_LETTER_CHANNEL = 10 };

static struct queue {
	char bytes[QUEUE];
	u32 head, tail; /* counts of bytes put and taken */
} queues[CONSOLE_CHANNELS];

static void (*listeners[LISTENERS_MAX])(unsigned channel);
static unsigned listener_count;
static struct kbd keyboard;
static bool hot; /* the hot key was the last one */

void console_on_input(void (*fn)(unsigned channel))
{
	ASSERT(listener_count < LISTENERS_MAX);
	listeners[listener_count++] = fn;
}

static void tell(unsigned channel)
{
	for (unsigned i = 0; i < listener_count; i++)
		listeners[i](channel);
}

int console_get(unsigned channel)
{
	struct queue *q = &queues[channel];

	ASSERT(channel < CONSOLE_CHANNELS);
	return q->tail == q->head ? -1 : (u8)q->bytes[q->tail++ % QUEUE];
}

bool console_type(unsigned channel, const char *s)
{
	struct queue *q = &queues[channel];
	size_t n = strlen(s);

	ASSERT(channel < CONSOLE_CHANNELS);
	if (n > QUEUE - (q->head - q->tail))
		return false;
	for (size_t i = 0; i < n; i++)
		q->bytes[q->head++ % QUEUE] = s[i];
	tell(channel);
	return true;
}

/* One typed character for the channel in focus. Lost when nobody reads. */
static void enqueue(char c)
{
	unsigned channel = channel_in_focus();
	struct queue *q = &queues[channel];

	if (q->head - q->tail == QUEUE)
		return;
	q->bytes[q->head++ % QUEUE] = c;
	tell(channel);
}

static void help(void)
{
	channel_note(
		"Ctrl-A then: m monitor, 1-9 a-g a VM (10-16), n next, p previous, "
		"* all, Ctrl-A itself");
}

/* To the next open channel in this direction. */
static void step(unsigned by)
{
	unsigned channel = channel_in_focus();

	do {
		channel = (channel + by) % CONSOLE_CHANNELS;
	} while (!channel_is_open(channel));
	console_focus(channel);
}

/* The channel that a digit or a letter stands for, or one that never is open. */
static unsigned named_channel(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'g')
		return FIRST_LETTER_CHANNEL + (unsigned)(c - 'a');
	return CONSOLE_CHANNELS;
}

/* The character behind the hot key. */
static void hot_key(char c)
{
	unsigned channel = named_channel(c);

	if (channel_is_open(channel))
		console_focus(channel);
	else if (c == HOT_KEY)
		enqueue(c);
	else if (c == 'm')
		console_focus(CONSOLE_MONITOR);
	else if (c == 'n')
		step(1);
	else if (c == 'p')
		step(CONSOLE_CHANNELS - 1);
	else if (c == '*')
		console_show_all(!channel_showing_all());
	else
		help();
}

static void typed(char c)
{
	if (hot) {
		hot = false;
		hot_key(c);
	} else if (c == HOT_KEY) {
		hot = true;
	} else {
		enqueue(c);
	}
}

void console_serial_interrupt(void)
{
	int c;

	uart_interrupt();
	while ((c = uart_get()) >= 0)
		typed((char)c);
}

void console_keyboard_interrupt(void)
{
	int code;

	while ((code = kbd_read()) >= 0)
		for (const char *s = kbd_decode(&keyboard, (u8)code); *s; s++)
			typed(*s);
}
