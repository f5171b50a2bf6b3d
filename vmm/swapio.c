/*
 * Requests to the host's disk for the swap area.
 */
#include "vmm/swapio.h"
#include "kernel/kmap.h"
#include "kernel/panic.h"
#include "kernel/rng.h"

enum { SLOT_SECTORS = PAGE_SIZE / SECTOR_SIZE };

static u32 area; /* its first sector */
struct swap_batch swap_batches[SWAP_BATCHES];
static void (*tell[SWAP_BATCHES])(struct swap_batch *b, bool good);
static u32 countdown[SWAP_FAULTS]; /* to the operation that goes wrong; 0: none */

static const char *const names[] = {
	[FAULT_READ] = "read",
	[FAULT_WRITE] = "write",
	[FAULT_FLIP] = "flip",
	[FAULT_TORN] = "torn",
};

u32 swapio_init(void)
{
	struct disk_part part = disk_partition(PART_SWAP);

	area = part.start;
	return part.sectors / SLOT_SECTORS;
}

const char *swapio_fault_name(enum swap_fault f)
{
	return names[f];
}

void swapio_break(enum swap_fault f, u32 nth)
{
	ASSERT(f < SWAP_FAULTS);
	countdown[f] = nth;
}

/* Is this the operation? */
static bool breaks(enum swap_fault f)
{
	return countdown[f] && --countdown[f] == 0;
}

struct swap_batch *swapio_batch(void)
{
	for (u32 i = 0; i < SWAP_BATCHES; i++)
		if (!swap_batches[i].busy) {
			swap_batches[i].count = 0;
			return &swap_batches[i];
		}
	return NULL;
}

struct swap_batch *swapio_under_way(u32 i)
{
	return swap_batches[i].busy ? &swap_batches[i] : NULL;
}

static void written(struct disk_req *req, int error)
{
	struct swap_batch *b = req->arg;

	tell[b - swap_batches](b, !error && !breaks(FAULT_WRITE));
	b->busy = false;
}

/* The device says that all is well, and it is not. */
static void tear(struct disk_req *req)
{
	req->seg[req->nsegs - 1].length /= 2;
	req->sectors -= SLOT_SECTORS / 2;
}

void swapio_submit(struct swap_batch *b, void (*done)(struct swap_batch *b, bool good))
{
	struct disk_req *req = &b->req;

	ASSERT(b->count > 0 && b->count <= SWAP_BATCH && !b->busy);
	*req = (struct disk_req){.lba = area + b->page[0].slot * SLOT_SECTORS,
				 .sectors = b->count * SLOT_SECTORS,
				 .write = true,
				 .nsegs = b->count,
				 .done = written,
				 .arg = b};
	for (u32 i = 0; i < b->count; i++)
		req->seg[i] = (struct disk_seg){.mpn = mpn(b->page[i].mpn),
						.length = PAGE_SIZE};
	if (breaks(FAULT_TORN))
		tear(req);
	tell[b - swap_batches] = done;
	b->busy = true;
	disk_submit(req);
}

static void flip_a_bit(mpn_t m)
{
	u32 word = rng_below(PAGE_WORDS);

	kmap_write(m, word, kmap_read(m, word) ^ 1u << rng_below(32));
}

bool swapio_read(u32 slot, mpn_t m)
{
	struct disk_req req = {.lba = area + slot * SLOT_SECTORS,
			       .sectors = SLOT_SECTORS,
			       .nsegs = 1,
			       .seg = {{.mpn = m, .length = PAGE_SIZE}}};
	int error = disk_wait(&req);

	if (error || breaks(FAULT_READ))
		return false;
	if (breaks(FAULT_FLIP))
		flip_a_bit(m);
	return true;
}
