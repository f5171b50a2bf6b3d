/*
 * One formatter for kernel and programs. It keeps a cursor into the caller's
 * buffer and drops what does not fit.
 */
#include "format.h"

#include <stdbool.h>

struct sink {
	char *to;
	uint32_t size;
	uint32_t length;
};

struct spec {
	bool zero;
	bool left;
	uint32_t width;
	uint32_t longs; /* how many l's */
};

/* Two 32-bit divisions by hand: libgcc has this too, but not for every cross. */
uint64_t divide64(uint64_t value, uint32_t divisor, uint32_t *remainder)
{
	uint32_t high = (uint32_t)(value >> 32);
	uint32_t low = (uint32_t)value;
	uint32_t high_quotient = high / divisor;
	uint32_t rest = high % divisor;
	uint32_t low_quotient;

	__asm__("divl %4"
		: "=a"(low_quotient), "=d"(rest)
		: "a"(low), "d"(rest), "rm"(divisor)
		: "cc");
	*remainder = rest;
	return (uint64_t)high_quotient << 32 | low_quotient;
}

/* Appends one character while there is room for it and a NUL. */
static void put(struct sink *sink, char c)
{
	if (sink->length + 1 < sink->size)
		sink->to[sink->length++] = c;
}

/* Appends text padded to the width. */
static void put_padded(struct sink *sink, const char *text, struct spec *spec)
{
	uint32_t length = 0;

	while (text[length] != '\0')
		length++;
	if (!spec->left)
		for (uint32_t i = length; i < spec->width; i++)
			put(sink, spec->zero ? '0' : ' ');
	for (uint32_t i = 0; i < length; i++)
		put(sink, text[i]);
	if (spec->left)
		for (uint32_t i = length; i < spec->width; i++)
			put(sink, ' ');
}

/* Appends a number in the given base. */
static void put_number(struct sink *sink, uint64_t value, uint32_t base, bool negative,
		       struct spec *spec)
{
	char digits[24];
	uint32_t at = sizeof(digits) - 1;
	uint32_t digit;

	digits[at] = '\0';
	do {
		value = divide64(value, base, &digit);
		digits[--at] = "0123456789abcdef"[digit];
	} while (value != 0);
	if (negative)
		digits[--at] = '-';
	put_padded(sink, &digits[at], spec);
}

/* Reads flags, width and length; returns the conversion's place. */
static const char *parse_spec(const char *format, struct spec *spec)
{
	*spec = (struct spec){0};
	for (; *format == '0' || *format == '-'; format++) {
		spec->zero |= *format == '0';
		spec->left |= *format == '-';
	}
	for (; *format >= '0' && *format <= '9'; format++)
		spec->width = spec->width * 10 + (uint32_t)(*format - '0');
	for (; *format == 'l'; format++)
		spec->longs++;
	return format;
}

/* The whole of printf; an unknown conversion shows itself. */
uint32_t format_args(char *to, uint32_t size, const char *format, va_list args)
{
	struct sink sink = {to, size, 0};
	struct spec spec;
	int number;
	char letter[2] = {0};

	for (; *format != '\0'; format++) {
		if (*format != '%') {
			put(&sink, *format);
			continue;
		}
		format = parse_spec(format + 1, &spec);
		switch (*format) {
		case 'd':
			number = va_arg(args, int);
			put_number(&sink,
				   number < 0 ? 0u - (uint32_t)number
					      : (uint32_t)number,
				   10, number < 0, &spec);
			break;
		case 'u':
		case 'x':
			put_number(&sink,
				   spec.longs > 1 ? va_arg(args, uint64_t)
						  : va_arg(args, uint32_t),
				   *format == 'x' ? 16 : 10, false, &spec);
			break;
		case 's':
			put_padded(&sink, va_arg(args, const char *), &spec);
			break;
		case 'c':
			letter[0] = (char)va_arg(args, int);
			put_padded(&sink, letter, &spec);
			break;
		case '\0':
			format--;
			break;
		default:
			put(&sink, '%');
			if (*format != '%')
				put(&sink, *format);
			break;
		}
	}
	if (size > 0)
		to[sink.length] = '\0';
	return sink.length;
}
