/*
 * Rules about the frame table: who has which machine page, as the table says, against
 * who really uses it; and what the pages hold that a VM got. How the allocator keeps its
 * free pages is its own business: only `use`, `owner` and `index` count.
 */
#include "grader/oracle/peekrules.h"
#include "grader/oracle/proof.h"
#include "grader/oracle/shadow.h"
#include "kernel/layout.h"

#include <stdlib.h>
#include <string.h>

enum { VM_IS_KILLED = 5 }; /* enum vm_state of vmm/vm.h */

/* The table's own pages are in no list: they were taken before it was made. */
static u32 heap_start(const struct evidence *e)
{
	u32 bytes = e->record.frame_count * (u32)sizeof(struct frame);

	return HEAP_BASE + ((bytes + PAGE_MASK) & ~(u32)PAGE_MASK);
}

/* A page of the host's heap: a frame of the host's, mapped once. */
static bool heap_page(struct evidence *e, u8 *used, u32 va, u64 machine)
{
	u32 mpn = (u32)(machine >> PAGE_SHIFT);
	struct frame f;

	e->looked_at++;
	if (!frame_of(e, mpn, &f))
		return false;
	if (f.use != FRAME_HOST && f.use != FRAME_SHADOW)
		return broken(e,
			      "MPN 0x%05x is in the host's heap at 0x%08x; the frame "
			      "table says use %u, owner %u",
			      mpn, va, f.use, f.owner);
	if (used[mpn]++)
		return broken(e, "MPN 0x%05x is in the host's heap twice, at 0x%08x",
			      mpn, va);
	return true;
}

static bool heap_pages(struct evidence *e, u8 *used)
{
	u64 machine;

	for (u32 va = heap_start(e); va < HEAP_END; va += PAGE_SIZE)
		if (dump_translate(&e->dump, va, &machine) &&
		    !heap_page(e, used, va, machine))
			return false;
	return true;
}

/* Pages of the VMs: none of them is free, or the host's. */
static bool guest_pages(struct evidence *e, const struct checkpoint_vm *vm, u8 *used)
{
	struct shadows s = {.e = e, .vm = vm};
	struct frame f;

	for (u32 ppn = 0; ppn < vm->mem_pages; ppn++) {
		u32 word = page_word(&s, ppn), mpn = word & 0xFFFFF;

		if ((word >> 20 & 0xF) != PAGE_PRIVATE)
			continue;
		e->looked_at++;
		if (!frame_of(e, mpn, &f))
			return false;
		if (f.use != FRAME_GUEST || used[mpn]++)
			return broken(e,
				      "VM %u: PPN 0x%05x has MPN 0x%05x, which is %s; "
				      "the frame table says use %u, owner %u",
				      vm->id, ppn, mpn,
				      f.use == FRAME_GUEST ? "used twice"
							   : "no guest's",
				      f.use, f.owner);
	}
	return true;
}

/* What somebody uses is not free, and nobody else's. */
bool peek_unused(struct evidence *e)
{
	u8 *used = calloc(e->record.frame_count, 1);
	bool good = used && heap_pages(e, used);

	for (u32 i = 0; good && i < CHECKPOINT_VMS; i++)
		good = guest_pages(e, &e->record.vm[i], used);
	free(used);
	return good;
}

/* Is this the frame of a shadow table of its owner's? */
static bool of_a_pool(struct evidence *e, u32 mpn, const struct frame *f)
{
	const struct checkpoint_vm *vm = NULL;
	struct checkpoint_table t;

	for (u32 i = 0; i < CHECKPOINT_VMS; i++)
		if (f->owner && e->record.vm[i].id == f->owner)
			vm = &e->record.vm[i];
	return vm && f->index < vm->table_count &&
	       dump_read_virtual(&e->dump, vm->tables + f->index * vm->table_bytes, &t,
				 sizeof t) &&
	       t.machine >> PAGE_SHIFT == mpn;
}

/* A frame that has an owner is one that the owner knows of: nothing is lost. */
static bool owner_knows(struct evidence *e, u32 mpn, const struct frame *f,
			const u8 *used)
{
	bool low = mpn < e->record.low_bytes >> PAGE_SHIFT;

	if (f->use == FRAME_SHADOW && !of_a_pool(e, mpn, f))
		return broken(e, "MPN 0x%05x says it is shadow table %u of VM %u: lost",
			      mpn, f->index, f->owner);
	/* The host's drivers have low frames that they reach without the heap. */
	if (f->use == FRAME_HOST && !low && !used[mpn])
		return broken(e, "MPN 0x%05x is the host's, and nowhere in its heap",
			      mpn);
	if (f->use >= FRAME_USES || (f->use == FRAME_FREE && f->owner))
		return broken(e, "MPN 0x%05x has use %u, owner %u", mpn, f->use,
			      f->owner);
	return true;
}

bool peek_owners(struct evidence *e)
{
	u8 *used = calloc(e->record.frame_count, 1);
	bool good = used && heap_pages(e, used);
	struct frame f;

	for (u32 mpn = 0; good && mpn < e->record.frame_count; mpn++)
		good = frame_of(e, mpn, &f) && owner_knows(e, mpn, &f, used);
	free(used);
	return good;
}

/* Low memory is scarce: guests have none of it while there is other. */
bool peek_zones(struct evidence *e)
{
	u32 low = e->record.low_bytes >> PAGE_SHIFT, in_low = 0, high_free = 0;
	struct frame f;

	for (u32 mpn = 0; mpn < e->record.frame_count; mpn++) {
		if (!frame_of(e, mpn, &f))
			return false;
		e->looked_at += f.use == FRAME_GUEST;
		if (mpn < low && f.use == FRAME_GUEST)
			in_low = mpn;
		high_free += mpn >= low && f.use == FRAME_FREE;
	}
	return !in_low || !high_free ||
	       broken(e,
		      "MPN 0x%05x is low and a guest's, and %u frames of high memory "
		      "are free",
		      in_low, high_free);
}

/* Pages of a life that is over, in frames that a VM has now. */
bool peek_canary(struct evidence *e)
{
	struct frame f;

	for (u32 mpn = 0; mpn < e->record.frame_count; mpn++) {
		u32 vm, page;
		u8 bytes[PAGE_SIZE];

		if (!frame_of(e, mpn, &f) ||
		    !dump_read(&e->dump, (u64)mpn << PAGE_SHIFT, bytes, sizeof bytes))
			return false;
		if (f.use != FRAME_GUEST)
			continue;
		e->looked_at++;
		if (proof_past(e->live, bytes, &vm, &page))
			return broken(
				e,
				"VM %u: MPN 0x%05x, its PPN 0x%05x, holds what VM "
				"%u wrote to page %u before it ended",
				f.owner, mpn, f.index, vm, page);
	}
	return true;
}

/* One that was to end: it has ended, and has nothing any more. */
static bool is_dead(struct evidence *e, u32 id)
{
	const struct checkpoint_vm *vm = &e->record.vm[id - 1];
	struct frame f;

	if (vm->id != id || vm->state != VM_IS_KILLED || vm->pmap)
		return broken(e, "VM %u was to be ended, and is in state %u", id,
			      vm->state);
	for (u32 mpn = 0; mpn < e->record.frame_count; mpn++) {
		if (!frame_of(e, mpn, &f))
			return false;
		if ((f.use == FRAME_GUEST || f.use == FRAME_SHADOW) && f.owner == id)
			return broken(e, "VM %u is dead and still has MPN 0x%05x", id,
				      mpn);
	}
	return strstr(e->live->vm[id - 1].why, "no machine memory left") ||
	       broken(e, "VM %u was ended for another reason: %s", id,
		      e->live->vm[id - 1].why);
}

bool peek_dead(struct evidence *e)
{
	for (u32 id = 1; id <= CHECKPOINT_VMS; id++) {
		if (!e->live->expected[id - 1].dead)
			continue;
		e->looked_at++;
		if (e->live->last && !is_dead(e, id))
			return false;
	}
	return true;
}
