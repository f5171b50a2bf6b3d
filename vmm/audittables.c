/*
 * The audit, I1 to I6: the pool of tables, what they are named, and the frames.
 */
#include "kernel/frame.h"
#include "vmm/auditing.h"
#include "vmm/vm.h"

/* I1. A list that runs in a circle is longer than there are tables. */
static bool pool_is_whole(struct audit *a)
{
	const struct stable_pool *p = &a->vm->shadow.pool;
	u32 free = 0, listed = 0, n;

	for (n = 0; n < p->count; n++)
		free += p->table[n].kind == STABLE_FREE;
	for (n = p->free_head; n != STABLE_NONE; n = p->table[n].next)
		if (n >= p->count || p->table[n].kind != STABLE_FREE ||
		    ++listed > p->count)
			return audit_broken(a, "pool",
					    "the free list leads to table %u", n);
	if (free == listed && free == p->free_count)
		return true;
	return audit_broken(a, "pool", "%u tables are free, %u on the list, %u counted",
			    free, listed, p->free_count);
}

/* I1. */
static bool frame_is_tables(struct audit *a, const struct stable *t)
{
	const struct frame *f = frame_get(mpn(t->machine >> PAGE_SHIFT));

	if (f->use == FRAME_SHADOW && f->owner == a->vm->id &&
	    f->index == stable_number(&a->vm->shadow.pool, t))
		return true;
	return audit_broken_at(a, t, AUDIT_NO_PLACE, "pool",
			       "its frame is one of use %u, owner %u, number %u",
			       f->use, f->owner, f->index);
}

/* I2: the first entry from `from` on that is not zero; by eights, as most are. */
static u32 next_nonzero(const struct stable *t, u32 from, u32 end)
{
	const u32 *e = t->entry;
	u32 i;

	for (i = from; i < end && !e[i]; i++)
		while (i % 8 == 0 && i + 16 <= end &&
		       !(e[i] | e[i + 1] | e[i + 2] | e[i + 3] | e[i + 4] | e[i + 5] |
			 e[i + 6] | e[i + 7] | e[i + 8]))
			i += 8;
	return i;
}

/* I2. Entries of a root that are the host's are no business of the bitmap. */
static bool entries_are_counted(struct audit *a, const struct stable *t)
{
	u32 end = t->kind == STABLE_ROOT ? HOST_PDE_FIRST : PAGE_WORDS;
	u32 i = next_nonzero(t, 0, end), used = 0;

	stable_for_each_used(t, k)
	{
		if (k != i)
			return audit_broken_at(a, t, min_u32(i, k), "free",
					       "not zero, or used, but not both");
		used++;
		i = next_nonzero(t, i + 1, end);
	}
	if (i != end)
		return audit_broken_at(a, t, i, "free", "0x%08x is not used",
				       t->entry[i]);
	if (used == t->count && (t->kind != STABLE_FREE || used == 0))
		return true;
	return audit_broken_at(a, t, AUDIT_NO_PLACE, "free",
			       "%u entries used, %u counted, kind %u", used, t->count,
			       t->kind);
}

/* I3, for a page that has a frame. */
static bool frame_is_pages(struct audit *a, u32 p, u32 m)
{
	const struct frame *f;

	if (m >= frame_count())
		return audit_broken(a, "pmap", "PPN 0x%x has MPN 0x%x: no such", p, m);
	f = frame_get(mpn(m));
	if (f->use == FRAME_GUEST && f->owner == a->vm->id && f->index == p)
		return true;
	return audit_broken(a, "pmap",
			    "PPN 0x%x has MPN 0x%x, a frame of use %u, owner %u, 0x%x",
			    p, m, f->use, f->owner, f->index);
}

/* I3, for pages that have none. */
static bool away_is_right(struct audit *a)
{
	const struct pmap *pm = &a->vm->pmap;
	u32 ballooned = 0, swapped = 0;

	for (u32 p = 0; p < pm->pages; p++) {
		ballooned += pm->entry[p].state == PMAP_BALLOONED;
		swapped += pm->entry[p].state == PMAP_SWAPPED;
	}
	if (ballooned == pm->ballooned && swapped == pm->swapped)
		return true;
	return audit_broken(a, "pmap",
			    "%u and %u pages ballooned and swapped, %u and %u counted",
			    ballooned, swapped, pm->ballooned, pm->swapped);
}

/* I3. */
static bool pmap_is_right(struct audit *a)
{
	const struct pmap *pm = &a->vm->pmap;
	u32 backed = 0;

	for (u32 p = 0; p < pm->pages; p++) {
		if (pm->entry[p].state != PMAP_PRIVATE)
			continue;
		backed++;
		if (!frame_is_pages(a, p, pm->entry[p].mpn))
			return false;
	}
	if (backed != pm->backed)
		return audit_broken(a, "pmap", "%u pages have a frame, %u counted",
				    backed, pm->backed);
	return away_is_right(a);
}

/* I4. The CPU sets A as it goes. */
static bool root_ends_in_host(struct audit *a, const struct stable *t)
{
	static u32 host[PAGE_WORDS];

	if (t->kind != STABLE_ROOT)
		return true;
	paging_host_entries(host);
	for (u32 i = HOST_PDE_FIRST; i < PAGE_WORDS; i++)
		if ((t->entry[i] ^ host[i]) & ~(u32)PTE_A || t->entry[i] & PTE_U)
			return audit_broken_at(a, t, i, "host", "0x%08x, not 0x%08x",
					       t->entry[i], host[i]);
	return true;
}

static bool each_table(struct audit *a)
{
	const struct stable_pool *p = &a->vm->shadow.pool;

	for (u32 n = 0; n < p->count; n++) {
		const struct stable *t = &p->table[n];

		if (!frame_is_tables(a, t) || !root_ends_in_host(a, t) ||
		    !entries_are_counted(a, t))
			return false;
	}
	return true;
}

static bool same_name(const struct stable *t, const struct stable *u)
{
	return t->kind == u->kind && t->role == u->role && t->slot == u->slot;
}

/* I5: this one among those made from its guest table. */
static bool name_is_good(struct audit *a, const struct stable *t, u32 gfn)
{
	const struct stable_pool *p = &a->vm->shadow.pool;
	u32 guest_tables = a->vm->mem_pages + (t->kind != STABLE_LEAF);

	if (t->kind == STABLE_FREE || t->gfn != gfn || gfn >= guest_tables)
		return audit_broken_at(a, t, AUDIT_NO_PLACE, "names",
				       "kind %u of 0x%x, found under 0x%x", t->kind,
				       t->gfn, gfn);
	for (u32 n = t->next; n < p->count; n = p->table[n].next)
		if (same_name(t, &p->table[n]))
			return audit_broken_at(a, t, AUDIT_NO_PLACE, "names",
					       "table %u has the same name", n);
	return true;
}

/* I5. */
static bool names_lead_to_tables(struct audit *a)
{
	const struct shadow *s = &a->vm->shadow;
	u32 found = 0;

	for (u32 gfn = 0; gfn <= a->vm->mem_pages; gfn++) {
		u32 n = s->table_of[gfn] ? s->table_of[gfn] - 1u : STABLE_NONE;

		for (; n != STABLE_NONE; n = s->pool.table[n].next)
			if (n >= s->pool.count || ++found > s->pool.count ||
			    !name_is_good(a, &s->pool.table[n], gfn))
				return a->rule ? false
					       : audit_broken(a, "names",
							      "0x%x leads astray", gfn);
	}
	if (found + s->pool.free_count == s->pool.count)
		return true;
	return audit_broken(a, "names", "%u of %u tables in use are found by name",
			    found, s->pool.count - s->pool.free_count);
}

static unsigned role_wanted(const struct vm *vm, unsigned view)
{
	if (view == VMODE_USER)
		return ROLE_USER;
	return vm->cpu.cr0 & CR0_WP ? 0 : ROLE_NO_WP;
}

/* I6, cached: made from the directory in CR3; paging off: from the one that is none. */
static bool root_is_cr3s(struct audit *a, const struct stable *t, unsigned view)
{
	const struct vm *vm = a->vm;
	u32 gfn = vm->cpu.cr0 & CR0_PG ? vm->cpu.cr3 / PAGE_SIZE : vm->mem_pages;
	unsigned role = role_wanted(vm, view);

	if (vm->cpu.cr0 & CR0_PG && gfn >= vm->mem_pages) {
		gfn = vm->mem_pages;
		role |= ROLE_NOWHERE;
	}
	if (t->gfn == gfn && t->role == role && !(role & ROLE_NOWHERE && t->count))
		return true;
	return audit_broken_at(a, t, AUDIT_NO_PLACE, "roots",
			       "of 0x%x in role %u, not of 0x%x in role %u", t->gfn,
			       t->role, gfn, role);
}

bool audit_root(struct audit *a, unsigned view)
{
	const struct shadow *s = &a->vm->shadow;
	u32 n = s->active[view];

	if (n == STABLE_NONE && audit_is_cached(a->vm))
		return true;
	if (n >= s->pool.count || s->pool.table[n].kind != STABLE_ROOT)
		return audit_broken(a, "roots", "table %u is no root", n);
	return !audit_is_cached(a->vm) || root_is_cr3s(a, &s->pool.table[n], view);
}

/* I6: what is loaded is the active one. */
static bool roots_are_active(struct audit *a)
{
	const struct shadow *s = &a->vm->shadow;

	for (unsigned view = 0; view < 2; view++) {
		u32 n = s->active[view], machine;

		if (!audit_root(a, view))
			return false;
		machine = n == STABLE_NONE ? 0 : s->pool.table[n].machine;
		if (s->root[view] && s->root[view] != machine)
			return audit_broken(a, "roots", "0x%08x is loaded, not 0x%08x",
					    s->root[view], machine);
	}
	return true;
}

bool audit_tables(struct audit *a)
{
	return pool_is_whole(a) && each_table(a) && pmap_is_right(a) &&
	       (!audit_is_cached(a->vm) || names_lead_to_tables(a)) &&
	       roots_are_active(a);
}
