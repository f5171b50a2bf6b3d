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

/* LAB 2 BEGIN 4 - pages of an earlier driver are the guest's again */
/* Pages of an earlier driver are the guest's again. */
static void forget_all(struct vm *vm)
{
	for (u32 p = 0; p < vm->pmap.pages && vm->pmap.ballooned; p++)
		if (vm->pmap.entry[p].state == PMAP_BALLOONED)
			pmap_set(vm, ppn(p), PMAP_UNBACKED, 0);
}
/* LAB 2 END */

enum balloon_answer balloon_start(struct vm *vm, u32 bound)
{
	/* LAB 2 BEGIN 4 balloon_start: an empty balloon, and nothing left of the one before */
	struct balloon *b = &vm->balloon;

	forget_all(vm);
	b->contacts++;
	b->bound = min_u32(bound, vm->mem_pages);
	b->started = true;
	b->reset_due = false;
	event("balloon.start", "vm=%u bound=%u", vm->id, b->bound);
	return BALLOON_OK;
	/* LAB 2 END */
}

/* A driver that never started, or must start anew, gets no further. */
static bool out_of_step(struct vm *vm)
{
	vm->balloon.contacts++;
	/* LAB 2 BEGIN 4 - after a pop its list is wrong, until it starts anew */
	if (vm->balloon.reset_due)
		return true;
	/* LAB 2 END */
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
	/* LAB 2 BEGIN 4 balloon_poll: RESET, or the target within the bound */
	if (out_of_step(vm))
		return BALLOON_RESET;
	tell_size(vm);
	*pages = min_u32(vm->balloon.target, vm->balloon.bound);
	return BALLOON_OK;
	/* LAB 2 END */
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
	/* LAB 2 BEGIN 3 release: nobody may reach the frame when it is free */
	trace_gone(vm, p);
	shadow_drop(vm, p);
	pmap_set(vm, p, PMAP_BALLOONED, 0);
	frame_free(m);
	/* LAB 2 END */
}

enum balloon_answer balloon_inflate(struct vm *vm, ppn_t p)
{
	/* LAB 2 BEGIN 3 balloon_inflate: a guest may name any page, in any state */
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
	/* LAB 2 END */
}

enum balloon_answer balloon_deflate(struct vm *vm, ppn_t p)
{
	/* LAB 2 BEGIN 3 balloon_deflate: only what is ballooned can come back */
	mpn_t m;

	if (out_of_step(vm))
		return BALLOON_RESET;
	if (pmap_lookup(vm, p, &m) != PMAP_BALLOONED)
		return refuse(vm, p, "not-ballooned");
	pmap_set(vm, p, PMAP_UNBACKED, 0);
	return BALLOON_OK;
	/* LAB 2 END */
}

void balloon_pop(struct vm *vm, ppn_t p)
{
	/* LAB 2 BEGIN 4 balloon_pop: the guest's again, and its driver must be told */
	pmap_set(vm, p, PMAP_UNBACKED, 0);
	vm->balloon.pops++;
	if (!vm->balloon.reset_due)
		event("balloon.pop", "vm=%u ppn=0x%x", vm->id, p.n);
	vm->balloon.reset_due = true;
	/* LAB 2 END */
}
