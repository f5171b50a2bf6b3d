/*
 * The text of an event: `key=value key="quoted value"`. Written here and read here, so
 * that what goes out can be matched by the scenario player and by the harness alike.
 * Values with anything but 0x21..0x7e in them are quoted; inside quotes \\ \" \n and
 * \xNN stand for the bytes that would break a line. Pure.
 */
#ifndef KERNEL_FIELDS_H
#define KERNEL_FIELDS_H

#include "kernel/types.h"

/*
 * Writes `"text"`, escaped, at most `len` bytes of text, as far as it fits `size` with
 * its closing quote and NUL. Returns the length written. size >= 3.
 */
size_t field_quote(char *buf, size_t size, const char *text, size_t len);

/*
 * Reads the value at *s, quoted or bare, into buf, decoded, and moves *s behind it. Cut
 * short when it does not fit, but read to its end. False: the closing quote is missing
 * or an escape is bad.
 */
bool field_value(const char **s, char *buf, size_t size);

/*
 * Finds `key` in an event's text and reads its value. False: there is no such key, or
 * the text is malformed before it.
 */
bool field_find(const char *rest, const char *key, char *buf, size_t size);

#endif
