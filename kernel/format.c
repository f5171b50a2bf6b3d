/*
 * Formatted text: the little printf that events, consoles and panics are written with,
 * and the two number routines that belong to it. Pure, so that it is tested on the
 * build host.
 */
#include "kernel/lib.h"

/* Where the text goes, and how long all of it would have been. */
struct sink {
	char *buf;
	size_t size;
	size_t length;
};

/* One conversion, as read from the format. */
struct spec {
	bool left;     /* '-' */
	bool zero;     /* '0' */
	int width;     /* 0: none given */
	int precision; /* -1: none given; strings only */
	int longs;     /* how many 'l' */
};

enum { DIGITS_MAX = 24 }; /* of a 64-bit number in decimal, with room */

static void put(struct sink *out, char c)
{
	if (out->length + 1 < out->size)
		out->buf[out->length] = c;
	out->length++;
}

static void put_run(struct sink *out, char c, int n)
{
	for (; n > 0; n--)
		put(out, c);
}

/* Puts `n` bytes of text, filled up with blanks to the width. */
static void put_padded(struct sink *out, const struct spec *spec, const char *s, int n)
{
	int pad = spec->width > n ? spec->width - n : 0;

	if (!spec->left)
		put_run(out, ' ', pad);
	for (int i = 0; i < n; i++)
		put(out, s[i]);
	if (spec->left)
		put_run(out, ' ', pad);
}

/* Puts a number, its sign before the zeroes that fill it up. */
static void put_number(struct sink *out, const struct spec *spec, u64 value, u32 base,
		       const char *prefix)
{
	char digits[DIGITS_MAX];
	int n = 0, signs = prefix ? (int)strlen(prefix) : 0;

	do {
		u32 digit;

		value = div_u64(value, base, &digit);
		digits[DIGITS_MAX - ++n] = "0123456789abcdef"[digit];
	} while (value > 0);
	if (!spec->left && !spec->zero)
		put_run(out, ' ', spec->width - n - signs);
	for (int i = 0; i < signs; i++)
		put(out, prefix[i]);
	if (!spec->left && spec->zero)
		put_run(out, '0', spec->width - n - signs);
	for (int i = 0; i < n; i++)
		put(out, digits[DIGITS_MAX - n + i]);
	if (spec->left)
		put_run(out, ' ', spec->width - n - signs);
}

/* At most `precision` bytes of s: those behind may not even be readable. */
static int bounded_length(const char *s, int precision)
{
	int n = 0;

	while ((precision < 0 || n < precision) && s[n])
		n++;
	return n;
}

static void put_string(struct sink *out, const struct spec *spec, const char *s)
{
	if (!s)
		s = "(null)";
	put_padded(out, spec, s, bounded_length(s, spec->precision));
}

static u64 next_unsigned(const struct spec *spec, va_list *ap)
{
	if (spec->longs == 2)
		return va_arg(*ap, unsigned long long);
	if (spec->longs == 1)
		return va_arg(*ap, unsigned long);
	return va_arg(*ap, unsigned);
}

static s64 next_signed(const struct spec *spec, va_list *ap)
{
	if (spec->longs == 2)
		return va_arg(*ap, long long);
	if (spec->longs == 1)
		return va_arg(*ap, long);
	return va_arg(*ap, int);
}

static void put_signed(struct sink *out, const struct spec *spec, s64 value)
{
	u64 magnitude = value < 0 ? -(u64)value : (u64)value;

	put_number(out, spec, magnitude, 10, value < 0 ? "-" : NULL);
}

/* Reads a width or precision: a number, or `*` for the next argument. */
static const char *read_count(const char *fmt, int *count, va_list *ap)
{
	enum { COUNT_MAX = 1000 };
	int n = 0;

	if (*fmt == '*') {
		*count = va_arg(*ap, int);
		return fmt + 1;
	}
	for (; *fmt >= '0' && *fmt <= '9'; fmt++)
		if (n < COUNT_MAX)
			n = n * 10 + (*fmt - '0');
	*count = n;
	return fmt;
}

/* Reads flags, width, precision and length; returns where the conversion letter is. */
static const char *read_spec(const char *fmt, struct spec *spec, va_list *ap)
{
	*spec = (struct spec){.precision = -1};
	for (; *fmt == '-' || *fmt == '0'; fmt++) {
		spec->left |= *fmt == '-';
		spec->zero |= *fmt == '0';
	}
	fmt = read_count(fmt, &spec->width, ap);
	if (spec->width < 0) {
		spec->left = true;
		spec->width = -spec->width;
	}
	if (*fmt == '.')
		fmt = read_count(fmt + 1, &spec->precision, ap);
	for (; *fmt == 'l' && spec->longs < 2; fmt++)
		spec->longs++;
	if (*fmt == 'z') { /* size_t is as long as a long on both our hosts */
		spec->longs = 1;
		fmt++;
	}
	return fmt;
}

/* Does the conversion `letter`. An unknown one is printed as it stands, to be seen. */
static void convert(struct sink *out, const struct spec *spec, char letter, va_list *ap)
{
	char c;

	switch (letter) {
	case 'd':
		put_signed(out, spec, next_signed(spec, ap));
		break;
	case 'u':
		put_number(out, spec, next_unsigned(spec, ap), 10, NULL);
		break;
	case 'x':
		put_number(out, spec, next_unsigned(spec, ap), 16, NULL);
		break;
	case 'p':
		put_number(out, spec, (uintptr_t)va_arg(*ap, void *), 16, "0x");
		break;
	case 'c':
		c = (char)va_arg(*ap, int);
		put_padded(out, spec, &c, 1);
		break;
	case 's':
		put_string(out, spec, va_arg(*ap, const char *));
		break;
	case '%':
		put(out, '%');
		break;
	default:
		put(out, '%');
		put(out, letter);
	}
}

int format_v(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct sink out = {.buf = buf, .size = size};
	va_list args;

	va_copy(args,
		ap); /* a parameter may be an array, whose address is no va_list * */
	while (*fmt) {
		struct spec spec;

		if (*fmt != '%') {
			put(&out, *fmt++);
			continue;
		}
		fmt = read_spec(fmt + 1, &spec, &args);
		if (!*fmt)
			break;
		convert(&out, &spec, *fmt++, &args);
	}
	va_end(args);
	if (size > 0)
		buf[out.length < size ? out.length : size - 1] = '\0';
	return (int)out.length;
}

int format(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = format_v(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

/* The value of a digit, or one that is too large for any base. */
static u32 digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (u32)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (u32)(c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (u32)(c - 'A' + 10);
	return UINT32_MAX;
}

bool parse_u32(const char *s, u32 max, u32 *out)
{
	u32 base = 10;
	u64 value = 0;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	}
	if (!*s)
		return false;
	for (; *s; s++) {
		u32 digit = digit_value(*s);

		if (digit >= base)
			return false;
		value = value * base + digit;
		if (value > max)
			return false;
	}
	*out = (u32)value;
	return true;
}

#if defined(__i386__)
/* high:low / d, where high < d: then the quotient fits 32 bits (SDM vol. 2, DIV). */
static u32 divide_step(u32 high, u32 low, u32 d, u32 *rem)
{
	u32 quotient;

	__asm__("divl %4"
		: "=a"(quotient), "=d"(*rem)
		: "a"(low), "d"(high), "rm"(d)
		: "cc");
	return quotient;
}
#else
static u32 divide_step(u32 high, u32 low, u32 d, u32 *rem)
{
	u64 n = (u64)high << 32 | low;

	*rem = (u32)(n % d);
	return (u32)(n / d);
}
#endif

u64 div_u64(u64 n, u32 d, u32 *rem)
{
	u32 low, left = 0, last;
	u32 high = divide_step(0, (u32)(n >> 32), d, &left);

	low = divide_step(left, (u32)n, d, &last);
	if (rem)
		*rem = last;
	return (u64)high << 32 | low;
}
