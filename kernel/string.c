/*
 * Memory and strings. The compiler calls the first four by itself (a struct copied is a
 * memcpy), so a kernel without a C library must bring them. The string instructions
 * count one tick an iteration, so whole words are moved where there are whole words.
 */
#include "kernel/lib.h"

/* Copies upwards, words first. The areas do not overlap, or dst is below src. */
static void copy_up(void *dst, const void *src, size_t n)
{
	size_t words = n / 4;

	__asm__ volatile("rep movsl\n\tmov %3, %%ecx\n\trep movsb"
			 : "+D"(dst), "+S"(src), "+c"(words)
			 : "r"(n % 4)
			 : "memory");
}

/* Copies downwards, for areas that overlap with dst above src. */
static void copy_down(u8 *dst, const u8 *src, size_t n)
{
	while (n > 0) {
		n--;
		dst[n] = src[n];
		__asm__ volatile("" ::: "memory"); /* or this loop becomes memmove */
	}
}

/* For areas that do not overlap. */
void *memcpy(void *dst, const void *src, size_t n)
{
	copy_up(dst, src, n);
	return dst;
}

/* For areas that may overlap. */
void *memmove(void *dst, const void *src, size_t n)
{
	if ((size_t)((u8 *)dst - (const u8 *)src) >= n)
		copy_up(dst, src, n);
	else
		copy_down(dst, src, n);
	return dst;
}

/* Fills n bytes with the low byte of c. */
void *memset(void *dst, int c, size_t n)
{
	void *to = dst;
	size_t words = n / 4;
	u32 pattern = (u8)c * 0x01010101u;

	__asm__ volatile("rep stosl\n\tmov %3, %%ecx\n\trep stosb"
			 : "+D"(to), "+c"(words)
			 : "a"(pattern), "r"(n % 4)
			 : "memory");
	return dst;
}

/* Below, equal or above zero, by the first byte that differs. */
int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

void zero_page(void *page)
{
	u32 words = PAGE_WORDS;

	__asm__ volatile("rep stosl" : "+D"(page), "+c"(words) : "a"(0) : "memory");
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i] || !a[i])
			return (u8)a[i] - (u8)b[i];
	return 0;
}

/* The first c in s, or NULL; the end of s counts as a character. */
char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}
