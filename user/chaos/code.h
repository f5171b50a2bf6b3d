/*
 * Code that nobody wrote: a few instructions, each a random pick and filled in at random.
 */
#ifndef CHAOS_CODE_H
#define CHAOS_CODE_H

#include <stdint.h>

enum { CODE_MAX = 256 };

/*
 * Makes a piece of code at `to`, at most CODE_MAX bytes, that ends in `int $VECTOR_DONE`;
 * returns its length.
 */
uint32_t code_make(uint8_t *to);

#endif
