/*
 * The page array: who has which physical page.
 *
 * The list is last in, first out, so that a page just freed, warm in every
 * cache and table, is the next one used.
 */
#include "page.h"

#include "assert.h"

struct page *pages;
uint32_t page_total;
uint32_t page_count[PAGE_TYPES];

static uint16_t free_head;

/* Called once, before any other. */
void page_init(struct page *array, uint32_t count)
{
	assert(count <= UINT16_MAX + 1u);
	pages = array;
	page_total = count;
	free_head = 0;
	for (uint32_t i = 0; i < PAGE_TYPES; i++)
		page_count[i] = 0;
	for (uint32_t i = 0; i < count; i++)
		array[i] = (struct page){.type = PAGE_RESERVED};
	page_count[PAGE_RESERVED] = count;
}

/* The page's number is its place in the array. */
uint32_t page_number(const struct page *page)
{
	return (uint32_t)(page - pages);
}

/* The other way round; the number must be RAM's. */
struct page *page_at(uint32_t number)
{
	assert(number < page_total);
	return &pages[number];
}

/* Moves a page from one count to another. */
static void set_type(struct page *page, enum page_type type)
{
	page_count[page->type]--;
	page_count[type]++;
	page->type = type;
}

/* Pushes a page onto the free list. */
static void push(struct page *page)
{
	set_type(page, PAGE_UNUSED);
	page->flags = 0;
	page->refs = 0;
	page->slot = 0;
	page->key = 0;
	page->next = free_head;
	free_head = (uint16_t)page_number(page);
}

/* Used at boot, once for each stretch of RAM; high pages are handed out last. */
void page_release(uint32_t first, uint32_t end)
{
	if (end > page_total)
		end = page_total;
	for (uint32_t i = end; i > first && i > 1; i--) {
		assert(pages[i - 1].type == PAGE_RESERVED);
		push(&pages[i - 1]);
	}
}

/* The caller sees to the bytes; reclaim.h has the form that makes room first. */
struct page *page_take(enum page_type type)
{
	struct page *page;

	if (free_head == 0)
		return NULL;
	page = &pages[free_head];
	assert(page->type == PAGE_UNUSED);
	free_head = page->next;
	page->next = 0;
	page->refs = 1;
	set_type(page, type);
	return page;
}

/* A page freed twice, or freed under a transfer, is a bug of ours. */
void page_free(struct page *page)
{
	assert(page->type > PAGE_UNUSED && page->type < PAGE_TYPES);
	assert(!(page->flags & PAGE_BUSY));
	push(page);
}
