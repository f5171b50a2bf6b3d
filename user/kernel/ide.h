/*
 * The disk: ATA on the primary channel's master, by bus-master DMA when the
 * PCI IDE function has it, else by PIO. One request at a time, others queue.
 */
#ifndef IDE_H
#define IDE_H

#include <stdbool.h>
#include <stdint.h>

#include "page.h"

/* Finds the disk; polls. False when there is none. */
bool ide_init(bool allow_dma);

/* Sectors of 512 bytes. */
uint32_t ide_capacity(void);

/* "dma" or "pio". */
const char *ide_mode(void);

/* Moves up to 8 sectors between disk and page; false on error. May sleep. */
bool ide_transfer(uint32_t lba, uint32_t sectors, struct page *page, bool write);

/* DMA of one sector by a foreign PRD table, for the hostile tests. May sleep. */
bool ide_read_by_table(uint32_t table_physical);

/* From interrupt 14. */
void ide_interrupt(void);

/* From the timer: gives up on a request that takes seconds. */
void ide_tick(void);

#endif
