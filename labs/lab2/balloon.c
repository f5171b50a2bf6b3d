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

/* Lab 2, exercise 4: pages of an earlier driver are the guest's again */

enum balloon_answer balloon_start(struct vm *vm, u32 bound)
{
	/* Lab 2, exercise 4: an empty balloon, and nothing left of the one before */
	LAB_HOLE(2, 4, "balloon_start");
}

/* A driver that never started, or must start anew, gets no further. */
static bool out_of_step(struct vm *vm)
{
	vm->balloon.contacts++;
	/* Lab 2, exercise 4: after a pop its list is wrong, until it starts anew */
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
	/* Lab 2, exercise 4: RESET, or the target within the bound */
	LAB_HOLE(2, 4, "balloon_poll");
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
	/* Lab 2, exercise 3: nobody may reach the frame when it is free */
	LAB_HOLE(2, 3, "release");
}

enum balloon_answer balloon_inflate(struct vm *vm, ppn_t p)
{
	/* Lab 2, exercise 3: a guest may name any page, in any state */
	LAB_HOLE(2, 3, "balloon_inflate");
}

enum balloon_answer balloon_deflate(struct vm *vm, ppn_t p)
{
	/* Lab 2, exercise 3: only what is ballooned can come back */
	LAB_HOLE(2, 3, "balloon_deflate");
}

void balloon_pop(struct vm *vm, ppn_t p)
{
	/* Lab 2, exercise 4: the guest's again, and its driver must be told */
	LAB_HOLE(2, 4, "balloon_pop");
}
