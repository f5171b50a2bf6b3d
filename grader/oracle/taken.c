/*
 * Rules of a run in which memory was to be taken from VMs: at its last look it has been. What
 * is gone, and that it is gone from everywhere, are rules of every dump (away.h).
 */
#include "grader/oracle/peekrules.h"
#include "grader/oracle/shadow.h"

enum { IS_BALLOONED = 4, IS_SWAPPED = 5 }; /* enum pmap_state of vmm/pmap.h */

static u32 state_of(struct shadows *s, u32 ppn)
{
	return page_word(s, ppn) >> 20 & 0xF;
}

static u32 count_state(struct evidence *e, const struct checkpoint_vm *vm, u32 state)
{
	struct shadows s = {.e = e, .vm = vm};
	u32 n = 0;

	for (u32 ppn = 0; ppn < vm->mem_pages; ppn++)
		n += state_of(&s, ppn) == state;
	return n;
}

/* At the last look: so many pages of a VM are in that state, or at least so many. */
static bool has_pages(struct evidence *e, u32 id, u32 state, u32 wanted, bool or_more)
{
	const struct checkpoint_vm *vm = &e->record.vm[id - 1];
	u32 n;

	e->looked_at++;
	if (!wanted || !e->live->last)
		return true;
	n = count_state(e, vm, state);
	return n == wanted || (or_more && n > wanted) ||
	       broken(e, "VM %u: %u pages are %s, %s%u were to be", id, n,
		      state == IS_SWAPPED ? "on the disk" : "in its balloon",
		      or_more ? "at least " : "", wanted);
}

bool peek_balloon(struct evidence *e)
{
	for (u32 id = 1; id <= CHECKPOINT_VMS; id++)
		if (!has_pages(e, id, IS_BALLOONED, e->live->expected[id - 1].balloon,
			       false))
			return false;
	return true;
}

bool peek_onto_disk(struct evidence *e)
{
	for (u32 id = 1; id <= CHECKPOINT_VMS; id++)
		if (!has_pages(e, id, IS_SWAPPED, e->live->expected[id - 1].swapped,
			       true))
			return false;
	return true;
}
