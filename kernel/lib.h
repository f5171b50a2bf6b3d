/*
 * The C library that a freestanding kernel has to bring along: memory, strings and
 * formatted text. Pure functions; all of it compiles on the build host too, where the
 * real libc stands in for the first group (unit tests link kernel/format.c alone).
 */
#ifndef KERNEL_LIB_H
#define KERNEL_LIB_H

#include "kernel/types.h"

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);

/* Clears one page, page-aligned. */
void zero_page(void *page);

/*
 * Formats like printf: %d %u %x %c %s %p %%, flags '-' '0', a width, the length `ll`
 * for 64 bits. Writes at most `size` bytes, always ends with NUL when size > 0, and
 * returns the length that the whole text would have had.
 */
int format_v(char *buf, size_t size, const char *fmt, va_list ap);
int format(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Reads a whole number (decimal or 0x hex, whole string, no sign). False if it is none
 * or > max.
 */
bool parse_u32(const char *s, u32 max, u32 *out);

/* n / d for 64-bit n: i386 has no instruction for it. d > 0. */
u64 div_u64(u64 n, u32 d, u32 *rem);

#endif
