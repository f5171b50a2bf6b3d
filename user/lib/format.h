/*
 * printf's formatting, for the kernel and for programs.
 *
 * Knows %d %u %x %c %s %% with an optional 0, '-' and a width, and %llu.
 * Writes at most size - 1 bytes and a NUL; returns the length written.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdarg.h>
#include <stdint.h>

uint32_t format_args(char *to, uint32_t size, const char *format, va_list args);

/* value / divisor, with the remainder; no help from a runtime library. */
uint64_t divide64(uint64_t value, uint32_t divisor, uint32_t *remainder);

#endif
