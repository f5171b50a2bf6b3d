/*
 * Shadow tables, the pages: a pool of them per VM, made when the VM is built. A table
 * has up to three arrays of 1,024 words side by side:
 *
 *      entry[i]      what the CPU reads: PTE of a leaf, PDE of a root
 *      made_from[i]  the guest's entry as it was when entry[i] was made     (wide pools)
 *      link[i]       next node of the list that entry[i] is on: see rmap.h  (wide pools)
 *
 * `used` says which entries may be non-zero, `busy` which words of `used` may be; a free
 * table is all zero, so taking one costs no clearing. The frame of a table is named FRAME_SHADOW, with the table's
 * number as its index: that leads from a machine address in an entry back to the table.
 */
#ifndef VMM_STABLE_H
#define VMM_STABLE_H

#include "kernel/types.h"

enum { STABLE_NONE = 0xffff, STABLE_USED_WORDS = PAGE_WORDS / 32 };

enum stable_kind {
	STABLE_FREE,
	STABLE_ROOT,  /* of a guest page directory */
	STABLE_LEAF,  /* of a guest page table */
	STABLE_LARGE, /* of one 4 MiB page: of one entry of a directory */
};

struct stable {
	u32 *entry, *made_from, *link;
	u32 machine; /* machine address of entry[] */
	u32 used[STABLE_USED_WORDS];
	u16 count;   /* used entries */
	u8 kind;     /* enum stable_kind */
	u8 role;     /* enum shadow_role */
	u32 gfn;     /* PPN of the guest table; of the directory for LARGE */
	u16 slot;    /* LARGE: which entry of that directory */
	u16 next;    /* in the free list, or among the tables of one gfn */
	u32 parents; /* node of the first root entry that points here */
	u32 stamp;   /* when it was last wanted */
	u32 busy;    /* words of used[], by bit */
} __attribute__((aligned(256))); /* a table's number is a shift away */

struct stable_pool {
	struct stable *table;
	u32 count;
	u16 free_head;
	u16 free_count;
};

/* False: no memory; stable_destroy gives back what there is. */
bool stable_create(struct stable_pool *p, u32 count, bool wide, unsigned owner);
void stable_destroy(struct stable_pool *p);

/* Pages that a pool takes. */
u32 stable_pages(u32 count, bool wide);

/* A free table, or NULL. Everything in it is zero but its number. */
struct stable *stable_take(struct stable_pool *p);

/* Gives one back: clears what is used. */
void stable_give(struct stable_pool *p, struct stable *t);

/* The table at a machine address that an entry holds. */
struct stable *stable_at(const struct stable_pool *p, u32 entry);

static inline u32 stable_number(const struct stable_pool *p, const struct stable *t)
{
	return (u32)(t - p->table);
}

static inline bool stable_uses(const struct stable *t, u32 i)
{
	return t->used[i / 32] >> i % 32 & 1;
}

static inline void stable_mark(struct stable *t, u32 i)
{
	u32 *word = &t->used[i / 32];

	if (!*word)
		t->busy |= 1u << i / 32;
	*word |= 1u << i % 32;
}

static inline void stable_set(struct stable *t, u32 i, u32 entry)
{
	t->count += !stable_uses(t, i);
	stable_mark(t, i);
	t->entry[i] = entry;
}

/* The same for an entry that is not in use. */
static inline void stable_add(struct stable *t, u32 i, u32 entry)
{
	t->count++;
	stable_mark(t, i);
	t->entry[i] = entry;
}

static inline void stable_clear(struct stable *t, u32 i)
{
	t->count -= stable_uses(t, i);
	t->used[i / 32] &= ~(1u << i % 32);
	t->entry[i] = 0;
}

/* The same for an entry that is in use. */
static inline void stable_remove(struct stable *t, u32 i)
{
	t->count--;
	t->used[i / 32] &= ~(1u << i % 32);
	t->entry[i] = 0;
}

/* The first used entry at or after i, or PAGE_WORDS. */
u32 stable_next_used(const struct stable *t, u32 i);

#define stable_for_each_used(t, i)                           \
	for (u32 i = stable_next_used(t, 0); i < PAGE_WORDS; \
	     i = stable_next_used(t, i + 1))

#endif
