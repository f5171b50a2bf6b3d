/*
 * Bus-master DMA: the drive's data goes to and from memory without us. The engine reads
 * what goes where from a table of physical region descriptors (PRD) in memory.
 */
#include "kernel/bmdma.h"
#include "kernel/frame.h"
#include "kernel/io.h"
#include "kernel/kmap.h"
#include "kernel/lib.h"
#include "kernel/paging.h"
#include "kernel/panic.h"

/* The primary channel's registers, as offsets. */
enum { REG_COMMAND = 0, REG_STATUS = 2, REG_TABLE = 4 };
enum { COMMAND_START = 1 << 0, COMMAND_TO_MEMORY = 1 << 3 };
enum { STATUS_ACTIVE = 1 << 0, STATUS_ERROR = 1 << 1, STATUS_IRQ = 1 << 2 };

struct prd {
	u32 address; /* machine address of the piece, even */
	u16 bytes;
	u16 flags;
};
enum { PRD_LAST = 0x8000 };

static u16 base;
static mpn_t table_page;
static mpn_t bounce[DISK_MAX_SEGS]; /* piece i of a request bounces through page i */

static bool any_high_memory(void)
{
	return !mpn_is_low(mpn(frame_count() - 1));
}

bool bmdma_init(u16 io_base)
{
	if (!frame_alloc(ZONE_LOW, FRAME_HOST, 0, 0, &table_page))
		return false;
	for (u32 i = 0; any_high_memory() && i < DISK_MAX_SEGS; i++)
		if (!frame_alloc(ZONE_LOW, FRAME_HOST, 0, 0, &bounce[i]))
			return false;
	base = io_base;
	bmdma_stop();
	return true;
}

/* Copies piece i between its own page and its bounce page. */
static void copy_piece(const struct disk_seg *seg, u32 i, bool to_bounce)
{
	u8 *own = (u8 *)kmap(seg->mpn) + seg->offset;
	u8 *low = (u8 *)phys_to_virt(mpn_addr(bounce[i])) + seg->offset;

	if (to_bounce)
		memcpy(low, own, seg->length);
	else
		memcpy(own, low, seg->length);
	kunmap(own);
}

void bmdma_prepare(const struct disk_req *req)
{
	struct prd *table = phys_to_virt(mpn_addr(table_page));

	for (u32 i = 0; i < req->nsegs; i++) {
		const struct disk_seg *seg = &req->seg[i];
		bool low = mpn_is_low(seg->mpn);
		mpn_t page = low ? seg->mpn : bounce[i];

		ASSERT(page.n != 0);
		if (!low && req->write)
			copy_piece(seg, i, true);
		table[i].address = mpn_addr(page).a + seg->offset;
		table[i].bytes = seg->length;
		table[i].flags = i + 1 == req->nsegs ? PRD_LAST : 0;
	}
	outl(base + REG_TABLE, mpn_addr(table_page).a);
	outb(base + REG_COMMAND, req->write ? 0 : COMMAND_TO_MEMORY);
	outb(base + REG_STATUS,
	     STATUS_IRQ | STATUS_ERROR); /* writing a one clears it */
}

void bmdma_start(const struct disk_req *req)
{
	u8 direction = req->write ? 0 : COMMAND_TO_MEMORY;

	outb(base + REG_COMMAND, direction | COMMAND_START);
}

void bmdma_stop(void)
{
	outb(base + REG_COMMAND, 0);
	outb(base + REG_STATUS, STATUS_IRQ | STATUS_ERROR);
}

enum bmdma_result bmdma_finish(void)
{
	u8 status = inb(base + REG_STATUS);

	if (!(status & STATUS_IRQ))
		return BMDMA_BUSY;
	bmdma_stop();
	/* Still active at the drive's interrupt: the table asked for more than it sent. */
	return status & (STATUS_ERROR | STATUS_ACTIVE) ? BMDMA_ERROR : BMDMA_DONE;
}

void bmdma_collect(const struct disk_req *req)
{
	for (u32 i = 0; i < req->nsegs; i++)
		if (!mpn_is_low(req->seg[i].mpn))
			copy_piece(&req->seg[i], i, false);
}
