/*
 * The IDE drive: the primary master's task file (ATA/ATAPI-6, sections 6 and 7). Nothing
 * here knows of requests; disk.c says what to do and when.
 */
#ifndef KERNEL_IDE_H
#define KERNEL_IDE_H

#include "kernel/types.h"

enum ide_command {
	IDE_READ = 0x20,
	IDE_WRITE = 0x30,
	IDE_READ_DMA = 0xC8,
	IDE_WRITE_DMA = 0xCA,
	IDE_IDENTIFY = 0xEC,
};

/* The status register. */
enum ide_status {
	IDE_ERR = 1 << 0,
	IDE_DRQ = 1 << 3, /* wants data, or has some */
	IDE_DF = 1 << 5,
	IDE_DRDY = 1 << 6,
	IDE_BSY = 1 << 7,
};

/* What IDENTIFY DEVICE said. */
struct ide_identity {
	u32 sectors; /* that a 28-bit address reaches */
	bool dma;
};

/* Finds the drive and asks who it is. False: there is none. Polls, no interrupts. */
bool ide_identify(struct ide_identity *out);

/* Reads one sector. False: the drive reported an error. Polls, without interrupts. */
bool ide_read_sector(u32 lba, void *buf);

/* From here on the drive interrupts when it is done. */
void ide_enable_interrupts(void);

/* Starts a command. sectors is 1..256. False: the drive stays busy. */
bool ide_start(enum ide_command command, u32 lba, u32 sectors);

/* The status; reading it takes the interrupt back. */
u8 ide_status(void);

/* Polls until BSY is clear; false when the drive stays busy or reports an error. */
bool ide_ready(void);

/* The same, and until it wants data. */
bool ide_data_ready(void);

/* Moves 16-bit words between memory and the drive, which has DRQ set. */
void ide_get_words(void *dst, u32 words);
void ide_put_words(const void *src, u32 words);

/* Software reset: ends whatever was going on. Polls. */
void ide_reset(void);

#endif
