/*
 * What lies around lab 2's host side: the disk, and ends of what is not in this model. And
 * whoever gives a frame back is looked at: the code under test calls frame_free by a detour
 * (build.sh), which notes who could reach the frame just then.
 */
#include "grader/judge/subject.h"

#include "kernel/disk.h"
#include "kernel/event.h"
#include "kernel/kmap.h"
#include "kernel/panic.h"
#include "vmm/reclaim.h"
#include "vmm/rmap.h"

#include <string.h>

enum { AREA = 4096, SLOT_SECTORS = PAGE_SIZE / SECTOR_SIZE, PENDING = 8 };

static struct disk_req *pending[PENDING];

/* --- the frame that goes ------------------------------------------------------------------ */

static bool tlb_has(u32 m)
{
	const struct tlb *t = &arena->tlb;

	for (u32 i = 0; i < ARRAY_LEN(t->page); i++)
		if (t->page[i].epoch == t->epoch && t->page[i].entry >> PAGE_SHIFT == m)
			return true;
	return false;
}

static void note(const struct vm *vm, const struct frame *f, u32 m)
{
	struct freed *to = &arena->mem.freed[arena->mem.frees++ % FREED_MAX];
	const struct pmap_entry *e = &vm->pmap.entry[f->index];

	*to = (struct freed){.mpn = m, .ppn = f->index, .owner = f->owner};
	to->in_pmap = e->state == PMAP_PRIVATE && e->mpn == m;
	to->mapped = vm->shadow.rmap.head[f->index] != RMAP_END;
	to->traced = vm->traces.flags[f->index];
	to->in_tlb = arena->mem.watch_tlb && tlb_has(m);
}

void __real_frame_free(mpn_t m);
void __wrap_frame_free(mpn_t m);

void __wrap_frame_free(mpn_t m)
{
	const struct frame *f = m.n < frame_count() ? frame_get(m) : NULL;
	const struct vm *vm = NULL;

	if (f && f->owner >= 1 && f->owner <= VM_COUNT)
		vm = &arena->vm[f->owner - 1];
	if (vm && vm->pmap.entry && f->index < vm->pmap.pages && vm->traces.flags &&
	    vm->shadow.rmap.head)
		note(vm, f, m.n);
	__real_frame_free(m);
}

/* --- the disk ------------------------------------------------------------------------------ */

struct disk_part disk_partition(u8 type)
{
	return (struct disk_part){type, AREA, MEM_SLOTS * SLOT_SECTORS};
}

static void move_piece(bool write, u8 *at, const struct disk_seg *s)
{
	u8 *memory = kmap(s->mpn);

	if (write)
		memcpy(at, memory + s->offset, s->length);
	else
		memcpy(memory + s->offset, at, s->length);
	kunmap(memory);
}

static void move(const struct disk_req *req)
{
	u8 *at = arena->mem.disk.bytes[0] + (req->lba - AREA) * SECTOR_SIZE;

	for (u32 i = 0; i < req->nsegs; i++) {
		move_piece(req->write, at, &req->seg[i]);
		at += req->seg[i].length;
	}
}

static void check(const struct disk_req *req)
{
	if (req->lba < AREA || req->sectors > DISK_MAX_SECTORS ||
	    req->lba + req->sectors > AREA + MEM_SLOTS * SLOT_SECTORS)
		panic("a request outside of the swap area");
}

void disk_submit(struct disk_req *req)
{
	check(req);
	if (arena->mem.disk.pending >= PENDING)
		panic("too many requests at once");
	pending[arena->mem.disk.pending++] = req;
	arena->mem.disk.writes++;
}

u32 disk_finish(u32 count)
{
	u32 n = 0;

	while (n < count && arena->mem.disk.pending) {
		struct disk_req *req = pending[0];

		memmove(pending, pending + 1, sizeof(pending) - sizeof(pending[0]));
		arena->mem.disk.pending--;
		n++;
		if (!arena->mem.disk.fail)
			move(req);
		req->done(req, arena->mem.disk.fail);
	}
	return n;
}

/* Requests are done in order: what is read was written. */
int disk_wait(struct disk_req *req)
{
	bool fail = arena->mem.disk.fail;

	check(req);
	arena->mem.disk.fail = false;
	disk_finish(~0u);
	arena->mem.disk.fail = fail;
	arena->mem.disk.reads++;
	if (!fail)
		move(req);
	return fail;
}

/* --- ends ------------------------------------------------------------------------------------ */

void event(const char *name, const char *fmt, ...)
{
	(void)name, (void)fmt;
}

struct vm *vm_get(unsigned id)
{
	return id >= 1 && id <= VM_COUNT ? &arena->vm[id - 1] : NULL;
}

/* All VMs run in the one thread that there is. */
struct thread *thread_self(void)
{
	return NULL;
}

/* Nobody can help. */
void reclaim_frames(struct vm *vm)
{
	vm->away_slept++;
}
