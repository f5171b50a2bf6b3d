/*
 * The partition table in the first sector of a disk. Pure.
 */
#ifndef KERNEL_MBR_H
#define KERNEL_MBR_H

#include "kernel/types.h"

enum { MBR_PARTS = 4, MBR_BYTES = 512 };

struct mbr_part {
	u8 type; /* 0: unused */
	u32 start, sectors;
};

/*
 * Reads the four entries. One that is empty, or that does not lie wholly on a disk of
 * disk_sectors, comes out all zero. Returns how many were dropped because they do not
 * fit, or -1 when the sector is no MBR (all entries are zero then).
 */
int mbr_parse(const u8 sector[MBR_BYTES], u32 disk_sectors,
	      struct mbr_part out[MBR_PARTS]);

#endif
