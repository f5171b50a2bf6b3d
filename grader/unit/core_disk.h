/*
 * The host's disk for the tests of the VMM's core: a swap area of DISK_SLOTS slots in an
 * array. Writes wait until they are told to end; reads are done at once.
 */
#ifndef GRADER_UNIT_CORE_DISK_H
#define GRADER_UNIT_CORE_DISK_H

#include "kernel/disk.h"

enum { DISK_SLOTS = 96, DISK_AREA = 1000, DISK_SLOT_SECTORS = PAGE_SIZE / SECTOR_SIZE };

struct core_disk {
	u8 bytes[DISK_SLOTS * PAGE_SIZE];
	struct disk_req *pending[8];
	u32 count; /* of them */
	u32 reads, writes;
	u32 most_sectors; /* of one request */
	bool fail;	  /* requests end with an error */
	/* Called once, while somebody waits for a read: what others do meanwhile. */
	void (*meanwhile)(void);
};
extern struct core_disk core_disk;

/* Ends the oldest write; false: there is none. */
bool core_disk_complete(void);
void core_disk_complete_all(void);

#endif
