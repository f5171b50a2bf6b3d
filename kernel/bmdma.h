/*
 * The bus-master DMA engine of a PIIX IDE controller (Intel 82371AB data sheet, 6.1;
 * "Programming Interface for Bus Master IDE Controller", rev. 1.0). It reaches low memory
 * only; a piece in high memory goes through a bounce page.
 */
#ifndef KERNEL_BMDMA_H
#define KERNEL_BMDMA_H

#include "kernel/disk.h"

enum bmdma_result { BMDMA_BUSY, BMDMA_DONE, BMDMA_ERROR };

/* Takes its pages in low memory. False: there are none left. */
bool bmdma_init(u16 base);

/* Builds the table of pieces; for a write, copies what has to bounce. */
void bmdma_prepare(const struct disk_req *req);

/* Lets the engine run, after the drive got its command. */
void bmdma_start(const struct disk_req *req);

/* After an interrupt: how far it is. Not BUSY: the engine is stopped. */
enum bmdma_result bmdma_finish(void);

/* After a read: copies what bounced to where it belongs. */
void bmdma_collect(const struct disk_req *req);

/* Stops the engine, whatever it does. */
void bmdma_stop(void);

#endif
