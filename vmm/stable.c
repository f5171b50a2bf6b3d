/*
 * The pool of shadow tables.
 */
#include "vmm/stable.h"
#include "kernel/frame.h"
#include "kernel/heap.h"
#include "kernel/paging.h"
#include "kernel/panic.h"

u32 stable_pages(u32 count, bool wide)
{
	u32 list = (count * (u32)sizeof(struct stable) + PAGE_MASK) >> PAGE_SHIFT;

	return list + count * (wide ? 3 : 1);
}

static bool make_table(struct stable *t, u32 number, bool wide, unsigned owner)
{
	struct frame *f;

	t->entry = heap_alloc(wide ? 3 * PAGE_SIZE : PAGE_SIZE);
	if (!t->entry)
		return false;
	if (wide) {
		t->made_from = t->entry + PAGE_WORDS;
		t->link = t->made_from + PAGE_WORDS;
	}
	t->machine = virt_to_phys(t->entry).a;
	f = frame_get(mpn(t->machine >> PAGE_SHIFT));
	f->use = FRAME_SHADOW;
	f->owner = (u16)owner;
	f->index = number;
	return true;
}

static void push_free(struct stable_pool *p, u32 number)
{
	p->table[number].kind = STABLE_FREE;
	p->table[number].next = p->free_head;
	p->free_head = (u16)number;
	p->free_count++;
}

bool stable_create(struct stable_pool *p, u32 count, bool wide, unsigned owner)
{
	ASSERT(count < STABLE_NONE);
	*p = (struct stable_pool){.free_head = STABLE_NONE};
	p->table = heap_alloc(count * sizeof *p->table);
	if (!p->table)
		return false;
	p->count = count;
	for (u32 i = count; i-- > 0;) {
		if (!make_table(&p->table[i], i, wide, owner))
			return false;
		push_free(p, i);
	}
	return true;
}

void stable_destroy(struct stable_pool *p)
{
	for (u32 i = 0; p->table && i < p->count; i++)
		if (p->table[i].entry)
			heap_free(p->table[i].entry);
	if (p->table)
		heap_free(p->table);
	*p = (struct stable_pool){.free_head = STABLE_NONE};
}

struct stable *stable_take(struct stable_pool *p)
{
	struct stable *t;

	if (p->free_head == STABLE_NONE)
		return NULL;
	t = &p->table[p->free_head];
	ASSERT(t->kind == STABLE_FREE && t->count == 0);
	p->free_head = t->next;
	p->free_count--;
	t->next = STABLE_NONE;
	return t;
}

/* By the bitmap: most tables have few entries. */
void stable_give(struct stable_pool *p, struct stable *t)
{
	ASSERT(t->kind != STABLE_FREE);
	stable_for_each_used(t, i) stable_clear(t, i);
	t->busy = 0;
	push_free(p, stable_number(p, t));
}

struct stable *stable_at(const struct stable_pool *p, u32 entry)
{
	u32 number = frame_get(mpn(entry >> PAGE_SHIFT))->index;

	ASSERT(number < p->count && p->table[number].machine >> 12 == entry >> 12);
	return &p->table[number];
}

HOT u32 stable_next_used(const struct stable *t, u32 i)
{
	u32 word = i / 32, bits, more;

	if (i >= PAGE_WORDS)
		return PAGE_WORDS;
	bits = t->used[word] & ~0u << i % 32;
	for (more = t->busy & ~1u << word; !bits; bits = t->used[word]) {
		if (!more)
			return PAGE_WORDS;
		word = (u32)__builtin_ctz(more);
		more &= more - 1;
	}
	return word * 32 + (u32)__builtin_ctz(bits);
}
