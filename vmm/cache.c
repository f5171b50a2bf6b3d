/*
 * The tables of the cached form: kept by name, linked to what they map and to who
 * points to them, thrown out when the pool is short.
 *
 *      table_of[gfn] -> table -> table          all shadows of one guest table
 *      rmap.head[ppn] -> node -> node           all leaf entries that map one page
 *      leaf.parents   -> node -> node           all root entries that point to one leaf
 */
#include "vmm/cache.h"
#include "kernel/panic.h"
#include "vmm/sync.h"
#include "vmm/tlb.h"
#include "vmm/trace.h"
#include "vmm/vm.h"

/* The PPN that a leaf entry maps stands in what it was made from. */
static u32 *head_of(struct vm *vm, const struct stable *t, u32 i)
{
	return &vm->shadow.rmap.head[t->made_from[i] >> PAGE_SHIFT];
}

bool cache_is_active(const struct vm *vm, const struct stable *t)
{
	u32 n = stable_number(&vm->shadow.pool, t);

	return n == vm->shadow.active[0] || n == vm->shadow.active[1];
}

HOT void cache_link(struct vm *vm, struct stable *root, u32 i, struct stable *leaf,
		    u32 entry, u32 from)
{
	struct shadow *s = &vm->shadow;

	ASSERT(root->kind == STABLE_ROOT && leaf->kind != STABLE_ROOT);
	stable_set(root, i, entry);
	root->made_from[i] = from;
	rmap_add(&s->pool, &leaf->parents, rmap_node(&s->pool, root, i));
}

/* Takes entry i of t off the list that it is on: it is mostly the first. */
static inline void leave_list(const struct stable_pool *p, struct stable *t, u32 i,
			      u32 *head)
{
	u32 node = rmap_node(p, t, i);

	if (*head != node) {
		rmap_remove(p, head, node);
		return;
	}
	*head = t->link[i];
	t->link[i] = 0;
}

/* A leaf of a 4 MiB page has one parent, and no reason to be without it. */
static HOT void unlink_leaf(struct vm *vm, struct stable *root, u32 i)
{
	struct stable_pool *p = &vm->shadow.pool;
	struct stable *leaf = stable_at(p, root->entry[i]);

	leave_list(p, root, i, &leaf->parents);
	stable_remove(root, i);
	if (leaf->kind == STABLE_LARGE)
		cache_zap(vm, leaf);
}

/* Entry i is in use. */
ALWAYS_INLINE void drop_used(struct vm *vm, struct stable *t, u32 i)
{
	if (t->kind == STABLE_ROOT) {
		unlink_leaf(vm, t, i);
		return;
	}
	leave_list(&vm->shadow.pool, t, i, head_of(vm, t, i));
	stable_remove(t, i);
}

HOT void cache_drop(struct vm *vm, struct stable *t, u32 i)
{
	if (stable_uses(t, i))
		drop_used(vm, t, i);
}

HOT void cache_drop_used(struct vm *vm, struct stable *t, u32 i)
{
	drop_used(vm, t, i);
}

/* Takes all entries out of a table. */
static HOT void drop_all(struct vm *vm, struct stable *t)
{
	for (u32 words = t->busy; words; words &= words - 1) {
		u32 w = (u32)__builtin_ctz(words);

		for (u32 bits = t->used[w]; bits; bits &= bits - 1)
			drop_used(vm, t, w * 32 + (u32)__builtin_ctz(bits));
	}
}

static void leave_chain(struct vm *vm, struct stable *t)
{
	struct shadow *s = &vm->shadow;
	u16 *head = &s->table_of[t->gfn];
	struct stable *before = cache_first(vm, t->gfn);

	if (before == t) {
		*head = t->next == STABLE_NONE ? 0 : t->next + 1;
		if (!*head)
			sync_forget(vm, t->gfn);
		return;
	}
	while (cache_next(vm, before) != t)
		before = cache_next(vm, before);
	before->next = t->next;
}

HOT void cache_zap(struct vm *vm, struct stable *t)
{
	struct stable_pool *p = &vm->shadow.pool;

	ASSERT(!cache_is_active(vm, t));
	drop_all(vm, t);
	while (t->parents != RMAP_END) {
		u32 node = t->parents;

		rmap_remove(p, &t->parents, node);
		stable_clear(rmap_table(p, node), rmap_index(node));
	}
	leave_chain(vm, t);
	if (t->kind == STABLE_ROOT)
		for (u32 i = HOST_PDE_FIRST; i < PAGE_WORDS; i++)
			t->entry[i] = 0;
	stable_give(p, t);
}

/* The one that was wanted longest ago goes. Roots in use stay. */
static void evict(struct vm *vm)
{
	struct shadow *s = &vm->shadow;
	struct stable *oldest = NULL;

	for (u32 n = 0; n < s->pool.count; n++) {
		struct stable *t = &s->pool.table[n];

		if (t->kind != STABLE_FREE && !cache_is_active(vm, t) &&
		    (!oldest || t->stamp < oldest->stamp))
			oldest = t;
	}
	ASSERT(oldest);
	cache_zap(vm, oldest);
	s->evicted++;
	tlb_flush();
}

HOT struct stable *cache_find(struct vm *vm, struct cache_key k)
{
	struct stable *t;

	for (t = cache_first(vm, k.gfn); t; t = cache_next(vm, t))
		if (t->kind == k.kind && t->role == k.role && t->slot == k.slot) {
			t->stamp = ++vm->shadow.clock;
			return t;
		}
	return NULL;
}

static void name_table(struct vm *vm, struct stable *t, struct cache_key k)
{
	struct shadow *s = &vm->shadow;
	u16 *head = &s->table_of[k.gfn];

	t->kind = k.kind;
	t->role = k.role;
	t->slot = k.slot;
	t->gfn = k.gfn;
	t->parents = RMAP_END;
	t->stamp = ++s->clock;
	t->next = *head ? *head - 1 : STABLE_NONE;
	*head = (u16)(stable_number(&s->pool, t) + 1);
}

HOT struct stable *cache_get(struct vm *vm, struct cache_key k)
{
	struct stable *t = cache_find(vm, k);

	if (t)
		return t;
	t = stable_take(&vm->shadow.pool);
	if (!t) {
		evict(vm);
		t = stable_take(&vm->shadow.pool);
	}
	name_table(vm, t, k);
	if (k.kind == STABLE_ROOT)
		paging_host_entries(t->entry);
	sync_watch(vm, k.gfn);
	vm->shadow.made++;
	return t;
}
