/*
 * The reverse map: from a page of a VM to all shadow entries that map it, in both views
 * and all address spaces. Keyed by (VM, PPN), not by machine page, so a frame that many
 * VMs share costs each of them no more than a private one.
 *
 *      head[ppn] -> node -> node -> RMAP_END          node = table number * 1024 + index
 *                   table[3].link[17] = next          of the shadow entry
 *
 * An entry is on exactly one list, so the link stands beside it (stable.h): 4 bytes an
 * entry of a table and 4 bytes a page of the VM, and nothing is ever allocated. The
 * same lists, with the head in a leaf table, hold the root entries that point to that
 * leaf.
 */
#ifndef VMM_RMAP_H
#define VMM_RMAP_H

#include "vmm/addr.h"
#include "vmm/stable.h"

enum { RMAP_INDEX_BITS = 10 };
#define RMAP_END 0xffffffffu

struct rmap {
	u32 *head; /* by PPN; the heap's */
	u32 pages;
};

bool rmap_create(struct rmap *r, u32 pages);
void rmap_destroy(struct rmap *r);

static inline u32 rmap_node(const struct stable_pool *p, const struct stable *t, u32 i)
{
	return stable_number(p, t) << RMAP_INDEX_BITS | i;
}

static inline struct stable *rmap_table(const struct stable_pool *p, u32 node)
{
	return &p->table[node >> RMAP_INDEX_BITS];
}

static inline u32 rmap_index(u32 node)
{
	return node & (PAGE_WORDS - 1);
}

static inline u32 rmap_next(const struct stable_pool *p, u32 node)
{
	return rmap_table(p, node)->link[rmap_index(node)];
}

/* Puts a node on a list / takes it off; it must not be on one / must be on this one. */
void rmap_add(const struct stable_pool *p, u32 *head, u32 node);
void rmap_remove(const struct stable_pool *p, u32 *head, u32 node);

#endif
