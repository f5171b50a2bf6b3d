/*
 * What lies around the code under test, on the arena: windows to machine pages, the heap,
 * the TLB, and the other ends of calls that lead out of the model. Pages without a window,
 * the heap between blocks and the frame table's ends are guarded: the sanitizer stops who
 * touches them.
 */
#include "grader/judge/subject.h"

#include "grader/judge/lockdown.h"
#include "kernel/heap.h"
#include "kernel/kmap.h"
#include "kernel/lib.h"
#include "kernel/panic.h"

#include <sanitizer/asan_interface.h>
#include <string.h>

static u16 windows[ALL_PAGES]; /* held, by MPN */

/* No page has a window that stays. */
struct kmap_slot kmap_slots[KMAP_SLOTS];

void guard(const void *p, size_t n)
{
	ASAN_POISON_MEMORY_REGION(p, n);
}

void unguard(const void *p, size_t n)
{
	ASAN_UNPOISON_MEMORY_REGION(p, n);
}

/* Before any other code of this program runs, but the sanitizer's own. */
static void lock_down(void)
{
	if (!lockdown_inner())
		__builtin_trap();
}
__attribute__((section(".preinit_array"),
	       used)) static void (*const first)(void) = lock_down;

void model_init(void)
{
	guard(arena->beyond, sizeof(arena->beyond));
	guard(arena->page, sizeof(arena->page));
}

void *kmap(mpn_t m)
{
	if (m.n == 0 || m.n >= MACHINE_PAGES)
		panic("kmap of MPN 0x%x: there is no memory", m.n);
	if (windows[m.n]++ == 0)
		unguard(arena->page[m.n], PAGE_SIZE);
	arena->calls.kmaps++;
	return arena->page[m.n];
}

void kunmap(const void *p)
{
	u32 m = (u32)(((const u8 *)p - arena->page[0]) / PAGE_SIZE);

	if (m >= MACHINE_PAGES || windows[m] == 0)
		panic("kunmap of what is not mapped");
	if (--windows[m] == 0)
		guard(arena->page[m], PAGE_SIZE);
	arena->calls.kmaps--;
}

void zero_page(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

/* --- the heap -------------------------------------------------------------------------- */

/* The first page of so many that no block holds, and one before them; 0: there are none. */
static u32 find_pages(u32 pages)
{
	u32 first = MACHINE_PAGES + 1;

	for (u32 i = 0; i < HEAP_BLOCKS; i++) {
		const struct block *b = &arena->block[i];

		if (b->pages && first < b->first + b->pages + 1 &&
		    b->first < first + pages + 1) {
			first = b->first + b->pages + 1;
			i = ~0u; /* from the start again */
		}
	}
	return first + pages <= ALL_PAGES ? first : 0;
}

static struct block *free_block(void)
{
	for (u32 i = 0; i < HEAP_BLOCKS; i++)
		if (!arena->block[i].pages)
			return &arena->block[i];
	return NULL;
}

void *heap_alloc(u32 bytes)
{
	u32 pages = (bytes + PAGE_MASK) >> PAGE_SHIFT;
	struct block *b = free_block();
	u32 first = pages && pages < HEAP_PAGES ? find_pages(pages) : 0;

	if (!b || !first || arena->heap_left == 0)
		return NULL;
	if (arena->heap_left != ~0u)
		arena->heap_left--;
	*b = (struct block){first, pages, bytes};
	unguard(arena->page[first], bytes);
	memset(arena->page[first], 0, bytes);
	return arena->page[first];
}

void heap_free(void *p)
{
	for (u32 i = 0; i < HEAP_BLOCKS; i++) {
		struct block *b = &arena->block[i];

		if (!b->pages || p != arena->page[b->first])
			continue;
		guard(arena->page[b->first], b->pages * PAGE_SIZE);
		*b = (struct block){0};
		return;
	}
	panic("heap_free of what heap_alloc never gave, or of a block freed before");
}
