/*
 * The audit, I7 and I14: who points to a table, who maps a page. Lists are followed no
 * further than there are entries, so one that runs in a circle is found as well. A list
 * that has only right nodes, and as many in all as there are entries, has each once.
 */
#include "kernel/frame.h"
#include "vmm/auditing.h"
#include "vmm/vm.h"

struct stable *audit_table_at(const struct audit *a, u32 entry)
{
	const struct stable_pool *p = &a->vm->shadow.pool;
	u32 m = entry >> PAGE_SHIFT, number;

	if (m >= frame_count())
		return NULL;
	number = frame_get(mpn(m))->index;
	if (number >= p->count || p->table[number].machine >> PAGE_SHIFT != m)
		return NULL;
	return &p->table[number];
}

static bool is_leaf(const struct stable *t)
{
	return t->kind == STABLE_LEAF || t->kind == STABLE_LARGE;
}

/* The entries in use of all tables of a kind. */
static u32 used_in(const struct audit *a, bool leaves)
{
	const struct stable_pool *p = &a->vm->shadow.pool;
	u32 used = 0;

	for (u32 n = 0; n < p->count; n++)
		if (p->table[n].kind != STABLE_FREE && is_leaf(&p->table[n]) == leaves)
			used += p->table[n].count;
	return used;
}

/* The table of a node, if the node is an entry in use; else NULL. */
static const struct stable *node_table(const struct audit *a, u32 node)
{
	const struct stable_pool *p = &a->vm->shadow.pool;
	const struct stable *t;

	if (node >> RMAP_INDEX_BITS >= p->count)
		return NULL;
	t = rmap_table(p, node);
	return t->kind != STABLE_FREE && stable_uses(t, rmap_index(node)) ? t : NULL;
}

/* I7: the leaf is the one that the guest's directory entry names. */
static bool leads_to_named(struct audit *a, const struct stable *root, u32 i)
{
	const struct stable *leaf = audit_table_at(a, root->entry[i]);
	bool paged = root->gfn < a->vm->mem_pages;
	bool large = !paged || audit_is_large(a->vm, root->made_from[i]);

	a->entries++;
	if (!leaf || !is_leaf(leaf) || leaf->role != root->role)
		return audit_broken_at(a, root, i, "parents", "0x%08x leads to no leaf",
				       root->entry[i]);
	if (large && leaf->kind == STABLE_LARGE && leaf->gfn == root->gfn &&
	    leaf->slot == i)
		return true;
	if (!large && leaf->kind == STABLE_LEAF &&
	    leaf->gfn == root->made_from[i] >> PAGE_SHIFT)
		return true;
	return audit_broken_at(a, root, i, "parents",
			       "made from 0x%08x, leads to a leaf of 0x%x",
			       root->made_from[i], leaf->gfn);
}

/* I7: how many parents a leaf has; a wrong one, or too many, is broken. */
static bool count_parents(struct audit *a, const struct stable *leaf, u32 limit,
			  u32 *count)
{
	const struct stable_pool *p = &a->vm->shadow.pool;
	u32 before = *count;

	for (u32 node = leaf->parents; node != RMAP_END; node = rmap_next(p, node)) {
		const struct stable *root = node_table(a, node);

		if (!root || root->kind != STABLE_ROOT || ++*count > limit ||
		    root->entry[rmap_index(node)] >> PAGE_SHIFT !=
			    leaf->machine >> PAGE_SHIFT)
			return audit_broken_at(a, leaf, AUDIT_NO_PLACE, "parents",
					       "node 0x%x is no parent", node);
	}
	if (leaf->kind == STABLE_LARGE && *count - before != 1)
		return audit_broken_at(a, leaf, AUDIT_NO_PLACE, "parents",
				       "a large page has %u parents", *count - before);
	return true;
}

/* I7. */
static bool parents_are_right(struct audit *a)
{
	const struct stable_pool *p = &a->vm->shadow.pool;
	u32 links = used_in(a, false), count = 0;

	for (u32 n = 0; n < p->count; n++) {
		const struct stable *t = &p->table[n];

		if (t->kind == STABLE_ROOT) {
			stable_for_each_used(
				t, i) if (!leads_to_named(a, t, i)) return false;
		} else if (is_leaf(t) && !count_parents(a, t, links, &count)) {
			return false;
		}
	}
	return count == links ||
	       audit_broken(a, "parents", "%u entries of roots, %u on lists", links,
			    count);
}

/* I14: the nodes of one page. */
static bool count_mappings(struct audit *a, u32 page, u32 limit, u32 *count)
{
	const struct shadow *s = &a->vm->shadow;

	for (u32 node = s->rmap.head[page]; node != RMAP_END;
	     node = rmap_next(&s->pool, node)) {
		const struct stable *t = node_table(a, node);

		if (!t || !is_leaf(t) || ++*count > limit ||
		    t->made_from[rmap_index(node)] >> PAGE_SHIFT != page)
			return audit_broken(a, "rmap", "PPN 0x%x has node 0x%x, %s",
					    page, node,
					    t ? "of another page" : "not in use");
	}
	return true;
}

/* I14. */
static bool rmap_is_right(struct audit *a)
{
	u32 mapped = used_in(a, true), count = 0;

	for (u32 page = 0; page < a->vm->shadow.rmap.pages; page++)
		if (!count_mappings(a, page, mapped, &count))
			return false;
	return count == mapped ||
	       audit_broken(a, "rmap", "%u entries, %u on lists", mapped, count);
}

/* I7 of the virtual TLB: the index by view and slot says the same as the entries. */
static bool first_is_right(struct audit *a, unsigned view, u32 *leaves)
{
	const struct shadow *s = &a->vm->shadow;
	const struct stable *root = &s->pool.table[s->active[view]];

	for (u32 i = 0; i < HOST_PDE_FIRST; i++) {
		u32 n = s->first[view][i];
		const struct stable *leaf = audit_table_at(a, root->entry[i]);

		if (!n && !stable_uses(root, i))
			continue;
		if (!n || !stable_uses(root, i) || !leaf || !is_leaf(leaf) ||
		    stable_number(&s->pool, leaf) != n - 1)
			return audit_broken_at(a, root, i, "parents",
					       "0x%08x is not table %u", root->entry[i],
					       n - 1);
		++*leaves;
		a->entries++;
	}
	return true;
}

/* A leaf with no root would never be given back. */
static bool firsts_are_right(struct audit *a)
{
	const struct stable_pool *p = &a->vm->shadow.pool;
	u32 linked = 0, leaves = 0;

	if (!first_is_right(a, VMODE_KERNEL, &linked) ||
	    !first_is_right(a, VMODE_USER, &linked))
		return false;
	for (u32 n = 0; n < p->count; n++)
		leaves += is_leaf(&p->table[n]);
	return leaves == linked ||
	       audit_broken(a, "parents", "%u leaves, %u of them linked", leaves,
			    linked);
}

bool audit_lists(struct audit *a)
{
	if (!audit_is_cached(a->vm))
		return firsts_are_right(a);
	return parents_are_right(a) && rmap_is_right(a);
}
