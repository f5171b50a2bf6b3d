/*
 * The block cache: pages of 4 KiB of the file system's partition. Written
 * back when the clock takes them, and by cache_sync. The bytes come and go
 * through blk.h.
 */
#ifndef CACHE_H
#define CACHE_H

#include <stdbool.h>
#include <stdint.h>

/* The partition's place in sectors; once, before any blk_read. */
void cache_init(uint32_t first_sector, uint32_t sectors);

/* Writes all that is dirty, in the disk's order: 0 or -EIO. May sleep. */
int cache_sync(void);

/* Syncs, then forgets all blocks that are not in use. May sleep. */
int cache_drop(void);

#endif
