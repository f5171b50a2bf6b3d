/*
 * Consoles, the way out: many streams of characters, one wire. Every character takes three
 * roads: into the channel's history, to the wire when the channel is shown, and into its
 * current line, which becomes an event when it is whole.
 */
#include "kernel/console.h"
#include "kernel/channel.h"
#include "kernel/event.h"
#include "kernel/lib.h"
#include "kernel/panic.h"
#include "kernel/pic.h"
#include "kernel/uart.h"
#include "kernel/vga.h"

enum { LINE_MAX = 240, HISTORY = 4096, LABEL_MAX = 24, PRINT_MAX = 512, NOTE_MAX = 96 };

struct channel {
	bool open;
	char label[LABEL_MAX];
	char line[LINE_MAX +
		  1]; /* the line that is being written, as a terminal shows it */
	u32 column, length;
	char history[HISTORY]; /* a ring of what was written last */
	u32 written;	       /* characters ever */
};

static struct channel channels[CONSOLE_CHANNELS];
static unsigned focus = CONSOLE_MONITOR;
static bool show_all, panicking;

void console_init(void)
{
	console_open(CONSOLE_MONITOR, "monitor");
	vga_init();
	if (uart_init())
		pic_unmask(IRQ_SERIAL);
	pic_unmask(IRQ_KEYBOARD);
}

void console_open(unsigned channel, const char *label)
{
	ASSERT(channel < CONSOLE_CHANNELS);
	format(channels[channel].label, LABEL_MAX, "%s", label);
	channels[channel].open = true;
}

bool channel_is_open(unsigned channel)
{
	return channel < CONSOLE_CHANNELS && channels[channel].open;
}

unsigned channel_in_focus(void)
{
	return focus;
}

bool channel_showing_all(void)
{
	return show_all;
}

/* --- the wire ------------------------------------------------------------- */

/* One character to all devices. */
static void wire(char c)
{
	if (c == '\n')
		uart_put('\r');
	uart_put((u8)c);
	vga_put(c);
	if (panicking && c == '\n')
		uart_drain();
}

static void wire_string(const char *s)
{
	while (*s)
		wire(*s++);
}

static void wire_prefix(unsigned channel)
{
	char prefix[LABEL_MAX];

	if (channel == CONSOLE_MONITOR)
		format(prefix, sizeof(prefix), "[mon] ");
	else
		format(prefix, sizeof(prefix), "[vm %u] ", channel);
	wire_string(prefix);
}

/* The unfinished line of the channel in focus: taken off the wire, and put back. */
static void hide_line(void)
{
	if (channels[focus].length > 0)
		wire_string("\r\033[K");
}

static void show_line(void)
{
	const struct channel *ch = &channels[focus];

	if (ch->length == 0)
		return;
	if (show_all)
		wire_prefix(focus);
	for (u32 i = 0; i < ch->length; i++)
		wire(ch->line[i]);
	for (u32 i = ch->column; i < ch->length; i++)
		wire('\b');
}

void channel_note(const char *text)
{
	hide_line();
	wire_string(text);
	wire('\n');
	show_line();
}

/* A whole line of a channel that has not the focus, while all are shown. */
static void wire_other(unsigned channel)
{
	const struct channel *ch = &channels[channel];

	hide_line();
	wire_prefix(channel);
	for (u32 i = 0; i < ch->length; i++)
		wire(ch->line[i]);
	wire('\n');
	show_line();
}

/* --- lines ---------------------------------------------------------------- */

/* The current line is whole: say it as an event, begin the next. */
static void end_line(unsigned channel)
{
	struct channel *ch = &channels[channel];
	char head[LABEL_MAX];

	if (show_all && channel != focus)
		wire_other(channel);
	ch->line[ch->length] = '\0';
	if (panicking) {
		event_text("panic", "", ch->line, ch->length);
	} else if (channel == CONSOLE_MONITOR) {
		event_text("mon", "", ch->line, ch->length);
	} else {
		format(head, sizeof(head), "vm=%u", channel);
		event_text("con", head, ch->line, ch->length);
	}
	ch->column = 0;
	ch->length = 0;
}

/* True when c ends the sequence ESC [ K, "clear to the end of the line". */
static bool ends_clear(const struct channel *ch, char c)
{
	return c == 'K' && ch->column >= 2 && ch->line[ch->column - 1] == '[' &&
	       ch->line[ch->column - 2] == '\033';
}

/* Keeps the line as a terminal would show it, so that edited lines read well. */
static void add_to_line(unsigned channel, char c)
{
	struct channel *ch = &channels[channel];

	if (c == '\n') {
		end_line(channel);
	} else if (c == '\r') {
		ch->column = 0;
	} else if (c == '\b') {
		ch->column -= ch->column > 0;
	} else if (ends_clear(ch, c)) {
		ch->column -= 2;
		ch->length = ch->column;
	} else if (c != '\0') {
		ch->line[ch->column++] = c;
		ch->length = max_u32(ch->length, ch->column);
		if (ch->length == LINE_MAX)
			end_line(channel);
	}
}

/* --- output --------------------------------------------------------------- */

void console_put(unsigned channel, char c)
{
	struct channel *ch;

	ASSERT(channel < CONSOLE_CHANNELS);
	if (panicking) /* all that is said now is the panic's text */
		channel = CONSOLE_MONITOR;
	ch = &channels[channel];
	ch->history[ch->written++ % HISTORY] = c;
	if (channel == focus) {
		if (show_all && ch->length == 0 && c != '\r')
			wire_prefix(channel);
		wire(c);
	}
	add_to_line(channel, c);
}

void console_write(unsigned channel, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		console_put(channel, s[i]);
}

void console_printf(unsigned channel, const char *fmt, ...)
{
	char text[PRINT_MAX];
	va_list ap;

	va_start(ap, fmt);
	format_v(text, sizeof(text), fmt, ap);
	va_end(ap);
	console_write(channel, text, strlen(text));
}

/* --- focus ---------------------------------------------------------------- */

/* Shows again what the channel wrote last, from the first whole line of it. */
static void replay(const struct channel *ch)
{
	u32 i = ch->written > HISTORY ? ch->written - HISTORY : 0;

	if (i > 0)
		while (i != ch->written && ch->history[i++ % HISTORY] != '\n')
			;
	while (i != ch->written)
		wire(ch->history[i++ % HISTORY]);
}

bool console_focus(unsigned channel)
{
	char note[NOTE_MAX];

	if (!channel_is_open(channel))
		return false;
	if (channels[focus].length > 0)
		wire('\n');
	focus = channel;
	format(note, sizeof(note), "--- %s (Ctrl-A m: monitor, Ctrl-A ?: keys) ---\n",
	       channels[channel].label);
	wire_string(note);
	if (show_all)
		show_line();
	else
		replay(&channels[channel]);
	return true;
}

void console_show_all(bool on)
{
	if (on == show_all)
		return;
	hide_line();
	show_all = on;
	wire_string(on ? "--- all consoles ---\n" : "--- one console ---\n");
	show_line();
}

void console_panic_mode(void)
{
	struct channel *ch = &channels[CONSOLE_MONITOR];

	panicking = true;
	show_all = false;
	focus = CONSOLE_MONITOR;
	ch->column = 0;
	ch->length = 0;
	if (!channels[CONSOLE_MONITOR].open) /* it came before console_init */
		uart_init();
	wire('\n');
}

void console_drain(void)
{
	uart_drain();
}
