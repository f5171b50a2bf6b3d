/*
 * Checkpoints: fill in the record, then hold still for one instruction (checkpoint.S).
 */
#include "kernel/checkpoint.h"
#include "kernel/asm.h"
#include "kernel/event.h"
#include "kernel/frame.h"
#include "kernel/paging.h"
#include "kernel/panic.h"

void checkpoint_instant(u32 number, u32 cr3); /* instant.S */

struct checkpoint_record checkpoint_record;
static void (*fill_hook)(struct checkpoint_record *);

void checkpoint_on_fill(void (*fn)(struct checkpoint_record *))
{
	fill_hook = fn;
}

void checkpoint_init(u32 mem_bytes, u32 low_bytes)
{
	struct checkpoint_record *r = &checkpoint_record;

	r->magic = CHECKPOINT_MAGIC;
	r->version = CHECKPOINT_VERSION;
	r->size = sizeof *r;
	r->mem_bytes = mem_bytes;
	r->low_bytes = low_bytes;
	r->host_cr3 = paging_host_cr3();
	r->frames = (u32)(uintptr_t)frame_get(mpn(0));
	r->frame_count = frame_count();
}

void checkpoint(const char *name)
{
	struct checkpoint_record *r = &checkpoint_record;
	u64 tick;

	ASSERT(r->magic == CHECKPOINT_MAGIC);
	if (fill_hook)
		fill_hook(r);
	r->number++;
	tick = rdtsc();
	r->tick_lo = (u32)tick;
	r->tick_hi = (u32)(tick >> 32);
	checkpoint_instant(r->number, paging_host_cr3());
	event("checkpoint", "name=%s n=%u tick=%llu", name, r->number, tick);
}
