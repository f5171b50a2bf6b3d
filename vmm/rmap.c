/*
 * The reverse map.
 */
#include "vmm/rmap.h"
#include "kernel/heap.h"
#include "kernel/panic.h"

bool rmap_create(struct rmap *r, u32 pages)
{
	r->head = heap_alloc(pages * sizeof *r->head);
	r->pages = pages;
	for (u32 p = 0; r->head && p < pages; p++)
		r->head[p] = RMAP_END;
	return r->head != NULL;
}

void rmap_destroy(struct rmap *r)
{
	if (r->head)
		heap_free(r->head);
	*r = (struct rmap){0};
}

static inline u32 *link_of(const struct stable_pool *p, u32 node)
{
	return &rmap_table(p, node)->link[rmap_index(node)];
}

HOT void rmap_add(const struct stable_pool *p, u32 *head, u32 node)
{
	*link_of(p, node) = *head;
	*head = node;
}

/* Lists are short: a page is mapped once or twice in each view. */
HOT void rmap_remove(const struct stable_pool *p, u32 *head, u32 node)
{
	u32 *at = head, *link = link_of(p, node);

	while (*at != node) {
		ASSERT(*at != RMAP_END);
		at = link_of(p, *at);
	}
	*at = *link;
	*link = 0;
}
