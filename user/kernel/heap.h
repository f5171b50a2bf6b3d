/*
 * The kernel heap: small objects, from pages cut into equal pieces.
 */
#ifndef HEAP_H
#define HEAP_H

#include <stdint.h>

enum { HEAP_MAX = 512 };

/* `bytes` (at most HEAP_MAX), zeroed; NULL when memory is out. May sleep. */
void *heap_alloc(uint32_t bytes);

/* Gives back what heap_alloc returned. */
void heap_free(void *object);

#endif
