/*
 * Bytes and strings. memcpy and memset use the string instructions: on the
 * emulated machine one iteration is one tick, so they move words.
 */
#include "string.h"

/* Words first, then the rest. */
void *memcpy(void *to, const void *from, size_t bytes)
{
	void *cursor = to;
	size_t words = bytes / 4;
	size_t rest = bytes % 4;

	__asm__ volatile("rep movsl"
			 : "+D"(cursor), "+S"(from), "+c"(words)
			 :
			 : "memory");
	__asm__ volatile("rep movsb"
			 : "+D"(cursor), "+S"(from), "+c"(rest)
			 :
			 : "memory");
	return to;
}

/* Words first, then the rest. */
void *memset(void *to, int value, size_t bytes)
{
	void *cursor = to;
	size_t words = bytes / 4;
	size_t rest = bytes % 4;
	uint32_t pattern = 0x01010101u * (uint8_t)value;

	__asm__ volatile("rep stosl"
			 : "+D"(cursor), "+c"(words)
			 : "a"(pattern)
			 : "memory");
	__asm__ volatile("rep stosb"
			 : "+D"(cursor), "+c"(rest)
			 : "a"(pattern)
			 : "memory");
	return to;
}

/* The difference at the first place where the two differ. */
int memcmp(const void *a, const void *b, size_t bytes)
{
	const uint8_t *left = a;
	const uint8_t *right = b;

	for (size_t i = 0; i < bytes; i++)
		if (left[i] != right[i])
			return left[i] - right[i];
	return 0;
}

/* Bytes before the NUL. */
size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length] != '\0')
		length++;
	return length;
}

/* 0 when equal. */
int strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (uint8_t)*a - (uint8_t)*b;
}

/* 0 when the first `bytes` characters are equal. */
int strncmp(const char *a, const char *b, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (a[i] != b[i] || a[i] == '\0')
			return (uint8_t)a[i] - (uint8_t)b[i];
	return 0;
}

/* For fixed-size names in structures. */
bool copy_string(char *to, const char *from, uint32_t size)
{
	uint32_t i;

	for (i = 0; i + 1 < size && from[i] != '\0'; i++)
		to[i] = from[i];
	to[i] = '\0';
	return from[i] == '\0';
}

/* For arguments and options. */
uint32_t parse_number(const char *text)
{
	uint32_t value = 0;
	uint32_t digit;

	for (; *text >= '0' && *text <= '9'; text++) {
		digit = (uint32_t)(*text - '0');
		if (value > (UINT32_MAX - digit) / 10)
			return UINT32_MAX;
		value = value * 10 + digit;
	}
	return value;
}
