/*
 * The balloon.
 *
 * Lab 2 goes on in this file.
 */
#include "vmm/balloon.h"
#include "kernel/event.h"
#include "kernel/frame.h"
#include "kernel/panic.h"
#include "vmm/trace.h"
#include "vmm/vm.h"

void balloon_init(struct vm *vm)
{
	vm->balloon = (struct balloon){.target = vm->balloon.target};
}

void balloon_aim(struct vm *vm, u32 pages)
{
	if (vm->balloon.target == pages)
		return;
	vm->balloon.target = pages;
	event("balloon.target", "vm=%u pages=%u", vm->id, pages);
}

/* Pages of an earlier driver are the guest's again. */
static void forget_all(struct vm *vm)
{
	mpn_t m;

	for (u32 p = vm->pmap.pages; p-- > 0;)
		if (pmap_lookup(vm, ppn(p), &m) == PMAP_BALLOONED)
			pmap_set(vm, ppn(p), PMAP_UNBACKED, 0);
}

enum balloon_answer balloon_start(struct vm *vm, u32 bound)
{
	struct balloon *b = &vm->balloon;

	forget_all(vm);
	b->contacts++;
	b->bound = min_u32(bound, vm->mem_pages);
	b->started = true;
	b->reset_due = false;
	event("balloon.start", "vm=%u bound=%u", vm->id, b->bound);
	return BALLOON_OK;
}

/* A driver that never started, or must start anew, gets no further. */
static bool out_of_step(struct vm *vm)
{
	vm->balloon.contacts++;
	if (vm->balloon.reset_due)
		return true;
	return !vm->balloon.started;
}

static void tell_size(struct vm *vm)
{
	struct balloon *b = &vm->balloon;

	if (b->told == vm->pmap.ballooned)
		return;
	b->told = vm->pmap.ballooned;
	event("balloon.size", "vm=%u pages=%u target=%u", vm->id, b->told, b->target);
}

enum balloon_answer balloon_poll(struct vm *vm, u32 *pages)
{
	if (out_of_step(vm))
		return BALLOON_RESET;
	tell_size(vm);
	*pages = min_u32(vm->balloon.target, vm->balloon.bound);
	return BALLOON_OK;
}

/* Says so, but does not let a guest fill the log. */
static enum balloon_answer refuse(struct vm *vm, ppn_t p, const char *why)
{
	if (vm->balloon.refused++ < BALLOON_REFUSALS_SAID)
		event("balloon.refuse", "vm=%u ppn=0x%x why=%s", vm->id, p.n, why);
	return BALLOON_REFUSED;
}

/* In this order: nobody can reach the frame once it is free. */
static void release(struct vm *vm, ppn_t p, mpn_t m)
{
	trace_gone(vm, p);
	shadow_drop(vm, p);
	pmap_set(vm, p, PMAP_BALLOONED, 0);
	frame_free(m);
}

enum balloon_answer balloon_inflate(struct vm *vm, ppn_t p)
{
	mpn_t m;

	if (out_of_step(vm))
		return BALLOON_RESET;
	if (pmap_pinned(vm, p))
		return refuse(vm, p, "pinned");
	switch (pmap_lookup(vm, p, &m)) {
	case PMAP_PRIVATE:
		release(vm, p, m);
		return BALLOON_OK;
	case PMAP_SWAPPED:
		swap_forget(vm, p);
		pmap_set(vm, p, PMAP_BALLOONED, 0);
		return BALLOON_OK;
	case PMAP_UNBACKED:
		pmap_set(vm, p, PMAP_BALLOONED, 0);
		return BALLOON_OK;
	case PMAP_BALLOONED:
		return refuse(vm, p, "twice");
	default:
		return refuse(vm, p, "not-memory");
	}
}

enum balloon_answer balloon_deflate(struct vm *vm, ppn_t p)
{
	mpn_t m;

	if (out_of_step(vm))
		return BALLOON_RESET;
	if (pmap_lookup(vm, p, &m) != PMAP_BALLOONED)
		return refuse(vm, p, "not-ballooned");
	pmap_set(vm, p, PMAP_UNBACKED, 0);
	return BALLOON_OK;
}

void balloon_pop(struct vm *vm, ppn_t p)
{
	pmap_set(vm, p, PMAP_UNBACKED, 0);
	vm->balloon.pops++;
	if (!vm->balloon.reset_due)
		event("balloon.pop", "vm=%u ppn=0x%x", vm->id, p.n);
	vm->balloon.reset_due = true;
}
