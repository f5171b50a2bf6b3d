/*
 * The pmap: which machine page backs which PPN.
 *
 * Lab 1 begins in this file.
 */
#include "vmm/pmap.h"
#include "kernel/frame.h"
#include "kernel/heap.h"
#include "kernel/panic.h"
#include "vmm/away.h"
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
	/* Lab 1, exercise 1: a table in the heap, every page in its first state */
	LAB_HOLE(1, 1, "pmap_create");
}

enum pmap_state pmap_lookup(const struct vm *vm, ppn_t p, mpn_t *m)
{
	/* Lab 1, exercise 1: any u32 may come as a PPN */
	LAB_HOLE(1, 1, "pmap_lookup");
}

bool pmap_back(struct vm *vm, ppn_t p, mpn_t *m)
{
	if (away_due(vm, p) && !away_bring(vm, p))
		return false;
	/* Lab 1, exercise 2: a page gets its frame at the first touch */
	LAB_HOLE(1, 2, "pmap_back");
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

/* The count that a state has, or NULL. */
static u32 *count_of(struct pmap *pm, enum pmap_state s)
{
	switch (s) {
	case PMAP_PRIVATE:
		return &pm->backed;
	case PMAP_BALLOONED:
		return &pm->ballooned;
	case PMAP_SWAPPED:
		return &pm->swapped;
	default:
		return NULL;
	}
}

void pmap_set(struct vm *vm, ppn_t p, enum pmap_state s, u32 value)
{
	struct pmap *pm = &vm->pmap;
	struct pmap_entry *e = &pm->entry[p.n];
	u32 *count;

	ASSERT(p.n < pm->pages && e->pins == 0 && value >> 20 == 0);
	ASSERT(e->state != PMAP_DEVICE && s != PMAP_DEVICE && s != PMAP_ABSENT);
	count = count_of(pm, e->state);
	if (count)
		--*count;
	count = count_of(pm, s);
	if (count)
		++*count;
	*e = (struct pmap_entry){.state = s, .mpn = value & 0xfffff};
}

bool pmap_pinned(const struct vm *vm, ppn_t p)
{
	return p.n < vm->pmap.pages && vm->pmap.entry[p.n].pins;
}

void pmap_destroy(struct vm *vm)
{
	/* Lab 1, exercise 2: every frame goes back, then the table */
	LAB_HOLE(1, 2, "pmap_destroy");
}
