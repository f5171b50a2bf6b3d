/*
 * The invariants of vmm/audit.h once more, from outside: each shadow entry against the
 * guest's tables composed with the pmap, then lists and books. The virtual TLB has no
 * lists, and keeps what the guest has not flushed, so there the pmap alone is the measure.
 */
#include "grader/oracle/audit.h"
#include "grader/oracle/shadow.h"
#include "kernel/layout.h"
#include "kernel/paging.h"

#include <stdio.h>
#include <stdlib.h>

enum { MPN_BITS = 0xFFFFF, STATE_SHIFT = 20, STATE_BITS = 0xF };
enum { CR0_HAS_WP = 1 << 16, CR0_HAS_PG = 1u << 31, VIEWS = 2 };

/* Says what is wrong with a mapping, and where it is. */
static bool wrong(struct shadows *s, const struct mapping *m, const char *what)
{
	u32 pte = m->leaf->entry[m->index],
	    gva = m->slot << 22 | m->index << PAGE_SHIFT;

	snprintf(s->e->where, sizeof s->e->where,
		 "VM %u %s view GVA 0x%08x PPN 0x%05x MPN 0x%05x guest PDE 0x%08x PTE "
		 "0x%08x shadow PDE 0x%08x PTE 0x%08x",
		 s->vm->id, m->root->head.role & IN_USER_VIEW ? "user" : "kernel", gva,
		 m->pte >> PAGE_SHIFT, pte >> PAGE_SHIFT, m->pde, m->pte,
		 m->root->entry[m->slot], pte);
	return broken(s->e, "VM %u GVA 0x%08x: %s (shadow table %u, role %u)",
		      s->vm->id, gva, what, (unsigned)(m->root - s->table),
		      m->root->head.role);
}

static bool frame_right(struct shadows *s, const struct mapping *m)
{
	u32 mpn = m->leaf->entry[m->index] >> PAGE_SHIFT, page = m->pte >> PAGE_SHIFT;
	struct frame f;

	if (!s->vm->cached) {
		if (!frame_of(s->e, mpn, &f))
			return false;
		page = f.index;
	}
	page = page_word(s, page);
	return ((page & MPN_BITS) == mpn &&
		(page >> STATE_SHIFT & STATE_BITS) == PAGE_PRIVATE) ||
	       wrong(s, m, "another frame than the pmap's");
}

static bool access_right(struct shadows *s, const struct mapping *m)
{
	u32 need = PTE_P | PTE_A, e = m->leaf->entry[m->index];

	if (e & (PTE_G | PTE_PS) || m->root->entry[m->slot] & (PTE_G | PTE_PS))
		return wrong(s, m, "global or large");
	return !s->vm->cached || (m->pde & m->pte & need) == need ||
	       wrong(s, m, "there, and the guest's is not, or has no A");
}

static bool width_right(struct shadows *s, const struct mapping *m)
{
	u32 e = m->root->entry[m->slot] & m->leaf->entry[m->index];
	u32 role = m->root->head.role;

	if (!s->vm->cached)
		return true;
	if (e & PTE_W && !(m->pde & m->pte & PTE_W) && !(role & IN_NO_WP))
		return wrong(s, m, "writable, and the guest's is not");
	if (e & PTE_W && !(m->pte & PTE_D))
		return wrong(s, m, "writable, and the guest's is clean");
	return !(role & IN_USER_VIEW) || m->pde & m->pte & PTE_U ||
	       wrong(s, m, "in the user view, and closed to users");
}

/* In step: nothing but A and D may be newer, where the guest's table is watched. */
static bool fresh_right(struct shadows *s, const struct mapping *m)
{
	u32 marks = PTE_A | PTE_D;

	if (!s->vm->cached)
		return true;
	if (m->root->head.gfn < s->vm->mem_pages &&
	    (m->root->made_from[m->slot] ^ m->pde) & ~marks)
		return wrong(s, m, "the guest has changed its directory");
	return !((m->leaf->made_from[m->index] ^ m->pte) & ~marks) ||
	       wrong(s, m, "the guest has changed its table");
}

/* No way to write to a page that somebody watches. */
static bool trace_of_mapping(struct shadows *s, const struct mapping *m)
{
	u32 mpn = m->leaf->entry[m->index] >> PAGE_SHIFT;
	struct frame f;

	if (!(m->leaf->entry[m->index] & PTE_W))
		return true;
	return frame_of(s->e, mpn, &f) && (!(page_traces(s, f.index) & TRACED) ||
					   wrong(s, m, "a traced page is writable"));
}

/* Which guest tables have shadows, and are watched, or loose, for it. */
static bool trace_of_tables(struct shadows *s)
{
	u8 *shadowed = calloc(s->vm->mem_pages + 1, 1);
	bool good = shadowed;

	for (u32 n = 0; good && n < s->vm->table_count; n++) {
		const struct checkpoint_table *t = &s->table[n].head;

		if (t->kind == KIND_FREE || !s->vm->cached)
			continue;
		if (t->gfn > s->vm->mem_pages)
			good = broken(s->e, "VM %u: a shadow of 0x%x", s->vm->id,
				      t->gfn);
		else
			shadowed[t->gfn] = 1;
	}
	for (u32 p = 0; good && p < s->vm->mem_pages; p++) {
		unsigned flags = page_traces(s, p) & (TRACED_TABLE | LOOSE_TABLE);

		if (shadowed[p] ? flags != TRACED_TABLE && flags != LOOSE_TABLE : flags)
			good = broken(s->e, "VM %u: PPN 0x%x has %s shadow, flags %u",
				      s->vm->id, p, shadowed[p] ? "a" : "no", flags);
	}
	free(shadowed);
	return good;
}

static bool vm_frame(struct shadows *s)
{
	return each_mapping(s, frame_right);
}

static bool vm_access(struct shadows *s)
{
	return each_mapping(s, access_right);
}

static bool vm_width(struct shadows *s)
{
	return each_mapping(s, width_right);
}

static bool vm_fresh(struct shadows *s)
{
	return each_mapping(s, fresh_right);
}

static bool vm_trace(struct shadows *s)
{
	return each_mapping(s, trace_of_mapping) && trace_of_tables(s);
}

/* The directory that CR3 names, in the role that view and CR0.WP ask for. */
static bool is_root_of(const struct shadows *s, const struct checkpoint_table *t,
		       u32 view)
{
	const struct checkpoint_vm *vm = s->vm;
	u32 directory = vm->cr0 & CR0_HAS_PG ? vm->cr3 >> PAGE_SHIFT : vm->mem_pages;
	u32 role = view ? IN_USER_VIEW : vm->cr0 & CR0_HAS_WP ? 0 : IN_NO_WP;

	if (directory >= vm->mem_pages && vm->cr0 & CR0_HAS_PG) {
		directory = vm->mem_pages;
		role |= OF_NOWHERE;
	}
	return t->kind == KIND_ROOT &&
	       (!vm->cached || (t->gfn == directory && t->role == role));
}

static bool vm_roots(struct shadows *s)
{
	for (u32 view = 0; view < VIEWS; view++) {
		u32 n = shadows_at(s, s->vm->root[view]);

		if (!s->vm->root[view])
			continue;
		s->e->looked_at++;
		if (n == NO_TABLE || !is_root_of(s, &s->table[n].head, view))
			return broken(
				s->e,
				"VM %u view %u: root 0x%08x is not that of CR3 0x%08x",
				s->vm->id, view, s->vm->root[view], s->vm->cr3);
	}
	return true;
}

/* The CPU sets A as it goes. */
static bool vm_host(struct shadows *s)
{
	for (u32 n = 0; n < s->vm->table_count; n++) {
		const struct table *t = &s->table[n];

		for (u32 i = HOST_PDE_FIRST;
		     t->head.kind == KIND_ROOT && i < TABLE_WORDS; i++) {
			u32 host;

			s->e->looked_at++;
			if (!dump_entry(&s->e->dump, s->e->record.host_cr3, i, &host) ||
			    (t->entry[i] ^ host) & ~(u32)PTE_A || t->entry[i] & PTE_U)
				return broken(
					s->e,
					"VM %u: root %u has 0x%08x in the host's slot %u",
					s->vm->id, n, t->entry[i], i);
		}
	}
	return true;
}

/* An entry is in use or zero; a free table has none. */
static bool vm_free(struct shadows *s)
{
	for (u32 n = 0; n < s->vm->table_count; n++) {
		const struct table *t = &s->table[n];
		u32 end = t->head.kind == KIND_ROOT ? HOST_PDE_FIRST : TABLE_WORDS;
		u32 used = 0;

		s->e->looked_at++;
		for (u32 i = 0; i < end; i++) {
			used += table_uses(t, i);
			if ((t->entry[i] != 0) != table_uses(t, i))
				return broken(s->e,
					      "VM %u: table %u entry %u is 0x%08x",
					      s->vm->id, n, i, t->entry[i]);
		}
		if (used != t->head.count || (used && t->head.kind == KIND_FREE))
			return broken(s->e, "VM %u: table %u has %u entries, counts %u",
				      s->vm->id, n, used, t->head.count);
	}
	return true;
}

/* Free tables are on the free list, each once; frames know their table. */
static bool vm_pool(struct shadows *s)
{
	u32 free_tables = 0, listed = 0, n;
	struct frame f;

	for (n = 0; n < s->vm->table_count; n++) {
		const struct checkpoint_table *t = &s->table[n].head;

		s->e->looked_at++;
		free_tables += t->kind == KIND_FREE;
		if (!frame_of(s->e, t->machine >> PAGE_SHIFT, &f))
			return false;
		if (f.use != FRAME_SHADOW || f.owner != s->vm->id || f.index != n)
			return broken(s->e, "VM %u: the frame of table %u is another's",
				      s->vm->id, n);
	}
	for (n = s->vm->free_head; n < s->vm->table_count && listed <= free_tables;
	     n = s->table[n].head.next)
		listed += s->table[n].head.kind == KIND_FREE;
	return (n == NO_TABLE && listed == free_tables) ||
	       broken(s->e, "VM %u: %u free tables, %u on the list", s->vm->id,
		      free_tables, listed);
}

static bool vm_backed(struct shadows *s)
{
	u32 backed = 0;

	for (u32 p = 0; p < s->vm->mem_pages; p++)
		backed += (page_word(s, p) >> STATE_SHIFT & STATE_BITS) == PAGE_PRIVATE;
	s->e->looked_at++;
	return backed == s->vm->backed ||
	       broken(s->e, "VM %u: %u pages backed, counts %u", s->vm->id, backed,
		      s->vm->backed);
}

#define RULE_OF_EACH_VM(name)                      \
	bool audit_##name(struct evidence *e)      \
	{                                          \
		return shadows_each(e, vm_##name); \
	}
RULE_OF_EACH_VM(pool)
RULE_OF_EACH_VM(free)
RULE_OF_EACH_VM(backed)
RULE_OF_EACH_VM(host)
RULE_OF_EACH_VM(roots)
RULE_OF_EACH_VM(frame)
RULE_OF_EACH_VM(access)
RULE_OF_EACH_VM(width)
RULE_OF_EACH_VM(trace)
RULE_OF_EACH_VM(fresh)
