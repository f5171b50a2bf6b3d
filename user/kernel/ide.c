/*
 * The disk driver. Register names after ATA/ATAPI-6 and Intel's PIIX
 * bus-master IDE. A request is started, the caller sleeps, the interrupt
 * notes the status and wakes it.
 */
#include "ide.h"

#include "assert.h"
#include "layout.h"
#include "pci.h"
#include "sched.h"
#include "space.h"
#include "stat.h"
#include "timer.h"
#include "x86.h"

enum {
	ATA_DATA = 0x1F0,
	ATA_COUNT = 0x1F2,
	ATA_LBA_LOW = 0x1F3,
	ATA_LBA_MID = 0x1F4,
	ATA_LBA_HIGH = 0x1F5,
	ATA_DEVICE = 0x1F6,
	ATA_STATUS = 0x1F7,
	ATA_COMMAND = 0x1F7,
	ATA_CONTROL = 0x3F6,
	DEVICE_LBA = 0xE0, /* master */
	STATUS_ERROR = 0x01,
	STATUS_DRQ = 0x08,
	STATUS_FAULT = 0x20,
	STATUS_BUSY = 0x80,
	STATUS_FLOATING = 0xFF, /* no controller answers */
	COMMAND_READ = 0x20,
	COMMAND_WRITE = 0x30,
	COMMAND_READ_DMA = 0xC8,
	COMMAND_WRITE_DMA = 0xCA,
	COMMAND_IDENTIFY = 0xEC,
	IDENTIFY_SECTORS = 60, /* word index, two words */
	BM_COMMAND = 0,
	BM_STATUS = 2,
	BM_TABLE = 4,
	BM_START = 0x01,
	BM_TO_MEMORY = 0x08,
	BM_ERROR = 0x02,
	BM_INTERRUPT = 0x04,
	PRD_LAST = 1u << 31 >> 16, /* in the upper half-word */
	SECTOR = 512,
	SECTOR_WORDS = SECTOR / 2,
	POLLS = 1000000,
	PATIENCE = 5 * TICKS_PER_SECOND,
};

struct prd {
	uint32_t address;
	uint16_t bytes;
	uint16_t flags;
};

static struct prd table[1] __attribute__((aligned(8)));
static uint16_t master; /* bus-master ports, 0: PIO */
static uint32_t capacity;
static struct mutex channel;
static struct waitq waiter;
static bool waiting;
static bool answered;
static uint8_t status;	 /* at the interrupt */
static uint32_t started; /* tick */

/* Polls until the device is not busy; false when it stays so. */
static bool poll_ready(uint8_t wanted)
{
	for (uint32_t i = 0; i < POLLS; i++) {
		status = inb(ATA_STATUS);
		if (!(status & STATUS_BUSY) && (status & wanted) == wanted)
			return true;
		if (!(status & STATUS_BUSY) && status & STATUS_ERROR)
			return false;
	}
	return false;
}

/* Asks the disk for its size. An empty channel reads all ones. */
static bool identify(void)
{
	uint16_t words[SECTOR_WORDS];

	outb(ATA_DEVICE, DEVICE_LBA);
	if (inb(ATA_STATUS) == STATUS_FLOATING)
		return false;
	outb(ATA_COMMAND, COMMAND_IDENTIFY);
	if (!poll_ready(STATUS_DRQ))
		return false;
	insw(ATA_DATA, words, SECTOR_WORDS);
	capacity = words[IDENTIFY_SECTORS] | (uint32_t)words[IDENTIFY_SECTORS + 1]
						     << 16;
	return true;
}

/* Interrupts of the device are off while it is polled. */
bool ide_init(bool allow_dma)
{
	enum { CONTROL_NO_INTERRUPT = 2 };
	bool found;

	outb(ATA_CONTROL, CONTROL_NO_INTERRUPT);
	found = identify();
	outb(ATA_CONTROL, 0);
	if (found && allow_dma)
		master = pci_find_bus_master();
	return found;
}

/* For bounds and messages. */
uint32_t ide_capacity(void)
{
	return capacity;
}

/* For the boot line. */
const char *ide_mode(void)
{
	return master != 0 ? "dma" : "pio";
}

/* Reading the status register acknowledges the interrupt. */
void ide_interrupt(void)
{
	status = inb(ATA_STATUS);
	answered = true;
	wake_all(&waiter);
}

/* Runs each tick. */
void ide_tick(void)
{
	if (waiting && ticks - started > PATIENCE)
		wake_all(&waiter);
}

/* Sleeps until the interrupt; false when it does not come or brings an error. */
static bool wait_answer(void)
{
	started = ticks;
	waiting = true;
	while (!answered && ticks - started <= PATIENCE)
		sleep_on(&waiter, false);
	waiting = false;
	return answered && !(status & (STATUS_ERROR | STATUS_FAULT));
}

/* Addresses the disk and gives the command; LBA28. */
static void command(uint32_t lba, uint32_t sectors, uint8_t code)
{
	answered = false;
	outb(ATA_DEVICE, (uint8_t)(DEVICE_LBA | (lba >> 24 & 0x0F)));
	outb(ATA_COUNT, (uint8_t)sectors);
	outb(ATA_LBA_LOW, (uint8_t)lba);
	outb(ATA_LBA_MID, (uint8_t)(lba >> 8));
	outb(ATA_LBA_HIGH, (uint8_t)(lba >> 16));
	outb(ATA_COMMAND, code);
}

/* One DMA transfer by the table at a physical address. */
static bool dma(uint32_t lba, uint32_t sectors, uint32_t physical, bool write)
{
	uint8_t direction = write ? 0 : BM_TO_MEMORY;
	bool good;

	outl((uint16_t)(master + BM_TABLE), physical);
	outb((uint16_t)(master + BM_COMMAND), direction);
	outb((uint16_t)(master + BM_STATUS), BM_ERROR | BM_INTERRUPT);
	command(lba, sectors, write ? COMMAND_WRITE_DMA : COMMAND_READ_DMA);
	outb((uint16_t)(master + BM_COMMAND), direction | BM_START);
	good = wait_answer();
	outb((uint16_t)(master + BM_COMMAND), direction);
	return good && !(inb((uint16_t)(master + BM_STATUS)) & BM_ERROR);
}

/* The device interrupts when a sector is there. */
static bool pio_read(uint32_t lba, uint32_t sectors, uint8_t *to)
{
	command(lba, sectors, COMMAND_READ);
	for (uint32_t i = 0; i < sectors; i++) {
		if (!wait_answer() || !(status & STATUS_DRQ))
			return false;
		answered = false;
		insw(ATA_DATA, to + i * SECTOR, SECTOR_WORDS);
	}
	return true;
}

/* The device wants the first sector at once and interrupts after each. */
static bool pio_write(uint32_t lba, uint32_t sectors, const uint8_t *from)
{
	command(lba, sectors, COMMAND_WRITE);
	for (uint32_t i = 0; i < sectors; i++) {
		if (!poll_ready(STATUS_DRQ))
			return false;
		answered = false;
		outsw(ATA_DATA, from + i * SECTOR, SECTOR_WORDS);
		if (!wait_answer())
			return false;
	}
	return true;
}

/* The page must stay put: the caller has marked it busy or owns it. */
bool ide_transfer(uint32_t lba, uint32_t sectors, struct page *page, bool write)
{
	bool good;

	assert(sectors > 0 && sectors <= PAGE_SIZE / SECTOR);
	if (lba >= capacity || sectors > capacity - lba)
		return false;
	mutex_lock(&channel);
	if (write)
		stat.disk_writes++;
	else
		stat.disk_reads++;
	table[0] = (struct prd){page_number(page) << PAGE_SHIFT,
				(uint16_t)(sectors * SECTOR), PRD_LAST};
	if (master != 0)
		good = dma(lba, sectors, (uint32_t)table - KERNBASE, write);
	else if (write)
		good = pio_write(lba, sectors, page_bytes(page));
	else
		good = pio_read(lba, sectors, page_bytes(page));
	mutex_unlock(&channel);
	return good;
}

/* Sector 0 to wherever the table says. */
bool ide_read_by_table(uint32_t table_physical)
{
	bool good = false;

	mutex_lock(&channel);
	if (master != 0)
		good = dma(0, 1, table_physical, false);
	mutex_unlock(&channel);
	return good;
}
