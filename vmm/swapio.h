/*
 * Moving pages between machine memory and the swap area. Writes go in batches, up to 16
 * pages in neighbouring slots as one request, and nobody waits for them; reads are single
 * and the VM's thread waits.
 *
 * Faults can be made on purpose, to see that no VM ever runs on wrong bytes:
 *
 *     read   the request ends with an error
 *     write  the same
 *     flip   one bit that was read is wrong
 *     torn   only half of the last page is written, and nobody says so
 */
#ifndef VMM_SWAPIO_H
#define VMM_SWAPIO_H

#include "kernel/disk.h"

enum { SWAP_BATCH = 16, SWAP_BATCHES = 4 };

/* What becomes of a page that is being written. */
enum out_fate {
	OUT_GOES,  /* its frame is free when it is on the disk */
	OUT_BACK,  /* its VM touched it and has its frame again */
	OUT_WASTE, /* nobody wants its bytes any more */
};

/* A page on its way out. No pointers: the same on every machine. */
struct swap_out {
	u32 mpn, ppn, slot;
	u16 vm;
	u8 fate; /* enum out_fate */
};

struct swap_batch {
	u32 count;
	struct swap_out page[SWAP_BATCH]; /* slots one after the other */
	bool busy;
	struct disk_req req;
};

/* For whoever looks from outside (offsets.h). */
extern struct swap_batch swap_batches[SWAP_BATCHES];

enum swap_fault { FAULT_READ, FAULT_WRITE, FAULT_FLIP, FAULT_TORN, SWAP_FAULTS };

/* Finds the swap area; returns its size in slots, 0: there is none. Once. */
u32 swapio_init(void);

/*
 * An empty batch, the caller's until it is submitted; NULL: all are under way. `done` is
 * called once, in an interrupt, and must not sleep; the batch is free again afterwards.
 */
struct swap_batch *swapio_batch(void);
void swapio_submit(struct swap_batch *b, void (*done)(struct swap_batch *b, bool good));

/* Batch `i` below SWAP_BATCHES if it is under way, else NULL. */
struct swap_batch *swapio_under_way(u32 i);

/* Fills a frame from a slot. False: a disk error. Sleeps. */
bool swapio_read(u32 slot, mpn_t m);

/* The nth operation of this kind from now on goes wrong; 0: none. */
void swapio_break(enum swap_fault f, u32 nth);
const char *swapio_fault_name(enum swap_fault f);

#endif
