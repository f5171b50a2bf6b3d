/*
 * Lists in the shadows: the reverse map, and who points to a leaf. Each is followed node by
 * node and ticked off; what is ticked off twice, or never, breaks the rule.
 */
#include "grader/oracle/audit.h"
#include "grader/oracle/shadow.h"

#include <stdlib.h>

enum { NODE_BITS = 10 };

/* Follows a list and ticks its entries off in `seen`, each of which must be good. */
struct list {
	struct shadows *s;
	u8 *seen; /* by node */
	const char *what;
};
typedef bool node_rule(const struct list *l, const struct table *t, u32 i, u32 key);

static bool tick_off(const struct list *l, u32 node, u32 key, node_rule *rule)
{
	struct shadows *s = l->s;

	while (node != NO_NODE) {
		u32 n = node >> NODE_BITS, i = node & (TABLE_WORDS - 1);

		if (n >= s->vm->table_count || l->seen[node] ||
		    !table_uses(&s->table[n], i) || !rule(l, &s->table[n], i, key))
			return broken(s->e, "VM %u: the %s list of 0x%x has node 0x%x",
				      s->vm->id, l->what, key, node);
		l->seen[node] = 1;
		s->e->looked_at++;
		node = s->table[n].link[i];
	}
	return true;
}

/* Every entry in use, of roots or of leaves, was ticked off. */
static bool all_seen(const struct list *l, bool roots)
{
	struct shadows *s = l->s;

	for (u32 n = 0; n < s->vm->table_count; n++) {
		u32 kind = s->table[n].head.kind;

		for (u32 i = 0; kind != KIND_FREE && i < TABLE_WORDS; i++)
			if ((kind == KIND_ROOT) == roots &&
			    table_uses(&s->table[n], i) && !l->seen[n << NODE_BITS | i])
				return broken(
					s->e,
					"VM %u: table %u entry %u is on no %s list",
					s->vm->id, n, i, l->what);
	}
	return true;
}

/* A leaf entry whose frame is that of the page: by the frame table, not by its maker. */
static bool maps_page(const struct list *l, const struct table *t, u32 i, u32 page)
{
	struct frame f;

	return t->head.kind != KIND_ROOT &&
	       frame_of(l->s->e, t->entry[i] >> PAGE_SHIFT, &f) && f.index == page;
}

static bool leads_to(const struct list *l, const struct table *t, u32 i, u32 number)
{
	return t->head.kind == KIND_ROOT && shadows_at(l->s, t->entry[i]) == number &&
	       t->head.role == l->s->table[number].head.role;
}

static bool rmap_lists(const struct list *l)
{
	struct shadows *s = l->s;

	for (u32 p = 0; p < s->vm->mem_pages; p++) {
		u32 head;

		if (!dump_read_virtual(&s->e->dump, s->vm->rmap + 4 * p, &head,
				       sizeof head))
			return broken(s->e, "VM %u: its reverse map is not mapped",
				      s->vm->id);
		if (!tick_off(l, head, p, maps_page))
			return false;
	}
	return all_seen(l, false);
}

static bool parent_lists(const struct list *l)
{
	struct shadows *s = l->s;

	for (u32 n = 0; n < s->vm->table_count; n++) {
		u32 kind = s->table[n].head.kind;

		if ((kind == KIND_LEAF || kind == KIND_LARGE) &&
		    !tick_off(l, s->table[n].head.parents, n, leads_to))
			return false;
	}
	return all_seen(l, true);
}

static bool with_list(struct shadows *s, const char *what,
		      bool (*rule)(const struct list *))
{
	struct list l = {.s = s, .what = what};
	bool good;

	if (!s->vm->cached) {
		s->e->looked_at++;
		return !s->vm->rmap ||
		       broken(s->e, "VM %u: no lists wanted", s->vm->id);
	}
	l.seen = calloc(s->vm->table_count, TABLE_WORDS);
	good = l.seen && rule(&l);
	free(l.seen);
	return good;
}

static bool vm_rmap(struct shadows *s)
{
	return with_list(s, "rmap", rmap_lists);
}

static bool vm_parents(struct shadows *s)
{
	return with_list(s, "parents", parent_lists);
}

bool audit_rmap(struct evidence *e)
{
	return shadows_each(e, vm_rmap);
}

bool audit_parents(struct evidence *e)
{
	return shadows_each(e, vm_parents);
}
