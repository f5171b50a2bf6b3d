/*
 * The heap: memory of the VMM's own, in whole pages, mapped once. Made of high frames
 * while there are any, for low memory is for what DMA must reach.
 */
#ifndef KERNEL_HEAP_H
#define KERNEL_HEAP_H

#include "kernel/types.h"

/*
 * The frame table goes to the start of the heap, backed by `pages` machine pages from
 * `first` on, which the boot code took before there was a frame allocator.
 */
void heap_init(mpn_t first, u32 pages);

/*
 * `bytes` (rounded up to pages), zeroed, preceded by one unmapped page that stops an
 * overflow downwards. NULL when frames or addresses run out.
 */
void *heap_alloc(u32 bytes);
void heap_free(void *p);

u32 heap_pages(void); /* in use */

#endif
