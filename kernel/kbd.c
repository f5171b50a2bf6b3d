/*
 * From scan codes to characters (set 1: the IBM PC AT's keyboard as the controller
 * translates it). A key sends its code when pressed, and the code with bit 7 when let
 * go.
 */
#include "kernel/kbd.h"

enum { PREFIX = 0xE0 };
enum {
	KEY_CTRL = 0x1D,
	KEY_SHIFT_LEFT = KBD_SHIFT,
	KEY_SHIFT_RIGHT = 0x36,
	KEY_CAPS = 0x3A
};
enum { PLAIN_KEYS = 0x3A };
enum { DELETE = 0x7F, CTRL_MASK = 0x1F };

static const char plain[PLAIN_KEYS] = {
	0,   '\033', '1',    '2',  '3',	 '4', '5', '6',	 '7', '8', '9', '0',
	'-', '=',    DELETE, '\t', 'q',	 'w', 'e', 'r',	 't', 'y', 'u', 'i',
	'o', 'p',    '[',    ']',  '\r', 0,   'a', 's',	 'd', 'f', 'g', 'h',
	'j', 'k',    'l',    ';',  '\'', '`', 0,   '\\', 'z', 'x', 'c', 'v',
	'b', 'n',    'm',    ',',  '.',	 '/', 0,   '*',	 0,   ' ',
};

static const char shifted[PLAIN_KEYS] = {
	0,   '\033', '!',    '@',  '#',	 '$', '%', '^', '&', '*', '(', ')',
	'_', '+',    DELETE, '\t', 'Q',	 'W', 'E', 'R', 'T', 'Y', 'U', 'I',
	'O', 'P',    '{',    '}',  '\r', 0,   'A', 'S', 'D', 'F', 'G', 'H',
	'J', 'K',    'L',    ':',  '"',	 '~', 0,   '|', 'Z', 'X', 'C', 'V',
	'B', 'N',    'M',    '<',  '>',	 '?', 0,   '*', 0,   ' ',
};

/* The keys of the block between letters and number pad. */
static const struct {
	u8 code;
	const char *text;
} extended_keys[] = {
	{0x47, "\033[H"},  {0x48, "\033[A"}, {0x4B, "\033[D"},
	{0x4D, "\033[C"},  {0x4F, "\033[F"}, {0x50, "\033[B"},
	{0x53, "\033[3~"}, {0x1C, "\r"},     {0x35, "/"},
};

static const char *extended_key(u8 code)
{
	for (u32 i = 0; i < ARRAY_LEN(extended_keys); i++)
		if (extended_keys[i].code == code)
			return extended_keys[i].text;
	return "";
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *plain_key(struct kbd *kbd, u8 code)
{
	char c;

	if (code >= PLAIN_KEYS)
		return "";
	c = plain[code];
	if (kbd->shift != (kbd->caps && is_letter(c)))
		c = shifted[code];
	if (kbd->ctrl && c >= '@' && c != DELETE)
		c &= CTRL_MASK;
	kbd->one[0] = c;
	kbd->one[1] = '\0';
	return kbd->one;
}

const char *kbd_decode(struct kbd *kbd, u8 code)
{
	bool down = !(code & KBD_RELEASED), extended = kbd->extended;
	u8 key = code & (KBD_RELEASED - 1);

	kbd->extended = code == PREFIX;
	if (code == PREFIX)
		return "";
	if (key == KEY_CTRL) { /* right Ctrl is the same key behind a prefix */
		kbd->ctrl = down;
		return "";
	}
	if (!extended && (key == KEY_SHIFT_LEFT || key == KEY_SHIFT_RIGHT)) {
		kbd->shift = down;
		return "";
	}
	if (!down)
		return "";
	if (!extended && key == KEY_CAPS) {
		kbd->caps = !kbd->caps;
		return "";
	}
	return extended ? extended_key(key) : plain_key(kbd, key);
}

u8 kbd_encode(char c, bool *shift)
{
	for (u8 code = 1; code < PLAIN_KEYS && c != '\0'; code++) {
		*shift = plain[code] != c;
		if (plain[code] == c || shifted[code] == c)
			return code;
	}
	return 0;
}
