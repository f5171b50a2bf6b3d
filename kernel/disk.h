/*
 * The host's disk: PIIX IDE, primary master. Bus-master DMA when the PCI bus has a
 * controller that can, else PIO. The DMA engine reaches LOW memory only (mpn < low pages,
 * DESIGN section 3); a piece that lies in high memory goes through a bounce page in low
 * memory, and is counted. Requests are queued and done in order of arrival.
 */
#ifndef KERNEL_DISK_H
#define KERNEL_DISK_H

#include "kernel/thread.h"

enum { SECTOR_SIZE = 512, DISK_MAX_SECTORS = 128, DISK_MAX_SEGS = 32 };

/* A piece of memory within one machine page; offset and length are multiples of 2. */
struct disk_seg {
	mpn_t mpn;
	u16 offset;
	u16 length; /* 2 .. 4096 - offset */
};

struct disk_req {
	u32 lba;
	u32 sectors; /* 1 .. DISK_MAX_SECTORS; the segments sum to exactly this */
	bool write;
	u32 nsegs;
	struct disk_seg seg[DISK_MAX_SEGS];
	/* Called once, from the interrupt handler (never sleeps), error 0 = done. The request is the caller's again. */
	void (*done)(struct disk_req *req, int error);
	void *arg;
	struct disk_req *next; /* the driver's */
};

struct disk_stats {
	u64 reads, writes; /* requests */
	u64 sectors;	   /* moved */
	u64 bounces;	   /* pieces copied through low memory */
	u64 errors;
};

struct disk_part {
	u8 type;
	u32 start, sectors; /* 0 sectors: not there */
};

enum { PART_VDISKS = 0xDA, PART_SWAP = 0xDB };

/* Finds the drive and its partitions. False: no disk; the machine goes on without. Polls, IRQ may be off. */
bool disk_init(void);
u32 disk_sectors(void);
const struct disk_stats *disk_stats(void);
const char *disk_mode(void); /* "dma", "pio" or "none" */

/* The first MBR partition of this type, sectors = 0 if there is none. */
struct disk_part disk_partition(u8 type);

/* Queues the request; it must stay where it is until done is called. Out of range: done with an error at once. */
void disk_submit(struct disk_req *req);

/* Submits and waits. May sleep. Returns 0 or an error. */
int disk_wait(struct disk_req *req);

/* The IRQ 14 handler, called by kernel/trap.c. */
void disk_interrupt(void);

#endif
