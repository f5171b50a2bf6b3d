/*
 * The line editor. Drawing follows one rule: between calls the terminal's cursor stands on
 * e->cursor. A change rewrites the tail of the line and steps back with \b.
 */
#include "kernel/edit.h"
#include "kernel/lib.h"

/* Control characters: the letter's place in the alphabet. */
enum {
	CTRL_A = 1,
	CTRL_B = 2,
	CTRL_C = 3,
	CTRL_D = 4,
	CTRL_E = 5,
	CTRL_F = 6,
	BACKSPACE = 8,
	CTRL_K = 11,
	CTRL_N = 14,
	CTRL_P = 16,
	CTRL_U = 21,
	CTRL_W = 23,
	ESC = 27,
	DELETE = 127,
};

void edit_init(struct edit *e, void (*put)(void *arg, char c), void *arg)
{
	memset(e, 0, sizeof(*e));
	e->put = put;
	e->arg = arg;
}

static void put(struct edit *e, char c)
{
	e->put(e->arg, c);
}

static void put_back(struct edit *e, u32 n)
{
	while (n-- > 0)
		put(e, '\b');
}

static void move_to(struct edit *e, u32 cursor)
{
	while (e->cursor > cursor) {
		put(e, '\b');
		e->cursor--;
	}
	while (e->cursor < cursor)
		put(e, e->line[e->cursor++]);
}

/* Draws from the cursor on, over what was there (`erased` more characters than now). */
static void draw_tail(struct edit *e, u32 erased)
{
	for (u32 i = e->cursor; i < e->length; i++)
		put(e, e->line[i]);
	for (u32 i = 0; i < erased; i++)
		put(e, ' ');
	put_back(e, e->length - e->cursor + erased);
}

static void insert(struct edit *e, char c)
{
	if (e->length + 1 >= EDIT_LINE)
		return;
	memmove(e->line + e->cursor + 1, e->line + e->cursor,
		e->length - e->cursor + 1);
	e->line[e->cursor] = c;
	e->length++;
	put(e, c);
	e->cursor++;
	draw_tail(e, 0);
}

/* Takes the characters from..to out; the cursor ends on `from`. */
static void cut(struct edit *e, u32 from, u32 to)
{
	move_to(e, from);
	memmove(e->line + from, e->line + to, e->length - to + 1);
	e->length -= to - from;
	draw_tail(e, to - from);
}

/* Where the word before the cursor begins. */
static u32 word_start(const struct edit *e)
{
	u32 i = e->cursor;

	while (i > 0 && e->line[i - 1] == ' ')
		i--;
	while (i > 0 && e->line[i - 1] != ' ')
		i--;
	return i;
}

/* Shows another text in place of the line. */
static void replace(struct edit *e, const char *text)
{
	u32 length = (u32)strlen(text);

	cut(e, 0, e->length);
	memcpy(e->line, text, length + 1);
	e->length = length;
	move_to(e, length);
}

/* Shows the line entered `back` lines ago; 0 is the one that is being written. */
static void recall(struct edit *e, u32 back)
{
	if (back > min_u32(e->entered, EDIT_HISTORY))
		return;
	if (e->back == 0)
		memcpy(e->fresh, e->line, EDIT_LINE);
	e->back = back;
	replace(e, back ? e->history[(e->entered - back) % EDIT_HISTORY] : e->fresh);
}

static void older(struct edit *e)
{
	recall(e, e->back + 1);
}

static void newer(struct edit *e)
{
	if (e->back > 0)
		recall(e, e->back - 1);
}

static void left(struct edit *e)
{
	move_to(e, e->cursor - (e->cursor > 0));
}

static void right(struct edit *e)
{
	move_to(e, e->cursor + (e->cursor < e->length));
}

static void backspace(struct edit *e)
{
	if (e->cursor > 0)
		cut(e, e->cursor - 1, e->cursor);
}

static void delete_next(struct edit *e)
{
	if (e->cursor < e->length)
		cut(e, e->cursor, e->cursor + 1);
}

/* Forgets the line, leaving it on the screen. */
static void forget(struct edit *e)
{
	move_to(e, e->length);
	put(e, '^');
	put(e, 'C');
	e->length = e->cursor = 0;
	e->line[0] = '\0';
}

/* The last byte of ESC [ ... ; those that are not named here do nothing. */
static void sequence(struct edit *e, char c)
{
	if (c == 'A')
		older(e);
	else if (c == 'B')
		newer(e);
	else if (c == 'C')
		right(e);
	else if (c == 'D')
		left(e);
	else if (c == 'H' || (c == '~' && e->parameter == '1'))
		move_to(e, 0);
	else if (c == 'F' || (c == '~' && e->parameter == '4'))
		move_to(e, e->length);
	else if (c == '~' && e->parameter == '3')
		delete_next(e);
}

/* Takes a byte of an escape sequence; false when it is none. */
static bool escape_key(struct edit *e, u8 key)
{
	switch (e->mode) {
	case EDIT_TEXT:
		if (key != ESC)
			return false;
		e->mode = EDIT_ESCAPE;
		return true;
	case EDIT_ESCAPE:
		e->mode = key == '[' || key == 'O' ? EDIT_SEQUENCE : EDIT_TEXT;
		e->parameter = '\0';
		return true;
	case EDIT_SEQUENCE:
		if (key < '@') {
			e->parameter = (char)key;
			return true;
		}
		e->mode = EDIT_TEXT;
		sequence(e, (char)key);
		return true;
	}
	return false;
}

/* Takes a control character; those that are not named here do nothing. */
static void control_key(struct edit *e, u8 key)
{
	switch (key) {
	case CTRL_A:
		move_to(e, 0);
		break;
	case CTRL_B:
		left(e);
		break;
	case CTRL_C:
		forget(e);
		break;
	case CTRL_D:
		delete_next(e);
		break;
	case CTRL_E:
		move_to(e, e->length);
		break;
	case CTRL_F:
		right(e);
		break;
	case BACKSPACE:
	case DELETE:
		backspace(e);
		break;
	case CTRL_K:
		cut(e, e->cursor, e->length);
		break;
	case CTRL_N:
		newer(e);
		break;
	case CTRL_P:
		older(e);
		break;
	case CTRL_U:
		cut(e, 0, e->cursor);
		break;
	case CTRL_W:
		cut(e, word_start(e), e->cursor);
		break;
	}
}

bool edit_key(struct edit *e, u8 key)
{
	if (escape_key(e, key))
		return false;
	if (key == '\r' || key == '\n') {
		move_to(e, e->length);
		return true;
	}
	if (key >= ' ' && key < DELETE)
		insert(e, (char)key);
	else
		control_key(e, key);
	return key == CTRL_C; /* an empty line: its reader shows a new prompt */
}

void edit_next(struct edit *e)
{
	const char *last = e->history[(e->entered - 1) % EDIT_HISTORY];

	if (e->length > 0 && (e->entered == 0 || strcmp(e->line, last) != 0))
		memcpy(e->history[e->entered++ % EDIT_HISTORY], e->line, EDIT_LINE);
	e->length = e->cursor = e->back = 0;
	e->line[0] = '\0';
}

void edit_redraw(struct edit *e)
{
	for (u32 i = 0; i < e->length; i++)
		put(e, e->line[i]);
	put_back(e, e->length - e->cursor);
}
