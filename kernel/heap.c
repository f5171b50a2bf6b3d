/*
 * The heap. An array has one number a page of address space: the length of the run that
 * starts there, or 0. First fit; there are a few dozen runs at most.
 */
#include "kernel/heap.h"
#include "kernel/frame.h"
#include "kernel/paging.h"
#include "kernel/panic.h"

enum { HEAP_PAGES = (HEAP_END - HEAP_BASE) / PAGE_SIZE };

static u16 run_length[HEAP_PAGES]; /* guard page included */
static u32 pages_used;

static u32 page_va(u32 i)
{
	return HEAP_BASE + (i << PAGE_SHIFT);
}

void heap_init(mpn_t first, u32 pages)
{
	ASSERT(pages > 0 && pages < HEAP_PAGES);
	for (u32 i = 0; i < pages; i++)
		paging_map(page_va(i), mpn(first.n + i));
	run_length[0] = (u16)pages;
	pages_used = pages;
}

/* The first gap of n pages, or HEAP_PAGES. */
static u32 find_gap(u32 n)
{
	u32 i = 0, gap = 0;

	while (i < HEAP_PAGES && gap < n) {
		if (run_length[i]) {
			i += run_length[i];
			gap = 0;
		} else {
			i++;
			gap++;
		}
	}
	return gap == n ? i - n : HEAP_PAGES;
}

static void unmap_run(u32 start, u32 n)
{
	for (u32 i = start + 1; i < start + n; i++) {
		mpn_t m = mpa_page(virt_to_phys((void *)(uintptr_t)page_va(i)));

		paging_unmap(page_va(i));
		frame_free(m);
		pages_used--;
	}
	run_length[start] = 0;
}

void *heap_alloc(u32 bytes)
{
	u32 n = (bytes >> PAGE_SHIFT) + ((bytes & PAGE_MASK) != 0) + 1;
	u32 start = n < HEAP_PAGES ? find_gap(n) : HEAP_PAGES;

	ASSERT(bytes > 0);
	if (start == HEAP_PAGES)
		return NULL;
	run_length[start] = (u16)n;
	for (u32 i = start + 1; i < start + n; i++) {
		mpn_t m;

		if (!frame_alloc(ZONE_ANY, FRAME_HOST, 0, 0, &m)) {
			unmap_run(start, i - start);
			return NULL;
		}
		paging_map(page_va(i), m);
		pages_used++;
	}
	return (void *)(uintptr_t)page_va(start + 1);
}

void heap_free(void *p)
{
	u32 start = ((u32)(uintptr_t)p - HEAP_BASE) / PAGE_SIZE - 1;

	ASSERT(start < HEAP_PAGES && run_length[start] > 1);
	unmap_run(start, run_length[start]);
}

u32 heap_pages(void)
{
	return pages_used;
}
