/*
 * Traces: who wants to hear of writes to which page.
 */
#include "vmm/trace.h"
#include "kernel/heap.h"
#include "vmm/vm.h"

bool trace_create(struct vm *vm)
{
	vm->traces.flags = heap_alloc(vm->mem_pages + 1);
	return vm->traces.flags != NULL;
}

void trace_destroy(struct vm *vm)
{
	if (vm->traces.flags)
		heap_free(vm->traces.flags);
	vm->traces.flags = NULL;
}

void trace_set(struct vm *vm, ppn_t p, enum trace t)
{
	if (p.n >= vm->mem_pages || vm->traces.flags[p.n] & t)
		return;
	vm->traces.flags[p.n] |= t;
	shadow_protect(vm, p);
}

void trace_mark(struct vm *vm, ppn_t p, enum trace t)
{
	if (p.n < vm->mem_pages)
		vm->traces.flags[p.n] |= t;
}

/* Mappings become writable again one by one, as they are faulted on. */
void trace_clear(struct vm *vm, ppn_t p, enum trace t)
{
	if (p.n < vm->mem_pages)
		vm->traces.flags[p.n] &= ~t;
}

unsigned trace_get(const struct vm *vm, ppn_t p)
{
	return p.n < vm->mem_pages ? vm->traces.flags[p.n] & TRACES : 0;
}

void trace_dma(struct vm *vm, ppn_t p)
{
	unsigned t = trace_get(vm, p);

	if (t & TRACE_PATCH) {
		patch_overwritten(vm, ppn_addr(p), PAGE_SIZE);
		trace_clear(vm, p, TRACE_PATCH);
	}
	if (t & TRACE_GDT)
		segs_untrace(vm);
	if (t & TRACE_TABLE)
		shadow_unshadow(vm, p);
}

void trace_gone(struct vm *vm, ppn_t p)
{
	trace_dma(vm, p);
	if (p.n < vm->mem_pages && vm->traces.flags[p.n] & TRACE_LOOSE)
		shadow_unshadow(vm, p);
}
