/*
 * Bytes and strings, shared by kernel and programs. As in the C standard,
 * but for copy_string, which always ends its result and says if it was cut.
 */
#ifndef GUEST_STRING_H
#define GUEST_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t bytes);

/* Copies at most size - 1 bytes and a NUL; false when `from` was longer. */
bool copy_string(char *to, const char *from, uint32_t size);

/* A decimal number, stopping at the first other character; caps at 2^32 - 1. */
uint32_t parse_number(const char *text);

#endif
