/*
 * The text screen.
 */
#ifndef THIRD_SCREEN_H
#define THIRD_SCREEN_H

#include <stdint.h>

void screen_clear(void);

/* Puts a character at the cursor, which moves on; the last row scrolls. */
void screen_put(char c);

/* A checksum over all characters that are on it, read back from its memory. */
uint32_t screen_sum(void);

#endif
