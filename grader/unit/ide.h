/*
 * How a guest's driver talks to the virtual disk, for the tests of it: one line a step.
 */
#ifndef GRADER_UNIT_IDE_H
#define GRADER_UNIT_IDE_H

#include "grader/unit/model.h"
#include <criterion/criterion.h>

enum {
	IDE_DATA = 0x1f0,
	IDE_ERROR,
	IDE_NSECT,
	IDE_SECTOR,
	IDE_CYL_LOW,
	IDE_CYL_HIGH,
	IDE_DEVICE,
	IDE_STATUS,
	IDE_CONTROL = 0x3f6,
	BM = 0xc000,
	BM_COMMAND = BM,
	BM_STATUS = BM + 2,
	BM_PRD = BM + 4,
};
enum {
	ERR = 0x01,
	DRQ = 0x08,
	READY = 0x50,
	BSY = 0x80,
	ABRT = 0x04,
	IDNF = 0x10,
	UNC = 0x40
};
enum { READ = 0x20, WRITE = 0x30, READ_DMA = 0xc8, WRITE_DMA = 0xca };
enum { TO_MEMORY = 0x08, START = 0x01, ACTIVE = 0x01, BM_ERR = 0x02, BM_INT = 0x04 };
enum { TABLE = 0x3000 }; /* where tests put their PRD table */
#define LAST 0x80000000u

/* Writes the registers of a command by LBA, and the command. */
static inline void ide_command(u32 lba, u8 count, u8 command)
{
	out8(IDE_DEVICE, 0xe0 | (lba >> 24 & 15));
	out8(IDE_NSECT, count);
	out8(IDE_SECTOR, lba);
	out8(IDE_CYL_LOW, lba >> 8);
	out8(IDE_CYL_HIGH, lba >> 16);
	out8(IDE_STATUS, command);
}

static inline u8 ide_alt_status(void)
{
	return in8(IDE_CONTROL);
}

/* Entry i of the table. */
static inline void ide_prd(u32 i, u32 address, u32 control)
{
	u32 *entry = (u32 *)(model.ram + TABLE) + 2 * i;

	entry[0] = address;
	entry[1] = control;
}

/* PCI: lets the function master the bus, or not. */
static inline void ide_allow_master(bool on)
{
	io_out(&vm, 0xcf8, 4, 0x80000904);
	io_out(&vm, 0xcfc, 2, on ? 5 : 1);
}

/* Starts the bus master on the table. */
static inline void ide_start(u8 direction)
{
	io_out(&vm, BM_PRD, 4, TABLE);
	out8(BM_STATUS, BM_ERR | BM_INT);
	out8(BM_COMMAND, direction);
	out8(BM_COMMAND, direction | START);
}

static inline u16 ide_in16(void)
{
	return io_in(&vm, IDE_DATA, 2);
}

/* Takes a sector by port and compares it with what is on the disk. */
static inline void take_sector(u32 lba)
{
	u32 i;

	cr_assert_eq(in8(IDE_STATUS), READY | DRQ, "sector %u is not offered", lba);
	for (i = 0; i < SECTOR_SIZE; i += 2) {
		u16 want = model_pattern(lba, i) | model_pattern(lba, i + 1) << 8;

		cr_assert_eq(ide_in16(), want, "sector %u, byte %u", lba, i);
	}
}

/* Fills the sector that the drive asks for: bytes that count up from `seed`. */
static inline void give_sector(u8 seed)
{
	u32 i;

	cr_assert_eq(in8(IDE_STATUS), READY | DRQ);
	for (i = 0; i < SECTOR_SIZE; i += 2)
		io_out(&vm, IDE_DATA, 2, (u8)(seed + i) | (u8)(seed + i + 1) << 8);
}

/* A whole read by DMA: starts it, lets the host work. */
static inline void read_dma(u32 lba, u8 count)
{
	ide_command(lba, count, READ_DMA);
	ide_start(TO_MEMORY);
	model_complete_all();
}

#endif
