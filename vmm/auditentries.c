/*
 * The audit, I8 to I13: entries against the guest's tables, the pmap and the traces.
 */
#include "kernel/frame.h"
#include "vmm/auditing.h"
#include "vmm/vm.h"

enum { LEAF_BITS = PTE_P | PTE_U | PTE_A | PTE_D, LINK_BITS = PTE_P | PTE_U | PTE_A };
enum { LARGE_OFFSET = 0x003fffff }; /* within a 4 MiB page */

/* What paging-off is made from: it allows all. */
enum { FROM_UNPAGED = PTE_P | PTE_W | PTE_U | PTE_A | PTE_D | PTE_PS };

/* I8, I9: the PPN that an entry maps: by what it was made from, or by its frame. */
static bool frame_is_right(struct audit *a, const struct stable *t, u32 i, u32 *page)
{
	u32 m = t->entry[i] >> PAGE_SHIFT;
	const struct frame *f;
	mpn_t got = {0};

	if (m >= frame_count())
		return audit_broken_at(a, t, i, "owner", "MPN 0x%x: no such frame", m);
	f = frame_get(mpn(m));
	if (f->use != FRAME_GUEST || f->owner != a->vm->id)
		return audit_broken_at(a, t, i, "owner",
				       "MPN 0x%x is a frame of use %u, owner %u", m,
				       f->use, f->owner);
	*page = audit_is_cached(a->vm) ? t->made_from[i] >> PAGE_SHIFT : f->index;
	if (pmap_lookup(a->vm, ppn(*page), &got) == PMAP_PRIVATE && got.n == m)
		return true;
	return audit_broken_at(a, t, i, "frame", "maps MPN 0x%x, PPN 0x%x has 0x%x", m,
			       *page, got.n);
}

/* I10, I11: what an entry may allow (`bits`, and W), by the guest's entry that it was made from. */
static bool rights_are_right(struct audit *a, const struct stable *t, u32 i, u32 bits)
{
	u32 e = t->entry[i] & PAGE_MASK, from;

	if ((e & ~(u32)PTE_W) != bits)
		return audit_broken_at(a, t, i, "access", "has bits 0x%03x", e);
	if (!audit_is_cached(a->vm))
		return true;
	from = t->made_from[i];
	if ((from & (PTE_P | PTE_A)) != (PTE_P | PTE_A))
		return audit_broken_at(a, t, i, "access", "made from 0x%08x", from);
	if (e & PTE_W && !(from & PTE_W) && !(t->role & ROLE_NO_WP))
		return audit_broken_at(a, t, i, "width",
				       "writable, made from 0x%08x in role %u", from,
				       t->role);
	if (e & PTE_W && t->kind != STABLE_ROOT && !(from & PTE_D))
		return audit_broken_at(a, t, i, "width",
				       "writable, made from clean 0x%08x", from);
	if (t->role & ROLE_USER && !(from & PTE_U))
		return audit_broken_at(a, t, i, "width",
				       "in the user view, made from 0x%08x", from);
	return true;
}

bool audit_leaf_entry(struct audit *a, const struct stable *t, u32 i)
{
	unsigned traces;
	u32 page = 0;

	if (!rights_are_right(a, t, i, LEAF_BITS) || !frame_is_right(a, t, i, &page))
		return false;
	traces = trace_get(a->vm, ppn(page));
	if (!(t->entry[i] & PTE_W) || !traces)
		return true;
	return audit_broken_at(a, t, i, "trace", "PPN 0x%x, traced as %u, is writable",
			       page, traces);
}

static bool each_entry(struct audit *a)
{
	const struct stable_pool *p = &a->vm->shadow.pool;

	for (u32 n = 0; n < p->count; n++) {
		const struct stable *t = &p->table[n];

		if (t->kind == STABLE_FREE)
			continue;
		stable_for_each_used(t, i)
		{
			if (t->kind == STABLE_ROOT
				    ? !rights_are_right(a, t, i, LINK_BITS)
				    : !audit_leaf_entry(a, t, i))
				return false;
			a->entries += t->kind != STABLE_ROOT;
		}
	}
	return true;
}

/* How often a guest table is on the list of loose ones. */
static u32 times_loose(const struct shadow *s, u32 gfn)
{
	u32 times = 0;

	for (u32 i = 0; i < s->loose_count; i++)
		times += s->loose[i].gfn == gfn;
	return times;
}

/* I12: this guest table; most pages are none. */
static bool is_traced_or_loose(struct audit *a, u32 gfn)
{
	u32 flags = a->vm->traces.flags[gfn] & (TRACE_TABLE | TRACE_LOOSE);
	bool shadowed = audit_is_cached(a->vm) && a->vm->shadow.table_of[gfn];
	u32 times;

	if (!flags && !shadowed)
		return true;
	times = times_loose(&a->vm->shadow, gfn);
	if (shadowed && flags && times == (flags == TRACE_LOOSE))
		return true;
	return audit_broken(a, "trace",
			    "PPN 0x%x: %s a shadow, flags %u, %u times loose", gfn,
			    shadowed ? "has" : "no", flags, times);
}

/* I12: a loose table knows the one directory that it is in use under. */
static bool directory_is_right(struct audit *a, const struct loose *l)
{
	const struct stable_pool *p = &a->vm->shadow.pool;

	for (u32 n = 0; n < p->count; n++) {
		const struct stable *t = &p->table[n];

		if (t->kind == STABLE_FREE || t->gfn != l->gfn)
			continue;
		if (t->kind != STABLE_LEAF)
			return audit_broken(a, "trace",
					    "0x%x is a directory, and not ANY", l->gfn);
		for (u32 node = t->parents; node != RMAP_END; node = rmap_next(p, node))
			if (rmap_table(p, node)->gfn != l->directory)
				return audit_broken(a, "trace",
						    "PPN 0x%x is loose under 0x%x, "
						    "in use under 0x%x",
						    l->gfn, l->directory,
						    rmap_table(p, node)->gfn);
	}
	return true;
}

/* I12: the list has only tables with shadows. */
static bool loose_is_right(struct audit *a)
{
	const struct shadow *s = &a->vm->shadow;

	if (s->loose_count > (audit_is_cached(a->vm) ? LOOSE_MAX : 0))
		return audit_broken(a, "trace", "%u tables are loose", s->loose_count);
	for (u32 i = 0; i < s->loose_count; i++) {
		const struct loose *l = &s->loose[i];

		if (l->gfn >= a->vm->mem_pages ||
		    !(a->vm->traces.flags[l->gfn] & TRACE_LOOSE))
			return audit_broken(a, "trace", "PPN 0x%x is wrongly loose",
					    l->gfn);
		if (l->directory != LOOSE_ANY && !directory_is_right(a, l))
			return false;
	}
	return true;
}

/* I13: what the guest has now for entry i of a table. */
static u32 guest_entry(const struct audit *a, const struct stable *t, u32 i)
{
	const struct stable_pool *p = &a->vm->shadow.pool;
	bool paged = t->gfn < a->vm->mem_pages;
	u32 pde;

	if (t->kind != STABLE_LARGE)
		return paged ? audit_guest_word(a->vm, t->gfn, i) : FROM_UNPAGED;
	pde = rmap_table(p, t->parents)->made_from[t->slot];
	if (!paged)
		pde = (u32)t->slot << 22 | (pde & PAGE_MASK);
	return (pde & ~(u32)LARGE_OFFSET) | i << PAGE_SHIFT | (pde & PAGE_MASK);
}

/* A and D may have been set since, by us for the guest: that takes nothing away. */
static bool is_same(u32 from, u32 now)
{
	return from == now || from == (now & ~(u32)PTE_A) ||
	       from == (now & ~(u32)PTE_D) || from == (now & ~(u32)(PTE_A | PTE_D));
}

bool audit_fresh_entry(struct audit *a, const struct stable *t, u32 i)
{
	u32 now = guest_entry(a, t, i);

	if (is_same(t->made_from[i], now))
		return true;
	return audit_broken_at(a, t, i, "fresh",
			       "of PPN 0x%x, made from 0x%08x, the guest has 0x%08x",
			       t->gfn, t->made_from[i], now);
}

bool audit_fresh(struct audit *a, const struct stable *t)
{
	stable_for_each_used(t, i) if (!audit_fresh_entry(a, t, i)) return false;
	return true;
}

/* I13: a loose table may be behind, and one that a device writes to just now. */
bool audit_may_be_behind(const struct audit *a, const struct stable *t)
{
	if (t->kind == STABLE_LARGE || t->gfn >= a->vm->mem_pages)
		return false;
	return a->vm->traces.flags[t->gfn] & TRACE_LOOSE ||
	       a->vm->pmap.entry[t->gfn].pins;
}

static bool tables_are_fresh(struct audit *a)
{
	const struct stable_pool *p = &a->vm->shadow.pool;

	for (u32 n = 0; n < p->count; n++) {
		const struct stable *t = &p->table[n];

		if (t->kind != STABLE_FREE && !audit_may_be_behind(a, t) &&
		    !audit_fresh(a, t))
			return false;
	}
	return true;
}

bool audit_entries(struct audit *a)
{
	if (!loose_is_right(a))
		return false;
	for (u32 gfn = 0; gfn < a->vm->mem_pages; gfn++)
		if (!is_traced_or_loose(a, gfn))
			return false;
	return each_entry(a) && (!audit_is_cached(a->vm) || tables_are_fresh(a));
}
