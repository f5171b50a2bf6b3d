/*
 * Reading and writing `key=value` text. Both directions are bounded: the text of a
 * guest's console line passes through here.
 */
#include "kernel/fields.h"
#include "kernel/lib.h"

enum { ESCAPE_MAX = 4 }; /* the longest form of one byte: \xNN */

/* The form of one byte inside quotes; returns its length. */
static size_t escape(char *out, u8 c)
{
	if (c == '"' || c == '\\') {
		out[0] = '\\';
		out[1] = (char)c;
		return 2;
	}
	if (c == '\n') {
		out[0] = '\\';
		out[1] = 'n';
		return 2;
	}
	if (c >= 0x20 && c <= 0x7e) {
		out[0] = (char)c;
		return 1;
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = "0123456789abcdef"[c >> 4];
	out[3] = "0123456789abcdef"[c & 15];
	return ESCAPE_MAX;
}

size_t field_quote(char *buf, size_t size, const char *text, size_t len)
{
	size_t n = 0;

	buf[n++] = '"';
	for (size_t i = 0; i < len && text[i]; i++) {
		char form[ESCAPE_MAX];
		size_t width = escape(form, (u8)text[i]);

		if (n + width + 2 > size)
			break;
		memcpy(buf + n, form, width);
		n += width;
	}
	buf[n++] = '"';
	buf[n] = '\0';
	return n;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes what stands behind a backslash and moves *s over it; -1: not an escape. */
static int unescape(const char **s)
{
	const char *p = *s;
	int c = -1;

	if (*p == '\\' || *p == '"') {
		c = *p++;
	} else if (*p == 'n') {
		c = '\n';
		p++;
	} else if (*p == 'x' && hex_digit(p[1]) >= 0 && hex_digit(p[2]) >= 0) {
		c = hex_digit(p[1]) << 4 | hex_digit(p[2]);
		p += 3;
	}
	*s = p;
	return c;
}

/* Keeps a byte while there is room for it and the NUL. */
static void keep(char *buf, size_t size, size_t *n, int c)
{
	if (*n + 1 < size)
		buf[(*n)++] = (char)c;
}

static bool quoted_value(const char **s, char *buf, size_t size)
{
	const char *p = *s + 1;
	size_t n = 0;
	bool good = true;

	while (good && *p && *p != '"') {
		int c = (u8)*p++;

		if (c == '\\')
			c = unescape(&p);
		good = c >= 0;
		if (good)
			keep(buf, size, &n, c);
	}
	good = good && *p == '"';
	buf[n] = '\0';
	*s = good ? p + 1 : p;
	return good;
}

bool field_value(const char **s, char *buf, size_t size)
{
	const char *p = *s;
	size_t n = 0;

	if (*p == '"')
		return quoted_value(s, buf, size);
	for (; *p && *p != ' '; p++)
		keep(buf, size, &n, *p);
	buf[n] = '\0';
	*s = p;
	return true;
}

bool field_find(const char *rest, const char *key, char *buf, size_t size)
{
	size_t length = strlen(key);

	while (*rest) {
		const char *name = rest;

		while (*rest && *rest != '=' && *rest != ' ')
			rest++;
		if (*rest == '=') {
			bool found = (size_t)(rest - name) == length &&
				     strncmp(name, key, length) == 0;

			rest++;
			if (!field_value(&rest, buf, size))
				return false;
			if (found)
				return true;
		}
		if (*rest)
			rest++;
	}
	return false;
}
