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

bool pmap_create(struct vm *vm, u32 pages)
{
	struct pmap *pm = &vm->pmap;

	pm->entry = heap_alloc(pages * sizeof *pm->entry);
	if (!pm->entry)
		return false;
	pm->pages = pages;
	pm->backed = 0;
	for (u32 p = 0; p < pages; p++)
		pm->entry[p] = (struct pmap_entry){.state = initial_state(p)};
	return true;
}

enum pmap_state pmap_lookup(const struct vm *vm, ppn_t p, mpn_t *m)
{
	if (pmap_private(&vm->pmap, p, m))
		return PMAP_PRIVATE;
	return p.n < vm->pmap.pages ? vm->pmap.entry[p.n].state : PMAP_ABSENT;
}

bool pmap_back(struct vm *vm, ppn_t p, mpn_t *m)
{
	enum pmap_state s = pmap_lookup(vm, p, m);

	if (s == PMAP_PRIVATE)
		return true;
	if (s != PMAP_UNBACKED)
		return false;
	if (!frame_alloc(ZONE_ANY, FRAME_GUEST, vm->id, p.n, m))
		vm_die(vm, "no machine memory left for PPN 0x%x", p.n);
	vm->pmap.entry[p.n].mpn = m->n & 0xfffff;
	vm->pmap.entry[p.n].state = PMAP_PRIVATE;
	vm->pmap.backed++;
	return true;
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
	struct pmap *pm = &vm->pmap;

	if (!pm->entry)
		return;
	for (u32 p = 0; p < pm->pages; p++) {
		ASSERT(pm->entry[p].pins == 0);
		if (pm->entry[p].state == PMAP_PRIVATE)
			frame_free(mpn(pm->entry[p].mpn));
	}
	heap_free(pm->entry);
	*pm = (struct pmap){0};
}
