/*
 * Consoles: what reaches the wire, what becomes an event, and where typed keys go. The
 * devices around console.c and keys.c are played here.
 */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include "kernel/console.h"
#include "kernel/event.h"
#include "kernel/kbd.h"
#include "kernel/lib.h"
#include "kernel/panic.h"
#include "kernel/pic.h"
#include "kernel/uart.h"
#include "kernel/vga.h"

enum { BUFFER = 1 << 16 };

static char wire[BUFFER], events[BUFFER];
static size_t wire_length;
static const char *keys_to_come = "";
static unsigned heard[CONSOLE_CHANNELS];

/* --- the devices --------------------------------------------------------------- */

bool uart_init(void)
{
	return true;
}

void uart_put(u8 c)
{
	cr_assert_lt(wire_length, sizeof(wire) - 1);
	wire[wire_length++] = (char)c;
}

int uart_get(void)
{
	return *keys_to_come ? (u8)*keys_to_come++ : -1;
}

void uart_interrupt(void)
{
}

void uart_drain(void)
{
}

void vga_init(void)
{
}

void vga_put(char c)
{
	(void)c;
}

void pic_unmask(unsigned irq)
{
	cr_assert(irq == IRQ_SERIAL || irq == IRQ_KEYBOARD);
}

int kbd_read(void)
{
	return -1;
}

void event_text(const char *name, const char *head, const char *text, size_t len)
{
	size_t n = strlen(events);

	snprintf(events + n, sizeof(events) - n, "%s %s[%.*s]\n", name, head, (int)len,
		 text);
}

void panic(const char *fmt, ...)
{
	(void)fmt;
	abort();
}

/* --- the tests ------------------------------------------------------------------- */

static void count_input(unsigned channel)
{
	heard[channel]++;
}

static void start(void)
{
	console_init();
	console_open(1, "one");
	console_open(2, "two");
	console_open(16, "last");
	console_on_input(count_input);
	wire_length = 0;
	memset(wire, 0, sizeof(wire));
	events[0] = '\0';
}

static void clear(void)
{
	wire_length = 0;
	memset(wire, 0, sizeof(wire));
	events[0] = '\0';
}

static void print(unsigned channel, const char *s)
{
	console_write(channel, s, strlen(s));
}

static void press(const char *keys)
{
	keys_to_come = keys;
	console_serial_interrupt();
}

/* Everything queued for a channel is this. */
static void check_queue(unsigned channel, const char *want)
{
	for (; *want; want++)
		cr_assert_eq(console_get(channel), (u8)*want);
	cr_assert_eq(console_get(channel), -1);
}

TestSuite(console, .init = start);

Test(console, the_channel_in_focus_is_on_the_wire)
{
	print(0, "hello\n");
	print(1, "not seen\n");
	cr_assert_str_eq(wire, "hello\r\n");
}

Test(console, whole_lines_are_events)
{
	print(1, "one\ntwo");
	print(0, "mon\n");
	cr_assert_str_eq(events, "con vm=1[one]\nmon [mon]\n");
	print(1, " more\r\n\n");
	cr_assert_str_eq(events,
			 "con vm=1[one]\nmon [mon]\ncon vm=1[two more]\ncon vm=1[]\n");
}

Test(console, an_edited_line_is_one_clean_event)
{
	print(0, "ballast> helq\b \bp\n");
	print(0, "secret prompt\r\033[Kvms: none\n");
	print(0, "abc\b\bX\n");
	cr_assert_str_eq(events, "mon [ballast> help]\nmon [vms: none]\nmon [aXc]\n");
}

Test(console, a_line_without_end_is_cut_into_events)
{
	for (int i = 0; i < 250; i++)
		print(1, "x");
	print(1, "\n");
	cr_assert_eq(strlen(events), 2 * strlen("con vm=1[]\n") + 250);
}

Test(console, history_is_shown_on_focus)
{
	print(2, "first\nsecond\npartial");
	clear();
	cr_assert(console_focus(2));
	cr_assert_not_null(strstr(wire, "first\r\nsecond\r\npartial"));
	cr_assert_not(console_focus(3), "it was never opened");
}

Test(console, long_history_begins_with_a_whole_line)
{
	char line[32];

	for (int i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), "line %04d\n", i);
		print(2, line);
	}
	clear();
	console_focus(2);
	cr_assert_not_null(strstr(wire, "---\r\nline 0"), "%.80s", wire);
	cr_assert_not_null(strstr(wire, "line 0999\r\n"));
	cr_assert_null(strstr(wire, "line 0001\r\n"));
}

Test(console, all_shown_have_prefixes)
{
	console_show_all(true);
	clear();
	print(1, "from one\n");
	print(0, "from mon\n");
	cr_assert_str_eq(wire, "[vm 1] from one\r\n[mon] from mon\r\n");
}

Test(console, others_step_around_an_unfinished_line)
{
	console_show_all(true);
	print(0, "ballast> vm");
	clear();
	print(1, "half");
	cr_assert_str_eq(wire, "");
	print(1, " whole\n");
	cr_assert_str_eq(wire, "\r\033[K[vm 1] half whole\r\n[mon] ballast> vm");
}

Test(console, keys_go_to_the_focus)
{
	press("ab");
	check_queue(0, "ab");
	console_focus(2);
	press("cd\r");
	check_queue(2, "cd\r");
	check_queue(0, "");
	cr_assert_eq(heard[0], 2);
	cr_assert_eq(heard[2], 3);
}

Test(console, the_hot_key_switches)
{
	press("\0011x\0012y\001gz\001mw");
	check_queue(1, "x");
	check_queue(2, "y");
	check_queue(16, "z");
	check_queue(0, "w");
}

Test(console, next_and_previous_skip_what_is_not_there)
{
	press("\001nx\001ny\001nz\001nw\001pv");
	check_queue(1, "x");
	check_queue(2, "y");
	check_queue(16, "zv");
	check_queue(0, "w");
}

Test(console, the_hot_key_twice_is_a_key)
{
	press("\001\001");
	check_queue(0, "\001");
}

Test(console, an_unknown_hot_key_goes_nowhere)
{
	press("\0019\001?\001\x7f");
	check_queue(0, "");
	cr_assert_not_null(strstr(wire, "Ctrl-A"));
}

Test(console, the_star_toggles_all)
{
	press("\001*");
	print(2, "seen\n");
	cr_assert_not_null(strstr(wire, "[vm 2] seen"));
	press("\001*");
	clear();
	print(2, "unseen\n");
	cr_assert_str_eq(wire, "");
}

Test(console, typed_text_fits_or_is_refused_whole)
{
	char text[1025];

	memset(text, 'x', sizeof(text) - 1);
	text[1024] = '\0';
	cr_assert(console_type(1, "a"));
	cr_assert_not(console_type(1, text));
	check_queue(1, "a");
	cr_assert(console_type(1, text));
	cr_assert_not(console_type(1, "b"));
	check_queue(1, text);
}

Test(console, keys_for_a_full_queue_are_lost)
{
	char text[1025];

	memset(text, 'x', sizeof(text) - 1);
	text[1024] = '\0';
	press(text);
	press("lost");
	check_queue(0, text);
}

Test(console, in_a_panic_every_line_is_the_panics)
{
	print(0, "ballast> ");
	console_focus(2);
	console_show_all(true);
	console_panic_mode();
	clear();
	print(2, "the end\n");
	print(0, "more\n");
	cr_assert_str_eq(wire, "the end\r\nmore\r\n");
	cr_assert_str_eq(events, "panic [the end]\npanic [more]\n");
}
