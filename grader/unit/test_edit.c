/*
 * The monitor's line editor, against a terminal of one line.
 */
#include "kernel/edit.h"
#include "kernel/lib.h"

#include <criterion/criterion.h>

static struct edit e;
static char screen[2 * EDIT_LINE];
static u32 column;

/* What the terminal does with printable characters and backspaces. */
static void draw(void *arg, char c)
{
	(void)arg;
	if (c == '\b') {
		cr_assert_gt(column, 0, "backspace at the left edge");
		column--;
	} else if (c == '\r' || c == '\n') {
		column = 0;
	} else {
		cr_assert_lt(column, sizeof screen - 1);
		screen[column++] = c;
	}
}

static void setup(void)
{
	memset(screen, 0, sizeof screen);
	column = 0;
	edit_init(&e, draw, NULL);
}

static bool keys(const char *s)
{
	bool ended = false;

	for (; *s; s++)
		ended = edit_key(&e, (u8)*s);
	return ended;
}

/* Types a line and Enter, on a fresh screen line. */
static void enter(const char *s)
{
	keys(s);
	cr_assert(edit_key(&e, '\r'));
	edit_next(&e);
	column = 0;
	memset(screen, 0, sizeof screen);
}

/* The screen shows the line, and its cursor is the line's. */
static void shows(const char *line)
{
	size_t length = strlen(line);

	cr_assert_str_eq(e.line, line);
	cr_assert_eq(memcmp(screen, line, length), 0, "screen shows '%s'", screen);
	for (const char *rest = screen + length; *rest; rest++)
		cr_assert_eq(*rest, ' ', "'%s' is left on the screen", rest);
	cr_assert_eq(column, e.cursor);
}

TestSuite(edit, .init = setup);

Test(edit, types_and_enters)
{
	keys("vms");
	shows("vms");
	cr_assert(edit_key(&e, '\r'));
}

Test(edit, inserts_in_the_middle)
{
	keys("vs\x02m");
	shows("vms");
}

Test(edit, backspace_and_delete)
{
	keys("abxc\x02\x7f");
	shows("abc");
	keys("\x01\x04");
	shows("bc");
}

Test(edit, arrows_home_and_end)
{
	keys("bcd\033[D\033[D\033[D"
	     "a\033[Fe\033[H\033[C");
	shows("abcde");
	cr_assert_eq(e.cursor, 1);
}

Test(edit, cuts)
{
	keys("one two three\x17");
	shows("one two ");
	keys("\x01\x06\x06\x06\x0b");
	shows("one");
	keys("\x15");
	shows("");
}

Test(edit, edges_do_nothing)
{
	keys("\x7f\x02\x04\x0b\x15\x17\x06\x10\x0e");
	shows("");
	keys("a\x06\x04");
	shows("a");
}

Test(edit, history)
{
	enter("first");
	enter("second");
	keys("new\x10");
	shows("second");
	keys("\033[A");
	shows("first");
	keys("\033[A");
	shows("first");
	keys("\x0e\x0e");
	shows("new");
}

Test(edit, history_skips_repeats_and_nothing)
{
	enter("first");
	enter("");
	enter("first");
	keys("\x10\x10");
	shows("first");
	cr_assert_eq(e.entered, 1);
}

Test(edit, history_is_a_ring)
{
	char line[8];

	for (int i = 0; i < EDIT_HISTORY + 5; i++) {
		format(line, sizeof line, "n%d", i);
		enter(line);
	}
	for (int i = 0; i < EDIT_HISTORY + 5; i++)
		keys("\x10");
	shows("n5");
}

Test(edit, endless_line)
{
	for (int i = 0; i < 3 * EDIT_LINE; i++)
		edit_key(&e, 'x');
	cr_assert_eq(e.length, EDIT_LINE - 1);
	cr_assert_eq(strlen(e.line), EDIT_LINE - 1);
}

Test(edit, broken_escapes)
{
	keys("a\033[99;99Z\033Xb\033[");
	keys("1~c");
	cr_assert_eq(e.line[e.length], '\0');
}

Test(edit, ctrl_c_forgets)
{
	cr_assert(keys("abc\003"));
	cr_assert_str_eq(e.line, "");
	edit_next(&e);
	cr_assert_eq(e.entered, 0);
}

Test(edit, an_old_line_can_be_edited_and_entered)
{
	enter("vm 1");
	keys("\033[A\1772");
	shows("vm 2");
	enter("");
	keys("\033[A\033[A");
	shows("vm 1");
}

Test(edit, redraw_puts_the_line_and_the_cursor_back)
{
	keys("abcdef\033[D\033[D");
	column = 0;
	memset(screen, 0, sizeof screen);
	edit_redraw(&e);
	shows("abcdef");
}

/* Ten thousand random keys: the screen stays right, the sanitizers stay quiet. */
Test(edit, random_keys)
{
	static const char *const some[] = {"a",	     "b c",	"\177",	  "\001",
					   "\005",   "\013",	"\025",	  "\027",
					   "\004",   "\033[A",	"\033[B", "\033[C",
					   "\033[D", "\033[3~", "\r"};
	u32 state = 1;

	for (int i = 0; i < 10000; i++) {
		state = state * 1664525u + 1013904223u;
		if (keys(some[(state >> 16) % ARRAY_LEN(some)])) {
			edit_next(&e);
			column = 0;
			memset(screen, 0, sizeof screen);
		}
		shows(e.line);
	}
}
