/*
 * Swap: slots of one page on the disk's swap partition, counted references.
 *
 * A slot is held by the entries that name it and by the page whose copy it
 * is. Slot 0 is never given out. Slots are kept next to each other in time
 * of use, so that writes run along the disk.
 */
#ifndef SWAP_H
#define SWAP_H

#include <stdbool.h>
#include <stdint.h>

#include "page.h"

enum { SWAP_SLOTS_MAX = 8192 };

/* The partition's place in sectors; sectors may be 0: no swap. */
void swap_init(uint32_t first_sector, uint32_t sectors);

/* Usable slots, and those in use. */
uint32_t swap_total(void);
uint32_t swap_used(void);

/* A slot with one reference, 0 when there is none. */
uint32_t swap_get(void);

/* One reference more, one less. */
void swap_hold(uint32_t slot);
void swap_put(uint32_t slot);

/* Transfers; false on a disk error. Both may sleep. A read waits for a write. */
bool swap_write(uint32_t slot, struct page *page);
bool swap_read(uint32_t slot, struct page *page);

/* After a read, for one entry: hands the slot to the page if nobody else
 * holds it (true: the page is clean), else drops the entry's reference. */
bool swap_take_over(uint32_t slot, struct page *page);

#endif
