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
	struct pmap_entry *table = heap_alloc(pages * sizeof *table);

	if (table == NULL)
		return false;
	vm->pmap = (struct pmap){.entry = table, .pages = pages};
	while (pages-- > 0)
		table[pages].state = initial_state(pages);
	return true;
}

/* NULL: beyond memory. */
static struct pmap_entry *entry_of(const struct vm *vm, ppn_t p)
{
	return p.n < vm->pmap.pages ? vm->pmap.entry + p.n : NULL;
}

enum pmap_state pmap_lookup(const struct vm *vm, ppn_t p, mpn_t *m)
{
	const struct pmap_entry *e = entry_of(vm, p);

	if (e == NULL)
		return PMAP_ABSENT;
	switch (e->state) {
	case PMAP_PRIVATE:
	case PMAP_SHARED:
		*m = (mpn_t){e->mpn};
		break;
	default:
		break;
	}
	return (enum pmap_state)e->state;
}

bool pmap_back(struct vm *vm, ppn_t p, mpn_t *m)
{
	struct pmap_entry *e = entry_of(vm, p);

	if (e == NULL)
		return false;
	if (e->state == PMAP_UNBACKED) {
		mpn_t fresh;

		if (!frame_alloc(ZONE_ANY, FRAME_GUEST, vm->id, p.n, &fresh))
			vm_die(vm, "VM %u: all frames are taken", vm->id);
		*e = (struct pmap_entry){.mpn = fresh.n & 0xfffff,
					 .state = PMAP_PRIVATE,
					 .pins = e->pins};
		vm->pmap.backed++;
	}
	return pmap_lookup(vm, p, m) == PMAP_PRIVATE;
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
	struct pmap_entry *table = vm->pmap.entry;
	u32 left = vm->pmap.pages;

	vm->pmap.entry = NULL;
	vm->pmap.pages = vm->pmap.backed = 0;
	if (table == NULL)
		return;
	while (left-- > 0)
		if (table[left].state == PMAP_PRIVATE)
			frame_free((mpn_t){table[left].mpn});
	heap_free(table);
}
