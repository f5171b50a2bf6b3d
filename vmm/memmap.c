/*
 * Machine memory as numbers and as a picture.
 */
#include "vmm/memmap.h"
#include "kernel/disk.h"
#include "kernel/frame.h"
#include "kernel/heap.h"
#include "kernel/lib.h"
#include "kernel/monitor.h"
#include "vmm/slots.h"
#include "vmm/vm.h"

enum { MAP_COLUMNS = 64, MAP_CELLS = 1024, KINDS = 4 + VM_MAX };

static u32 kib(u32 pages)
{
	return pages * (PAGE_SIZE / KIB);
}

static void show_vm_memory(const struct vm *vm)
{
	u32 tables = vm->built ? shadow_overhead(vm->mem_pages) : 0;

	mon_printf("  VM %-2u     %7u KiB of %u backed, %u ballooned, %u swapped, "
		   "%u KiB shadow tables\n",
		   vm->id, kib(vm->pmap.backed), kib(vm->mem_pages),
		   kib(vm->pmap.ballooned), kib(vm->pmap.swapped), kib(tables));
}

void show_memory(void)
{
	u32 total = frame_count();

	mon_printf("machine     %7u KiB, %u free (low %u, high %u)\n", kib(total),
		   kib(frame_free_count(ZONE_ANY)), kib(frame_free_count(ZONE_LOW)),
		   kib(frame_free_count(ZONE_HIGH)));
	mon_printf("  host      %7u KiB in frames of the VMM, heap %u KiB\n",
		   kib(frame_use_count(FRAME_HOST, 0)), kib(heap_pages()));
	for (unsigned id = 1; id <= VM_MAX; id++)
		if (vm_get(id))
			show_vm_memory(vm_get(id));
	mon_printf("  swap area %7u KiB, %u free; taken by %s\n", kib(slots_total()),
		   kib(slots_free()), replacement_name(reclaim_how()));
	mon_printf("  disk      %s, %llu requests, %llu pieces bounced\n", disk_mode(),
		   disk_stats()->reads + disk_stats()->writes, disk_stats()->bounces);
}

/* What a frame counts as: an index into `signs`. */
static unsigned kind_of(const struct frame *f)
{
	enum { HOLE, FREE, HOST, FIRST_VM };

	switch (f->use) {
	case FRAME_FREE:
		return FREE;
	case FRAME_HOST:
	case FRAME_SHADOW:
	case FRAME_SWAP:
		return HOST;
	case FRAME_GUEST:
		return FIRST_VM + f->owner - 1;
	default:
		return HOLE;
	}
}

static const char signs[KINDS] = "#.H123456789abcdefg";

/* The commonest kind among `n` frames; ties go to the more interesting one. */
static char cell_sign(u32 first, u32 n)
{
	u32 count[KINDS] = {0};
	unsigned best = 0;

	for (u32 i = first; i < first + n; i++)
		count[kind_of(frame_get(mpn(i)))]++;
	for (unsigned k = 1; k < KINDS; k++)
		if (count[k] && count[k] >= count[best])
			best = k;
	return signs[best];
}

void show_memory_map(void)
{
	u32 total = frame_count();
	u32 per_cell = (total + MAP_CELLS - 1) / MAP_CELLS;
	char row[MAP_COLUMNS + 1];

	mon_printf("machine memory, %u KiB a character: 1-9 a-g VM, H host, . free, "
		   "# image, ROM, boot modules\n",
		   kib(per_cell));
	for (u32 at = 0; at < total; at += per_cell * MAP_COLUMNS) {
		u32 n = 0;

		for (u32 c = at; c < total && n < MAP_COLUMNS; c += per_cell)
			row[n++] = cell_sign(c, min_u32(per_cell, total - c));
		row[n] = '\0';
		mon_printf("%4u MiB %s\n", at / PAGES_PER_MIB, row);
	}
}
