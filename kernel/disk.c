/*
 * The host's disk: a queue of requests, one of them at the drive. A request that fails is
 * tried once more after a reset, then given back with an error; a drive that falls silent
 * is found by the tick. Without a DMA engine the CPU moves the words itself, a sector at
 * each interrupt.
 */
#include "kernel/disk.h"
#include "kernel/bmdma.h"
#include "kernel/event.h"
#include "kernel/frame.h"
#include "kernel/ide.h"
#include "kernel/kmap.h"
#include "kernel/mbr.h"
#include "kernel/panic.h"
#include "kernel/pci.h"
#include "kernel/pic.h"
#include "kernel/time.h"

enum { ERROR_RANGE = 1, ERROR_DRIVE = 2 };
enum { PATIENCE_TICKS = 5 * HZ, TRIES = 2 };

static enum { MODE_NONE, MODE_PIO, MODE_DMA } mode;
static struct ide_identity drive;
static struct mbr_part parts[MBR_PARTS];
static struct disk_stats stats;

/* The queue; its head is the one at the drive while `busy`. */
static struct disk_req *head, *tail;
static bool busy;
static u32 tries, ticks; /* of the head: attempts made, time that this one has lasted */

/* PIO: where in the head's pieces the next word goes, and how many sectors are to come. */
static u32 piece, piece_offset, sectors_left;

static void kick(void);
static void tick(void);

/* --- boot ----------------------------------------------------------------- */

static void read_partitions(void)
{
	u8 sector[SECTOR_SIZE];
	int dropped;

	if (!ide_read_sector(0, sector)) {
		event("disk.error", "lba=0 why=\"no partition table read\"");
		return;
	}
	dropped = mbr_parse(sector, drive.sectors, parts);
	if (dropped < 0)
		event("disk.error", "lba=0 why=\"no partition table\"");
	else if (dropped > 0)
		event("disk.error", "lba=0 why=\"%d partitions reach beyond the disk\"",
		      dropped);
}

bool disk_init(void)
{
	u16 bus_master;

	if (!ide_identify(&drive))
		return false;
	read_partitions();
	bus_master = drive.dma ? pci_ide_bus_master() : 0;
	mode = bus_master && bmdma_init(bus_master) ? MODE_DMA : MODE_PIO;
	ide_enable_interrupts();
	pic_unmask(IRQ_DISK);
	time_on_tick(tick);
	event("disk", "mode=%s sectors=%u", disk_mode(), drive.sectors);
	return true;
}

u32 disk_sectors(void)
{
	return drive.sectors;
}

const struct disk_stats *disk_stats(void)
{
	return &stats;
}

const char *disk_mode(void)
{
	switch (mode) {
	case MODE_NONE:
		return "none";
	case MODE_PIO:
		return "pio";
	case MODE_DMA:
		return "dma";
	}
	panic("disk: mode %d", mode);
}

struct disk_part disk_partition(u8 type)
{
	for (int i = 0; i < MBR_PARTS; i++)
		if (parts[i].type == type && parts[i].sectors > 0)
			return (struct disk_part){type, parts[i].start,
						  parts[i].sectors};
	return (struct disk_part){.type = type};
}

/* --- requests ------------------------------------------------------------- */

/* Counts what a finished request did. */
static void count(const struct disk_req *req, int error)
{
	if (error) {
		stats.errors++;
		return;
	}
	if (req->write)
		stats.writes++;
	else
		stats.reads++;
	stats.sectors += req->sectors;
	for (u32 i = 0; mode == MODE_DMA && i < req->nsegs; i++)
		stats.bounces += !mpn_is_low(req->seg[i].mpn);
}

/* The head is done with: gives it back. Its caller may submit the next from there. */
static void finish(int error)
{
	struct disk_req *req = head;

	busy = false;
	tries = 0;
	head = req->next;
	req->next = NULL;
	count(req, error);
	if (error)
		event("disk.error", "lba=%u sectors=%u write=%d", req->lba,
		      req->sectors, req->write);
	req->done(req, error);
}

/* Moves the words of one sector between the data port and the head's pieces. */
static void move_sector(void)
{
	u32 left = SECTOR_SIZE;

	while (left > 0) {
		const struct disk_seg *seg = &head->seg[piece];
		u32 bytes = min_u32(left, seg->length - piece_offset);
		u8 *at = (u8 *)kmap(seg->mpn) + seg->offset + piece_offset;

		if (head->write)
			ide_put_words(at, bytes / 2);
		else
			ide_get_words(at, bytes / 2);
		kunmap(at);
		left -= bytes;
		piece_offset += bytes;
		if (piece_offset == seg->length) {
			piece++;
			piece_offset = 0;
		}
	}
	sectors_left--;
}

static bool begin_pio(const struct disk_req *req)
{
	piece = 0;
	piece_offset = 0;
	sectors_left = req->sectors;
	if (!ide_start(req->write ? IDE_WRITE : IDE_READ, req->lba, req->sectors))
		return false;
	if (req->write) { /* the first sector is asked for without an interrupt */
		if (!ide_data_ready())
			return false;
		move_sector();
	}
	return true;
}

static bool begin_dma(const struct disk_req *req)
{
	bmdma_prepare(req);
	if (!ide_start(req->write ? IDE_WRITE_DMA : IDE_READ_DMA, req->lba,
		       req->sectors))
		return false;
	bmdma_start(req);
	return true;
}

/* Brings drive and engine back to rest after something went wrong. */
static void recover(void)
{
	if (mode == MODE_DMA)
		bmdma_stop();
	ide_reset();
}

/* Gives the drive the head, once more if need be. False: it won't take it. */
static bool begin(void)
{
	while (tries++ < TRIES) {
		ticks = 0;
		if (mode == MODE_DMA ? begin_dma(head) : begin_pio(head))
			return true;
		recover();
	}
	return false;
}

/* Keeps the drive busy while there are requests. */
static void kick(void)
{
	while (!busy && head) {
		busy = begin();
		if (!busy)
			finish(ERROR_DRIVE);
	}
}

/* The head went wrong: another try, or back to its caller with an error. */
static void fail(void)
{
	recover();
	busy = begin();
	if (!busy)
		finish(ERROR_DRIVE);
	kick();
}

/* Our own callers make these; what a guest asked for was checked before. */
static void check(const struct disk_req *req)
{
	u32 bytes = 0;

	ASSERT(req->done);
	ASSERT(req->sectors >= 1 && req->sectors <= DISK_MAX_SECTORS);
	ASSERT(req->nsegs >= 1 && req->nsegs <= DISK_MAX_SEGS);
	for (u32 i = 0; i < req->nsegs; i++) {
		const struct disk_seg *seg = &req->seg[i];

		ASSERT(seg->length >= 2 && (seg->length | seg->offset) % 2 == 0);
		ASSERT(seg->offset + seg->length <= PAGE_SIZE);
		bytes += seg->length;
	}
	ASSERT(bytes == req->sectors * SECTOR_SIZE);
}

void disk_submit(struct disk_req *req)
{
	check(req);
	req->next = NULL;
	if (req->lba >= drive.sectors || req->sectors > drive.sectors - req->lba) {
		stats.errors++;
		req->done(req, ERROR_RANGE);
		return;
	}
	if (head)
		tail->next = req;
	else
		head = req;
	tail = req;
	kick();
}

/* --- interrupts ----------------------------------------------------------- */

/* A sector is there, or wanted, or the last one was taken. */
static void pio_interrupt(void)
{
	if (sectors_left > 0) {
		if (!ide_data_ready()) {
			fail();
			return;
		}
		move_sector();
		if (head->write || sectors_left > 0)
			return;
	}
	finish(0);
	kick();
}

static void dma_interrupt(u8 status)
{
	enum bmdma_result result = bmdma_finish();

	if (result == BMDMA_ERROR || status & (IDE_ERR | IDE_DF)) {
		fail();
		return;
	}
	if (result == BMDMA_BUSY)
		return;
	if (!head->write)
		bmdma_collect(head);
	finish(0);
	kick();
}

void disk_interrupt(void)
{
	u8 status;

	if (mode == MODE_NONE)
		return;
	status = ide_status();
	if (!busy)
		return;
	if (mode == MODE_DMA)
		dma_interrupt(status);
	else if (status & (IDE_ERR | IDE_DF))
		fail();
	else
		pio_interrupt();
}

/* Finds a drive that has fallen silent. */
static void tick(void)
{
	if (busy && ++ticks > PATIENCE_TICKS)
		fail();
}

/* --- waiting -------------------------------------------------------------- */

struct waiter {
	struct waitq queue;
	bool done;
	int error;
};

static void wake(struct disk_req *req, int error)
{
	struct waiter *waiter = req->arg;

	waiter->done = true;
	waiter->error = error;
	thread_wake(&waiter->queue);
}

int disk_wait(struct disk_req *req)
{
	struct waiter waiter = {.done = false};

	req->done = wake;
	req->arg = &waiter;
	disk_submit(req);
	while (!waiter.done)
		thread_wait(&waiter.queue);
	return waiter.error;
}
