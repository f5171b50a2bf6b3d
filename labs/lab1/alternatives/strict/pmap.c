/*
 * The pmap: which machine page backs which PPN.
 *
 */
#include "vmm/pmap.h"
#include "kernel/frame.h"
#include "kernel/heap.h"
#include "kernel/panic.h"
#include "vmm/vm.h"

/*
 * A PC's memory has a hole from 640 KiB to 1 MiB. The text screen in it is plain memory
 * here.
 */
enum { HOLE_FIRST = 0xA0, HOLE_END = 0x100, TEXT_FIRST = 0xB8, TEXT_END = 0xC0 };

static enum pmap_state initial_state(u32 p)
{
	bool hole = p >= HOLE_FIRST && p < HOLE_END;
	bool text = p >= TEXT_FIRST && p < TEXT_END;

	return hole && !text ? PMAP_DEVICE : PMAP_UNBACKED;
}

static void fill(struct pmap *pm, u32 first, u32 end, enum pmap_state state)
{
	for (u32 p = first; p < end && p < pm->pages; p++)
		pm->entry[p] = (struct pmap_entry){.mpn = 0, .state = state & 15};
}

bool pmap_create(struct vm *vm, u32 pages)
{
	struct pmap *pm = &vm->pmap;

	pm->entry = heap_alloc(pages * sizeof(struct pmap_entry));
	pm->backed = 0;
	pm->pages = pm->entry ? pages : 0;
	fill(pm, 0, pages, PMAP_UNBACKED);
	fill(pm, HOLE_FIRST, HOLE_END, PMAP_DEVICE);
	fill(pm, TEXT_FIRST, TEXT_END, PMAP_UNBACKED);
	return pm->entry != NULL;
}

enum pmap_state pmap_lookup(const struct vm *vm, ppn_t p, mpn_t *m)
{
	const struct pmap_entry *e;

	if (p.n >= vm->pmap.pages)
		return PMAP_ABSENT;
	e = &vm->pmap.entry[p.n];
	if (e->state == PMAP_PRIVATE)
		*m = mpn(e->mpn);
	return e->state;
}

bool pmap_back(struct vm *vm, ppn_t p, mpn_t *m)
{
	mpn_t got;

	if (pmap_private(&vm->pmap, p, m))
		return true;
	if (pmap_lookup(vm, p, m) != PMAP_UNBACKED)
		return false;
	if (frame_alloc(ZONE_HIGH, FRAME_GUEST, vm->id, p.n, &got) ||
	    frame_alloc(ZONE_LOW, FRAME_GUEST, vm->id, p.n, &got)) {
		vm->pmap.entry[p.n].state = PMAP_PRIVATE;
		vm->pmap.entry[p.n].mpn = got.n & 0xfffff;
		vm->pmap.backed += 1;
		*m = got;
		return true;
	}
	vm_die(vm, "no frame for PPN 0x%x", p.n);
}

/* Nothing is shared yet, so a backed page is private. */
bool pmap_writable(struct vm *vm, ppn_t p, mpn_t *m)
{
	return pmap_back(vm, p, m);
}

bool pmap_pin(struct vm *vm, ppn_t p, bool for_write, mpn_t *m)
{
	struct pmap_entry *e;

	if (!(for_write ? pmap_writable(vm, p, m) : pmap_back(vm, p, m)))
		return false;
	e = &vm->pmap.entry[p.n];
	if (e->pins == 0xff)
		return false;
	e->pins++;
	if (for_write)
		trace_dma(vm, p);
	return true;
}

/* It may have become a page table since, and been written to behind its trace. */
void pmap_unpin(struct vm *vm, ppn_t p)
{
	ASSERT(p.n < vm->pmap.pages && vm->pmap.entry[p.n].pins > 0);
	vm->pmap.entry[p.n].pins--;
	if (trace_get(vm, p) & TRACE_TABLE)
		shadow_unshadow(vm, p);
}

void pmap_destroy(struct vm *vm)
{
	mpn_t m;

	if (!vm->pmap.entry)
		return;
	for (ppn_t p = ppn(0); p.n < vm->pmap.pages; p.n++) {
		if (!pmap_private(&vm->pmap, p, &m))
			continue;
		vm->pmap.entry[p.n].state = PMAP_UNBACKED;
		vm->pmap.backed--;
		frame_free(m);
	}
	heap_free(vm->pmap.entry);
	vm->pmap.entry = NULL;
	vm->pmap.pages = 0;
}
