/*
 * The disk driver's queue, against a drive that is played here: order, bounds, retries,
 * silence, and where the bytes go.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include "kernel/bmdma.h"
#include "kernel/disk.h"
#include "kernel/event.h"
#include "kernel/frame.h"
#include "kernel/ide.h"
#include "kernel/kmap.h"
#include "kernel/lib.h"
#include "kernel/panic.h"
#include "kernel/pci.h"
#include "kernel/pic.h"
#include "kernel/time.h"

enum { DISK_SECTORS = 64, PAGES = 8, LOW_PAGES = 4, STARTS_MAX = 64 };

static u8 platter[DISK_SECTORS][SECTOR_SIZE];
static u8 pages[PAGES][PAGE_SIZE];

/* What the drive was told last, and how it behaves. */
static struct {
	bool has_dma, present;
	enum ide_command command;
	u32 lba, sectors, moved; /* bytes moved of this command */
	u32 started[STARTS_MAX], starts;
	u32 resets, refusals; /* refusals: how many commands it does not take */
	u8 status;
	enum bmdma_result result;
} drive;

static void (*on_tick)(void);

/* --- the drive ------------------------------------------------------------------ */

bool ide_identify(struct ide_identity *out)
{
	*out = (struct ide_identity){.sectors = DISK_SECTORS, .dma = drive.has_dma};
	return drive.present;
}

bool ide_read_sector(u32 lba, void *buf)
{
	memcpy(buf, platter[lba], SECTOR_SIZE);
	return true;
}

bool ide_start(enum ide_command command, u32 lba, u32 sectors)
{
	cr_assert(lba + sectors <= DISK_SECTORS);
	drive.started[drive.starts++] = lba;
	drive.command = command;
	drive.lba = lba;
	drive.sectors = sectors;
	drive.moved = 0;
	if (drive.refusals > 0) {
		drive.refusals--;
		return false;
	}
	return true;
}

void ide_get_words(void *dst, u32 words)
{
	cr_assert_leq(drive.moved + 2 * words, drive.sectors * SECTOR_SIZE);
	memcpy(dst, (u8 *)platter[drive.lba] + drive.moved, 2 * words);
	drive.moved += 2 * words;
}

void ide_put_words(const void *src, u32 words)
{
	cr_assert_leq(drive.moved + 2 * words, drive.sectors * SECTOR_SIZE);
	memcpy((u8 *)platter[drive.lba] + drive.moved, src, 2 * words);
	drive.moved += 2 * words;
}

void ide_enable_interrupts(void)
{
}

u8 ide_status(void)
{
	return drive.status;
}

bool ide_data_ready(void)
{
	return true;
}

void ide_reset(void)
{
	drive.resets++;
}

u16 pci_ide_bus_master(void)
{
	return 0xC000;
}

bool bmdma_init(u16 base)
{
	cr_assert_eq(base, 0xC000);
	return true;
}

void bmdma_prepare(const struct disk_req *req)
{
	(void)req;
}

void bmdma_start(const struct disk_req *req)
{
	cr_assert_eq(req->lba, drive.lba);
}

enum bmdma_result bmdma_finish(void)
{
	return drive.result;
}

void bmdma_collect(const struct disk_req *req)
{
	cr_assert_not(req->write);
}

void bmdma_stop(void)
{
}

/* --- the rest of the kernel ------------------------------------------------------- */

void *kmap(mpn_t m)
{
	cr_assert_lt(m.n, PAGES);
	return pages[m.n];
}

void kunmap(const void *p)
{
	(void)p;
}

bool mpn_is_low(mpn_t m)
{
	return m.n < LOW_PAGES;
}

void pic_unmask(unsigned irq)
{
	cr_assert_eq(irq, IRQ_DISK);
}

void time_on_tick(void (*fn)(void))
{
	on_tick = fn;
}

void event(const char *name, const char *fmt, ...)
{
	(void)name;
	(void)fmt;
}

void panic(const char *fmt, ...)
{
	cr_log_info("panic: %s", fmt);
	abort();
}

/* A thread that waits lets the interrupt come. */
void thread_wait(struct waitq *q)
{
	(void)q;
	disk_interrupt();
}

void thread_wake(struct waitq *q)
{
	(void)q;
}

/* --- requests ------------------------------------------------------------------------ */

static u32 finished[16], finished_count;
static int last_error;

static void done(struct disk_req *req, int error)
{
	finished[finished_count++] = req->lba;
	last_error = error;
}

/* A request of one piece. */
static struct disk_req request(u32 lba, u32 sectors, bool write, u32 page)
{
	struct disk_req req = {
		.lba = lba, .sectors = sectors, .write = write, .nsegs = 1};

	req.done = done;
	req.seg[0] = (struct disk_seg){mpn(page), 0, (u16)(sectors * SECTOR_SIZE)};
	return req;
}

static void start_with(bool dma)
{
	for (int i = 0; i < DISK_SECTORS; i++)
		memset(platter[i], i, SECTOR_SIZE);
	drive.present = true;
	drive.has_dma = dma;
	drive.result = BMDMA_DONE;
	cr_assert(disk_init());
}

static void start_dma(void)
{
	start_with(true);
}

static void start_pio(void)
{
	start_with(false);
}

TestSuite(disk, .init = start_dma);
TestSuite(pio, .init = start_pio);

Test(disk, without_a_drive)
{
	drive.present = false;
	cr_assert_not(disk_init());
}

Test(disk, modes)
{
	cr_assert_str_eq(disk_mode(), "dma");
	start_pio();
	cr_assert_str_eq(disk_mode(), "pio");
}

Test(disk, one_at_a_time_in_order)
{
	struct disk_req a = request(5, 1, false, 0), b = request(3, 1, true, 1),
			c = request(4, 1, false, 2);

	disk_submit(&a);
	disk_submit(&b);
	disk_submit(&c);
	cr_assert_eq(drive.starts, 1);
	disk_interrupt();
	cr_assert(finished_count == 1 && finished[0] == 5);
	cr_assert_eq(drive.starts, 2);
	cr_assert_eq(drive.command, IDE_WRITE_DMA);
	disk_interrupt();
	disk_interrupt();
	cr_assert(finished_count == 3 && finished[1] == 3 && finished[2] == 4);
	cr_assert_eq(disk_stats()->reads, 2);
	cr_assert_eq(disk_stats()->writes, 1);
	cr_assert_eq(disk_stats()->sectors, 3);
}

Test(disk, an_interrupt_that_nobody_waits_for)
{
	disk_interrupt();
	cr_assert_eq(finished_count, 0);
}

Test(disk, an_interrupt_before_the_engine_is_done)
{
	struct disk_req a = request(5, 1, false, 0);

	disk_submit(&a);
	drive.result = BMDMA_BUSY;
	disk_interrupt();
	cr_assert_eq(finished_count, 0);
	drive.result = BMDMA_DONE;
	disk_interrupt();
	cr_assert_eq(finished_count, 1);
}

Test(disk, beyond_the_end_is_an_error_at_once)
{
	static const u32 lbas[] = {DISK_SECTORS, DISK_SECTORS - 1, 0xFFFFFFFF,
				   0xFFFFFFFE};

	for (size_t i = 0; i < ARRAY_LEN(lbas); i++) {
		struct disk_req a = request(lbas[i], 2, true, 0);

		finished_count = 0;
		last_error = 0;
		disk_submit(&a);
		cr_assert_eq(finished_count, 1);
		cr_assert_neq(last_error, 0);
	}
	cr_assert_eq(drive.starts, 0);
	cr_assert_eq(disk_stats()->errors, ARRAY_LEN(lbas));
}

Test(disk, the_last_sectors_are_there)
{
	struct disk_req a = request(DISK_SECTORS - 2, 2, false, 0);

	cr_assert_eq(disk_wait(&a), 0);
}

Test(disk, high_pieces_are_counted)
{
	struct disk_req a = request(0, 1, false, LOW_PAGES), b = request(0, 1, true, 0);

	cr_assert_eq(disk_wait(&a), 0);
	cr_assert_eq(disk_wait(&b), 0);
	cr_assert_eq(disk_stats()->bounces, 1);
}

Test(disk, one_failure_is_tried_again)
{
	struct disk_req a = request(7, 1, false, 0);

	disk_submit(&a);
	drive.status = IDE_ERR;
	disk_interrupt();
	cr_assert_eq(finished_count, 0);
	cr_assert_eq(drive.resets, 1);
	cr_assert_eq(drive.starts, 2);
	drive.status = 0;
	disk_interrupt();
	cr_assert_eq(finished_count, 1);
	cr_assert_eq(last_error, 0);
	cr_assert_eq(disk_stats()->errors, 0);
}

Test(disk, two_failures_are_an_error_and_the_next_goes_on)
{
	struct disk_req a = request(7, 1, false, 0), b = request(8, 1, false, 0);

	disk_submit(&a);
	disk_submit(&b);
	drive.result = BMDMA_ERROR;
	disk_interrupt();
	disk_interrupt();
	cr_assert(finished_count == 1 && last_error != 0);
	drive.result = BMDMA_DONE;
	disk_interrupt();
	cr_assert(finished_count == 2 && last_error == 0 && finished[1] == 8);
	cr_assert_eq(disk_stats()->errors, 1);
}

Test(disk, every_request_has_its_own_tries)
{
	for (u32 i = 0; i < 3; i++) {
		struct disk_req a = request(i, 1, false, 0);

		disk_submit(&a);
		drive.status = IDE_DF;
		disk_interrupt();
		drive.status = 0;
		disk_interrupt();
		cr_assert_eq(last_error, 0);
	}
	cr_assert_eq(drive.resets, 3);
}

Test(disk, a_drive_that_takes_nothing)
{
	struct disk_req a = request(7, 1, false, 0);

	drive.refusals = 2;
	disk_submit(&a);
	cr_assert(finished_count == 1 && last_error != 0);
	cr_assert_eq(disk_wait(&a), 0);
}

Test(disk, a_silent_drive_is_found_by_the_tick)
{
	struct disk_req a = request(7, 1, false, 0);

	disk_submit(&a);
	for (int i = 0; i < 60 * HZ && finished_count == 0; i++)
		on_tick();
	cr_assert_eq(finished_count, 1);
	cr_assert_neq(last_error, 0);
	cr_assert_eq(drive.starts, 2, "it was tried %u times", drive.starts);
	for (int i = 0; i < 60 * HZ; i++)
		on_tick();
	cr_assert_eq(drive.resets, 2, "an idle drive was reset");
}

static struct disk_req follow_up;

static void done_and_more(struct disk_req *req, int error)
{
	done(req, error);
	disk_submit(&follow_up);
}

Test(disk, done_may_submit_the_next)
{
	struct disk_req a = request(1, 1, false, 0);

	follow_up = request(2, 1, false, 0);
	a.done = done_and_more;
	disk_submit(&a);
	disk_interrupt();
	cr_assert_eq(drive.starts, 2);
	disk_interrupt();
	cr_assert(finished_count == 2 && finished[1] == 2);
}

Test(disk, done_may_submit_the_next_after_an_error_too)
{
	struct disk_req a = request(DISK_SECTORS, 1, false, 0);

	follow_up = request(2, 1, false, 0);
	a.done = done_and_more;
	disk_submit(&a);
	disk_interrupt();
	cr_assert(finished_count == 2 && last_error == 0);
}

Test(disk, pieces_must_sum_up, .signal = SIGABRT)
{
	struct disk_req a = request(1, 2, false, 0);

	a.seg[0].length = SECTOR_SIZE;
	disk_submit(&a);
}

Test(disk, a_piece_must_stay_in_its_page, .signal = SIGABRT)
{
	struct disk_req a = request(1, 1, false, 0);

	a.seg[0].offset = PAGE_SIZE - SECTOR_SIZE + 2;
	disk_submit(&a);
}

Test(disk, partitions)
{
	u8 *entry = platter[0] + 446;

	memset(platter[0], 0, SECTOR_SIZE);
	entry[4] = PART_SWAP;
	entry[8] = 16;
	entry[12] = 32;
	platter[0][510] = 0x55;
	platter[0][511] = 0xAA;
	cr_assert(disk_init());
	cr_assert_eq(disk_partition(PART_SWAP).start, 16);
	cr_assert_eq(disk_partition(PART_SWAP).sectors, 32);
	cr_assert_eq(disk_partition(PART_VDISKS).sectors, 0);
}

/* --- without DMA --------------------------------------------------------------------- */

/* Pieces that have nothing to do with sectors, on three pages and a high one. */
static struct disk_req crooked(bool write)
{
	struct disk_req req = {.lba = 10, .sectors = 3, .write = write, .nsegs = 4};

	req.seg[0] = (struct disk_seg){mpn(0), 4094, 2};
	req.seg[1] = (struct disk_seg){mpn(5), 10, 600};
	req.seg[2] = (struct disk_seg){mpn(1), 0, 422};
	req.seg[3] = (struct disk_seg){mpn(2), 1000, 512};
	return req;
}

Test(pio, reads_into_crooked_pieces)
{
	struct disk_req a = crooked(false);

	memset(pages, 0xEE, sizeof(pages));
	cr_assert_eq(disk_wait(&a), 0);
	cr_assert_eq(drive.moved, 3 * SECTOR_SIZE);
	cr_assert(pages[0][4093] == 0xEE && pages[0][4094] == 10 &&
		  pages[0][4095] == 10);
	cr_assert(pages[5][9] == 0xEE && pages[5][10] == 10 &&
		  pages[5][10 + 509] == 10);
	cr_assert(pages[5][10 + 510] == 11 && pages[5][609] == 11 &&
		  pages[5][610] == 0xEE);
	cr_assert(pages[1][0] == 11 && pages[1][421] == 11 && pages[1][422] == 0xEE);
	cr_assert(pages[2][999] == 0xEE && pages[2][1000] == 12 &&
		  pages[2][1511] == 12 && pages[2][1512] == 0xEE);
}

Test(pio, writes_what_it_reads)
{
	struct disk_req a = crooked(true), b = crooked(false);
	u8 saved[PAGES][PAGE_SIZE];

	for (size_t i = 0; i < sizeof(pages); i++)
		((u8 *)pages)[i] = (u8)(i * 7 + i / 256);
	memcpy(saved, pages, sizeof(pages));
	cr_assert_eq(disk_wait(&a), 0);
	for (u32 i = 0; i < a.nsegs; i++)
		memset(pages[a.seg[i].mpn.n] + a.seg[i].offset, 0, a.seg[i].length);
	cr_assert_eq(disk_wait(&b), 0);
	cr_assert_eq(memcmp(saved, pages, sizeof(pages)), 0);
	cr_assert(platter[9][0] == 9 && platter[13][0] == 13);
}

Test(pio, an_error_in_the_middle_starts_over)
{
	struct disk_req a = crooked(false);

	a.done = done;
	disk_submit(&a);
	disk_interrupt();
	drive.status = IDE_ERR;
	disk_interrupt();
	drive.status = 0;
	for (int i = 0; i < 3; i++)
		disk_interrupt();
	cr_assert(finished_count == 1 && last_error == 0);
	cr_assert_eq(pages[2][1000], 12);
}
