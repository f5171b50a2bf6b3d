/*
 * The clock's hand. It looks at each page at most three times in one go: once
 * to take the reference bit, once to take the page, once for what was busy.
 */
#include "reclaim.h"

#include "assert.h"

enum {
	LOW_WATER = 8, /* free pages below which the clock turns */
	BATCH = 16,
	ROUNDS = 3,
};

static uint32_t hand;

/* The page under the hand. */
static bool evict(struct page *page)
{
	switch (page->type) {
	case PAGE_ANON:
		return anon_evict(page);
	case PAGE_CACHE:
		return cache_evict(page);
	case PAGE_RESERVED:
	case PAGE_UNUSED:
	case PAGE_KERNEL:
	case PAGE_TABLE:
	case PAGE_BALLOON:
		return false;
	}
	panic("page %u has type %u", page_number(page), page->type);
}

/* Others may run, and turn the hand, while this sleeps. */
uint32_t reclaim(uint32_t wanted)
{
	uint32_t freed = 0;
	uint32_t looks = ROUNDS * page_total;

	for (; freed < wanted && looks > 0; looks--) {
		hand = hand + 1 < page_total ? hand + 1 : 0;
		freed += evict(&pages[hand]);
	}
	return freed;
}

/* Room is made in batches, while there is still a little left. */
struct page *page_alloc(enum page_type type)
{
	struct page *page;

	if (page_count[PAGE_UNUSED] < LOW_WATER)
		reclaim(BATCH);
	page = page_take(type);
	if (page == NULL && reclaim(1) > 0)
		page = page_take(type);
	return page;
}
