/*
 * The heap. Each page holds pieces of one size (a power of two) and a header;
 * free pieces are chained through themselves, as their page is in use. A page
 * whose last piece comes back goes back too.
 */
#include "heap.h"

#include "../lib/string.h"
#include "assert.h"
#include "layout.h"
#include "reclaim.h"
#include "space.h"

enum { SMALLEST = 32, CLASSES = 5 };

struct piece {
	struct piece *next;
};

struct heap_page {
	struct heap_page *next; /* of this class, with pieces free */
	struct heap_page *previous;
	struct piece *free;
	uint16_t class;
	uint16_t used;
};

static struct heap_page *with_room[CLASSES];

/* The smallest class that fits. */
static uint32_t class_of(uint32_t bytes)
{
	uint32_t class = 0;

	while ((uint32_t)SMALLEST << class < bytes)
		class ++;
	return class;
}

/* Into its class's list. */
static void link(struct heap_page *page)
{
	page->previous = NULL;
	page->next = with_room[page->class];
	if (page->next != NULL)
		page->next->previous = page;
	with_room[page->class] = page;
}

/* Out of its class's list. */
static void unlink(struct heap_page *page)
{
	if (page->next != NULL)
		page->next->previous = page->previous;
	if (page->previous != NULL)
		page->previous->next = page->next;
	else
		with_room[page->class] = page->next;
}

/* Cuts a new page up; the header takes the first piece or two. */
static struct heap_page *grow(uint32_t class)
{
	struct page *record = page_alloc(PAGE_KERNEL);
	uint32_t size = (uint32_t)SMALLEST << class;
	struct heap_page *page;
	struct piece *piece;

	if (record == NULL)
		return NULL;
	page = page_bytes(record);
	*page = (struct heap_page){.class = (uint16_t) class};
	for (uint32_t at = PAGE_SIZE - size; at >= sizeof(*page); at -= size) {
		piece = (struct piece *)((char *)page + at);
		piece->next = page->free;
		page->free = piece;
	}
	link(page);
	return page;
}

/* For objects that come and go with processes. */
void *heap_alloc(uint32_t bytes)
{
	uint32_t class = class_of(bytes);
	struct heap_page *page;
	struct piece *piece;

	assert(bytes > 0 && bytes <= HEAP_MAX);
	page = with_room[class];
	if (page == NULL)
		page = grow(class);
	if (page == NULL)
		return NULL;
	piece = page->free;
	page->free = piece->next;
	page->used++;
	if (page->free == NULL)
		unlink(page);
	return memset(piece, 0, bytes);
}

/* The header is found at the start of the object's page. */
void heap_free(void *object)
{
	struct heap_page *page = (struct heap_page *)((uint32_t)object &
						      ~(PAGE_SIZE - 1u));
	struct piece *piece = object;

	assert(page->used > 0);
	if (page->free == NULL)
		link(page);
	piece->next = page->free;
	page->free = piece;
	if (--page->used == 0) {
		unlink(page);
		page_free(page_at(address_number(page)));
	}
}
