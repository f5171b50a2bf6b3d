/*
 * The rules, and the walks that they share. A shadow root is a page directory whose lower
 * 1008 entries are the guest's and whose upper 16 the host's (kernel/layout.h).
 */
#include "grader/oracle/rules.h"
#include "grader/oracle/audit.h"
#include "grader/oracle/away.h"
#include "kernel/layout.h"
#include "kernel/paging.h"

#include <stdio.h>

enum { VIEWS = 2, TABLE_ENTRIES = 1024, PDE_SHIFT = 22 };
enum { PMAP_MPN_BITS = 0xFFFFF, PMAP_STATE_SHIFT = 20, PMAP_STATE_BITS = 0xF };
enum { PMAP_IS_PRIVATE = 2 }; /* enum pmap_state of vmm/pmap.h */

bool broken(struct evidence *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(e->found, sizeof e->found, format, args);
	va_end(args);
	return false;
}

bool frame_of(struct evidence *e, u32 mpn, struct frame *f)
{
	if (mpn >= e->record.frame_count)
		return broken(e, "MPN 0x%05x is beyond the machine's %u frames", mpn,
			      e->record.frame_count);
	if (!dump_read_virtual(&e->dump, e->record.frames + mpn * (u32)sizeof *f, f,
			       sizeof *f))
		return broken(e, "the frame table's entry of MPN 0x%05x is not mapped",
			      mpn);
	return true;
}

/* One present entry of a shadow page table: what the walk below hands to a rule. */
struct leaf {
	const struct checkpoint_vm *vm;
	u32 view, gva, pde, pte;
};
typedef bool leaf_rule(struct evidence *e, const struct leaf *l);

/* Hands each present leaf of one directory entry to a rule. */
static bool each_leaf_of(struct evidence *e, struct leaf *l, u32 slot, leaf_rule *rule)
{
	for (u32 i = 0; i < TABLE_ENTRIES; i++) {
		l->gva = slot << PDE_SHIFT | i << PAGE_SHIFT;
		if (!dump_entry(&e->dump, l->pde, i, &l->pte))
			return broken(e, "VM %u: shadow table 0x%08x is outside memory",
				      l->vm->id, l->pde);
		if (!(l->pte & PTE_P))
			continue;
		e->looked_at++;
		if (!rule(e, l))
			return false;
	}
	return true;
}

/* The same for directory slots [first, end) of both views of a VM. */
static bool each_leaf(struct evidence *e, const struct checkpoint_vm *vm, u32 first,
		      u32 end, leaf_rule *rule)
{
	struct leaf l = {.vm = vm};

	for (l.view = 0; l.view < VIEWS; l.view++) {
		for (u32 slot = first; slot < end && vm->root[l.view]; slot++) {
			if (!dump_entry(&e->dump, vm->root[l.view], slot, &l.pde))
				return broken(e, "VM %u: root 0x%08x is outside memory",
					      vm->id, vm->root[l.view]);
			if ((l.pde & PTE_P) && !each_leaf_of(e, &l, slot, rule))
				return false;
		}
	}
	return true;
}

/* Runs a leaf rule over a range of slots of every VM. */
static bool all_leaves(struct evidence *e, u32 first, u32 end, leaf_rule *rule)
{
	for (u32 i = 0; i < CHECKPOINT_VMS; i++) {
		const struct checkpoint_vm *vm = &e->record.vm[i];

		if (vm->id && !each_leaf(e, vm, first, end, rule))
			return false;
	}
	return true;
}

/* What a guest can reach is a frame of its own. */
static bool leaf_owned(struct evidence *e, const struct leaf *l)
{
	struct frame f;

	if (!(l->pde & l->pte & PTE_U))
		return true;
	if (!frame_of(e, l->pte >> PAGE_SHIFT, &f))
		return false;
	if (f.use == FRAME_GUEST && f.owner == l->vm->id)
		return true;
	return broken(e,
		      "VM %u view %u GVA 0x%08x: shadow PTE 0x%08x reaches a frame of "
		      "use %u, owner %u",
		      l->vm->id, l->view, l->gva, l->pte, f.use, f.owner);
}

static bool rule_owned(struct evidence *e)
{
	return all_leaves(e, 0, HOST_PDE_FIRST, leaf_owned);
}

/* The host's part is for ring 0 alone. */
static bool leaf_supervisor(struct evidence *e, const struct leaf *l)
{
	if (!(l->pde & l->pte & PTE_U))
		return true;
	return broken(e,
		      "VM %u view %u: host page 0x%08x is open to ring 3, PTE 0x%08x",
		      l->vm->id, l->view, l->gva, l->pte);
}

static bool rule_supervisor(struct evidence *e)
{
	return all_leaves(e, HOST_PDE_FIRST, TABLE_ENTRIES, leaf_supervisor);
}

/* The tables themselves: the VMM's frames, or lent to this VM; never a guest's, none large. */
static bool table_owned(struct evidence *e, const struct checkpoint_vm *vm, u32 entry,
			const char *what)
{
	struct frame f;

	e->looked_at++;
	if (!frame_of(e, entry >> PAGE_SHIFT, &f))
		return false;
	if (f.use == FRAME_HOST || (f.use == FRAME_SHADOW && f.owner == vm->id))
		return true;
	return broken(e, "VM %u: %s 0x%08x is a frame of use %u, owner %u", vm->id,
		      what, entry, f.use, f.owner);
}

static bool directory_owned(struct evidence *e, const struct checkpoint_vm *vm,
			    u32 root)
{
	u32 pde;

	if (!table_owned(e, vm, root, "root"))
		return false;
	for (u32 slot = 0; slot < HOST_PDE_FIRST; slot++) {
		if (!dump_entry(&e->dump, root, slot, &pde))
			return broken(e, "VM %u: root 0x%08x is outside memory", vm->id,
				      root);
		if (!(pde & PTE_P))
			continue;
		if (pde & PTE_PS)
			return broken(e, "VM %u: shadow PDE 0x%08x is a 4 MiB page",
				      vm->id, pde);
		if (!table_owned(e, vm, pde, "shadow table"))
			return false;
	}
	return true;
}

static bool rule_tables(struct evidence *e)
{
	for (u32 i = 0; i < CHECKPOINT_VMS; i++) {
		const struct checkpoint_vm *vm = &e->record.vm[i];

		for (u32 view = 0; vm->id && view < VIEWS; view++)
			if (vm->root[view] && !directory_owned(e, vm, vm->root[view]))
				return false;
	}
	return true;
}

/* One page of a VM: its frame knows whose it is and which page it backs. */
static bool page_agrees(struct evidence *e, const struct checkpoint_vm *vm, u32 ppn)
{
	struct frame f;
	u32 word, mpn;

	if (!dump_read_virtual(&e->dump, vm->pmap + 4 * ppn, &word, sizeof word))
		return broken(e, "VM %u: its pmap is not mapped at PPN 0x%05x", vm->id,
			      ppn);
	if ((word >> PMAP_STATE_SHIFT & PMAP_STATE_BITS) != PMAP_IS_PRIVATE)
		return true;
	mpn = word & PMAP_MPN_BITS;
	e->looked_at++;
	if (!frame_of(e, mpn, &f))
		return false;
	if (f.use == FRAME_GUEST && f.owner == vm->id && f.index == ppn)
		return true;
	return broken(e,
		      "VM %u: PPN 0x%05x has MPN 0x%05x, a frame of use %u, owner %u, "
		      "page 0x%05x",
		      vm->id, ppn, mpn, f.use, f.owner, f.index);
}

static bool rule_pmap(struct evidence *e)
{
	for (u32 i = 0; i < CHECKPOINT_VMS; i++) {
		const struct checkpoint_vm *vm = &e->record.vm[i];

		for (u32 ppn = 0; vm->id && vm->pmap && ppn < vm->mem_pages; ppn++)
			if (!page_agrees(e, vm, ppn))
				return false;
	}
	return true;
}

/* The record's VM with this id, or NULL. */
static const struct checkpoint_vm *vm_by_id(const struct evidence *e, u32 id)
{
	for (u32 i = 0; i < CHECKPOINT_VMS; i++)
		if (e->record.vm[i].id == id && id)
			return &e->record.vm[i];
	return NULL;
}

/* The other way round: a frame that says it backs a page is the frame of that page. */
static bool frame_is_used(struct evidence *e, u32 mpn, const struct frame *f)
{
	const struct checkpoint_vm *vm = vm_by_id(e, f->owner);
	u32 word;

	if (!vm || f->index >= vm->mem_pages)
		return broken(
			e, "MPN 0x%05x says it is page 0x%05x of VM %u: no such page",
			mpn, f->index, f->owner);
	if (!dump_read_virtual(&e->dump, vm->pmap + 4 * f->index, &word, sizeof word))
		return broken(e, "VM %u: its pmap is not mapped", vm->id);
	if ((word >> PMAP_STATE_SHIFT & PMAP_STATE_BITS) == PMAP_IS_PRIVATE &&
	    (word & PMAP_MPN_BITS) == mpn)
		return true;
	return broken(
		e,
		"MPN 0x%05x is lost: it says page 0x%05x of VM %u, whose pmap says "
		"0x%08x",
		mpn, f->index, f->owner, word);
}

static bool rule_frames(struct evidence *e)
{
	struct frame f;

	for (u32 mpn = 0; mpn < e->record.frame_count; mpn++) {
		if (!frame_of(e, mpn, &f))
			return false;
		if (f.use != FRAME_GUEST)
			continue;
		e->looked_at++;
		if (!frame_is_used(e, mpn, &f))
			return false;
	}
	return true;
}

const struct rule rules[] = {
	{"owned", "what a guest reaches is its own", rule_owned},
	{"supervisor", "the host's pages are closed to ring 3", rule_supervisor},
	{"tables", "no shadow table is a guest's page", rule_tables},
	{"pmap", "each backed page's frame names that page", rule_pmap},
	{"frames", "each guest frame is the frame of its page", rule_frames},
	{"pool", "shadow tables are free or in use, and know whose they are",
	 audit_pool},
	{"free", "free shadow tables are all zero", audit_free},
	{"backed", "the pmap counts its frames", audit_backed},
	{"host", "every root ends in the host's entries", audit_host},
	{"roots", "the roots are those of CR3", audit_roots},
	{"parents", "roots and leaves know of each other", audit_parents},
	{"rmap", "each mapping is on its page's list, once", audit_rmap},
	{"frame", "guest tables and pmap lead to the frame that is mapped",
	 audit_frame},
	{"access", "what is mapped is present and accessed for the guest",
	 audit_access},
	{"width", "no shadow is wider than the guest's tables", audit_width},
	{"trace", "guest tables in use are watched, or loose", audit_trace},
	{"fresh", "watched tables are in step with their shadows", audit_fresh},
	{"gone", "a page that has no frame is mapped nowhere", away_gone},
	{"counts", "as many pages are backed, ballooned, swapped as the VMM says",
	 away_counts},
	{"slots", "each swapped page has a slot, each slot a page", away_slots},
};
const unsigned rule_count = ARRAY_LEN(rules);

const struct rule named_rules[] = {
	{"stray", "what a VM wrote is in no frame of another", away_stray},
};
const unsigned named_rule_count = ARRAY_LEN(named_rules);
