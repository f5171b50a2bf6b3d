/*
 * The MBR: four entries of 16 bytes at 446, and a signature.
 */
#include "kernel/mbr.h"
#include "kernel/lib.h"

enum { TABLE = 446, ENTRY = 16, ENTRY_TYPE = 4, ENTRY_START = 8, ENTRY_SECTORS = 12 };
enum { SIGNATURE = 510, SIGNATURE_LOW = 0x55, SIGNATURE_HIGH = 0xAA };

static u32 little32(const u8 *p)
{
	return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

/* Start and length are within the disk; written so that nothing can wrap. */
static bool fits(const struct mbr_part *part, u32 disk_sectors)
{
	return part->start < disk_sectors &&
	       part->sectors <= disk_sectors - part->start;
}

int mbr_parse(const u8 sector[MBR_BYTES], u32 disk_sectors,
	      struct mbr_part out[MBR_PARTS])
{
	int dropped = 0;

	memset(out, 0, MBR_PARTS * sizeof(*out));
	if (sector[SIGNATURE] != SIGNATURE_LOW ||
	    sector[SIGNATURE + 1] != SIGNATURE_HIGH)
		return -1;
	for (int i = 0; i < MBR_PARTS; i++) {
		const u8 *entry = sector + TABLE + i * ENTRY;
		struct mbr_part part = {
			.type = entry[ENTRY_TYPE],
			.start = little32(entry + ENTRY_START),
			.sectors = little32(entry + ENTRY_SECTORS),
		};

		if (part.type == 0 || part.sectors == 0)
			continue;
		if (fits(&part, disk_sectors))
			out[i] = part;
		else
			dropped++;
	}
	return dropped;
}
