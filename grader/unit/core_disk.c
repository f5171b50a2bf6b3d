/* The host's disk of the tests; see core_disk.h. */
#include "grader/unit/core_disk.h"
#include "grader/unit/core_model.h"

struct core_disk core_disk;

struct disk_part disk_partition(u8 type)
{
	if (type != PART_SWAP)
		return (struct disk_part){.type = type};
	return (struct disk_part){type, DISK_AREA, DISK_SLOTS * DISK_SLOT_SECTORS};
}

static void move_bytes(const struct disk_req *req)
{
	u8 *at = core_disk.bytes + (req->lba - DISK_AREA) * SECTOR_SIZE;

	for (u32 i = 0; i < req->nsegs; i++) {
		const struct disk_seg *s = &req->seg[i];
		u8 *memory = core_page(s->mpn.n) + s->offset;

		cr_assert_leq(s->offset + s->length, (u32)PAGE_SIZE);
		if (req->write)
			memcpy(at, memory, s->length);
		else
			memcpy(memory, at, s->length);
		at += s->length;
	}
}

static void check(const struct disk_req *req)
{
	u32 end = DISK_AREA + DISK_SLOTS * DISK_SLOT_SECTORS, bytes = 0;

	cr_assert(req->lba >= DISK_AREA && req->lba + req->sectors <= end,
		  "outside the swap area: %u", req->lba);
	cr_assert(req->sectors <= DISK_MAX_SECTORS && req->nsegs <= DISK_MAX_SEGS);
	for (u32 i = 0; i < req->nsegs; i++)
		bytes += req->seg[i].length;
	cr_assert_eq(bytes, req->sectors * SECTOR_SIZE);
	core_disk.most_sectors = max_u32(core_disk.most_sectors, req->sectors);
}

void disk_submit(struct disk_req *req)
{
	check(req);
	cr_assert_lt(core_disk.count, ARRAY_LEN(core_disk.pending));
	core_disk.pending[core_disk.count++] = req;
	core_disk.writes += req->write;
}

bool core_disk_complete(void)
{
	struct disk_req *req = core_disk.pending[0];

	if (core_disk.count == 0)
		return false;
	core_disk.count--;
	memmove(core_disk.pending, core_disk.pending + 1,
		core_disk.count * sizeof(*core_disk.pending));
	if (!core_disk.fail)
		move_bytes(req);
	req->done(req, core_disk.fail);
	return true;
}

void core_disk_complete_all(void)
{
	while (core_disk_complete())
		;
}

/* Requests are done in order: what is read was written. */
int disk_wait(struct disk_req *req)
{
	bool fail = core_disk.fail;
	void (*meanwhile)(void) = core_disk.meanwhile;

	core_disk.meanwhile = NULL;
	if (meanwhile)
		meanwhile();
	core_disk.fail = false;
	core_disk_complete_all();
	core_disk.fail = fail;
	check(req);
	core_disk.reads++;
	if (!fail)
		move_bytes(req);
	return fail;
}
