/*
 * The task file: eight ports and a control port. Every loop that waits for the drive has an
 * end, so that a drive which hangs costs an error and not the machine.
 */
#include "kernel/ide.h"
#include "kernel/disk.h"
#include "kernel/io.h"
#include "kernel/panic.h"

/* Primary channel's ports. */
enum {
	PORT_DATA = 0x1F0,
	PORT_COUNT = 0x1F2,
	PORT_LBA_LOW = 0x1F3,
	PORT_LBA_MID = 0x1F4,
	PORT_LBA_HIGH = 0x1F5,
	PORT_DRIVE = 0x1F6,
	PORT_COMMAND = 0x1F7, /* read: status */
	PORT_CONTROL = 0x3F6, /* read: status, leaving the interrupt as it is */
};

enum { DRIVE_LBA = 1 << 6, DRIVE_ALWAYS = 0xA0, DRIVE_LBA_MASK = 0x0F };
enum { CONTROL_NO_IRQ = 1 << 1, CONTROL_RESET = 1 << 2 };
enum { WORDS = SECTOR_SIZE / 2, SECTORS_MAX = 256, LBA_BITS = 28 };
enum { NO_DRIVE = 0xFF };

/* IDENTIFY DEVICE data, as 16-bit words (ATA/ATAPI-6, table 27). */
enum { ID_CAPABILITIES = 49, ID_SECTORS_LOW = 60, ID_SECTORS_HIGH = 61 };
enum { CAP_DMA = 1 << 8, CAP_LBA = 1 << 9 };

enum { SPINS_MAX = 2 * 1000 * 1000, SETTLE_READS = 4, RESET_READS = 100 };

static u8 control = CONTROL_NO_IRQ;

/* Reading the other status register takes 100 ns each: time for the drive to react. */
static void settle(int reads)
{
	while (reads-- > 0)
		inb(PORT_CONTROL);
}

/* Polls until none of `clear` and all of `set` are there; false: it takes too long. */
static bool wait_for(u8 clear, u8 set)
{
	settle(SETTLE_READS);
	for (u32 i = 0; i < SPINS_MAX; i++) {
		u8 status = inb(PORT_CONTROL);

		if (!(status & clear) && (status & set) == set)
			return true;
		if (!(status & IDE_BSY) && status & (IDE_ERR | IDE_DF))
			return false;
	}
	return false;
}

bool ide_ready(void)
{
	return wait_for(IDE_BSY, 0) && !(inb(PORT_CONTROL) & (IDE_ERR | IDE_DF));
}

bool ide_data_ready(void)
{
	return wait_for(IDE_BSY, IDE_DRQ);
}

u8 ide_status(void)
{
	return inb(PORT_COMMAND);
}

/* An error of the command before still stands in the status; it must not stop this one. */
static bool idle(void)
{
	for (u32 i = 0; i < SPINS_MAX; i++)
		if (!(inb(PORT_CONTROL) & (IDE_BSY | IDE_DRQ)))
			return true;
	return false;
}

bool ide_start(enum ide_command command, u32 lba, u32 sectors)
{
	ASSERT(sectors >= 1 && sectors <= SECTORS_MAX);
	ASSERT(lba >> LBA_BITS == 0);
	if (!idle())
		return false;
	outb(PORT_DRIVE, (u8)(DRIVE_ALWAYS | DRIVE_LBA | (lba >> 24 & DRIVE_LBA_MASK)));
	settle(SETTLE_READS);
	outb(PORT_COUNT, (u8)sectors); /* 256 is written as 0 */
	outb(PORT_LBA_LOW, (u8)lba);
	outb(PORT_LBA_MID, (u8)(lba >> 8));
	outb(PORT_LBA_HIGH, (u8)(lba >> 16));
	outb(PORT_COMMAND, (u8)command);
	return true;
}

void ide_reset(void)
{
	outb(PORT_CONTROL, CONTROL_NO_IRQ | CONTROL_RESET);
	settle(RESET_READS);
	outb(PORT_CONTROL, CONTROL_NO_IRQ);
	settle(RESET_READS);
	wait_for(IDE_BSY, 0);
	ide_status();
	outb(PORT_CONTROL, control);
}

void ide_enable_interrupts(void)
{
	ide_status();
	control = 0;
	outb(PORT_CONTROL, control);
}

void ide_get_words(void *dst, u32 words)
{
	insw(PORT_DATA, dst, words);
}

void ide_put_words(const void *src, u32 words)
{
	outsw(PORT_DATA, src, words);
}

/* Runs a command that answers with one sector. */
static bool read_polled(enum ide_command command, u32 lba, void *buf)
{
	if (!ide_start(command, lba, 1) || !ide_data_ready())
		return false;
	ide_get_words(buf, WORDS);
	ide_status();
	return true;
}

bool ide_read_sector(u32 lba, void *buf)
{
	return read_polled(IDE_READ, lba, buf);
}

bool ide_identify(struct ide_identity *out)
{
	u16 id[WORDS];

	if (inb(PORT_COMMAND) == NO_DRIVE)
		return false;
	ide_reset();
	if (!read_polled(IDE_IDENTIFY, 0, id) || !(id[ID_CAPABILITIES] & CAP_LBA))
		return false;
	out->sectors = (u32)id[ID_SECTORS_HIGH] << 16 | id[ID_SECTORS_LOW];
	out->dma = id[ID_CAPABILITIES] & CAP_DMA;
	return out->sectors > 0;
}
