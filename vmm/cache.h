/*
 * Inside the cached form: what shadow.c (faults and roots) and sync.c (writes to guest
 * tables) need of the tables (cache.c).
 */
#ifndef VMM_CACHE_H
#define VMM_CACHE_H

#include "vmm/vm.h"

/* The name under which a shadow is kept. */
struct cache_key {
	/* PPN of the guest table; mem_pages: the table that is none, paging off */
	u32 gfn;
	u8 kind, role;
	u16 slot; /* LARGE: the entry of the directory; else 0 */
};

/* The table with this name, made (and its guest table traced) if there is none. */
struct stable *cache_get(struct vm *vm, struct cache_key key);

/* The same, or NULL if there is none. */
struct stable *cache_find(struct vm *vm, struct cache_key key);

/* The first table made from this guest table, and the next one; NULL ends. */
static inline struct stable *cache_first(const struct vm *vm, u32 gfn)
{
	u32 n = gfn <= vm->mem_pages ? vm->shadow.table_of[gfn] : 0;

	return n ? &vm->shadow.pool.table[n - 1] : NULL;
}

static inline struct stable *cache_next(const struct vm *vm, const struct stable *t)
{
	return t->next == STABLE_NONE ? NULL : &vm->shadow.pool.table[t->next];
}

/* Makes entry i of a root point to a leaf. */
void cache_link(struct vm *vm, struct stable *root, u32 i, struct stable *leaf,
		u32 entry, u32 from);

/* Takes entry i out, if it is in use, with all that hangs on it / which is in use. */
void cache_drop(struct vm *vm, struct stable *t, u32 i);
void cache_drop_used(struct vm *vm, struct stable *t, u32 i);

/* Takes a whole table out of everything and back to the pool. Not a root in use. */
void cache_zap(struct vm *vm, struct stable *t);

bool cache_is_active(const struct vm *vm, const struct stable *t);

#endif
