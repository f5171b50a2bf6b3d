/*
 * The block cache. Blocks are found by a hash; a block under transfer is busy
 * and makes others wait; a block in use is pinned by its reference count, so
 * that the clock leaves it alone while a copy into a program's page sleeps.
 */
#include "cache.h"

#include "../include/abi.h"
#include "assert.h"
#include "blk.h"
#include "ide.h"
#include "layout.h"
#include "reclaim.h"
#include "sched.h"
#include "space.h"
#include "x86.h"

enum {
	SECTOR = 512,
	BLOCK_SECTORS = PAGE_SIZE / SECTOR,
	BUCKETS = 1024, /* a power of two */
};

static uint16_t buckets[BUCKETS];
static uint32_t base; /* sectors */
static uint32_t size; /* bytes */
static struct waitq busy;

int user_copy(void *to, const void *from, uint32_t bytes);

/* The partition is FAT16: at most 2 GiB. */
void cache_init(uint32_t first_sector, uint32_t sectors)
{
	base = first_sector;
	size = sectors < UINT32_MAX / SECTOR ? sectors * SECTOR : UINT32_MAX;
}

/* The block's page if it is cached. */
static struct page *lookup(uint32_t block)
{
	uint32_t number = buckets[block % BUCKETS];

	while (number != 0 && pages[number].key != block)
		number = pages[number].next;
	return number != 0 ? &pages[number] : NULL;
}

/* Enters a page into its chain. */
static void insert(struct page *page, uint32_t block)
{
	page->key = block;
	page->next = buckets[block % BUCKETS];
	buckets[block % BUCKETS] = (uint16_t)page_number(page);
}

/* Takes a page out of its chain. */
static void remove(struct page *page)
{
	uint16_t *link = &buckets[page->key % BUCKETS];

	while (*link != page_number(page)) {
		assert(*link != 0);
		link = &pages[*link].next;
	}
	*link = page->next;
	page->next = 0;
}

/* Reads or writes a block; the last one of a partition may be short. */
static bool transfer(struct page *page, bool write)
{
	uint32_t sector = page->key * BLOCK_SECTORS;
	uint32_t left = size / SECTOR - sector;
	bool good;

	page->flags |= PAGE_BUSY;
	good = ide_transfer(base + sector, left < BLOCK_SECTORS ? left : BLOCK_SECTORS,
			    page, write);
	page->flags &= (uint8_t)~PAGE_BUSY;
	wake_all(&busy);
	return good;
}

/* A new page for a block; NULL with *again when somebody else was faster. */
static struct page *add(uint32_t block, bool fill, bool *again)
{
	struct page *page = page_alloc(PAGE_CACHE);

	if (page == NULL)
		return NULL;
	*again = lookup(block) != NULL;
	if (*again) {
		page_free(page);
		return NULL;
	}
	insert(page, block);
	if (fill && !transfer(page, false)) {
		remove(page);
		page_free(page);
		return NULL;
	}
	return page;
}

/* The block, pinned, read from the disk if `fill`. NULL: disk or memory failed. */
static struct page *get(uint32_t block, bool fill)
{
	struct page *page;
	bool again = true;

	while (again) {
		again = false;
		page = lookup(block);
		if (page == NULL) {
			page = add(block, fill, &again);
		} else if (page->flags & PAGE_BUSY) {
			sleep_on(&busy, false);
			again = true;
		} else {
			page->refs++;
		}
	}
	if (page != NULL)
		page->flags |= PAGE_REFERENCED;
	return page;
}

/* Unpins. */
static void put(struct page *page)
{
	assert(page->refs > 0);
	page->refs--;
}

/* Inside the partition, without wrapping? */
static bool in_range(uint32_t at, uint32_t bytes)
{
	return at <= size && bytes <= size - at;
}

/* The part of [at, at + bytes) that lies in at's block. */
static uint32_t part_of(uint32_t at, uint32_t bytes)
{
	uint32_t room = PAGE_SIZE - at % PAGE_SIZE;

	return bytes < room ? bytes : room;
}

/* Block by block. */
int blk_read(uint32_t at, void *buf, uint32_t bytes)
{
	struct page *page;
	uint32_t part;
	int failed;

	if (!in_range(at, bytes))
		return -EINVAL;
	for (; bytes > 0; bytes -= part) {
		part = part_of(at, bytes);
		page = get(at / PAGE_SIZE, true);
		if (page == NULL)
			return -EIO;
		failed = user_copy(buf, (char *)page_bytes(page) + at % PAGE_SIZE,
				   part);
		put(page);
		if (failed)
			return -EFAULT;
		at += part;
		buf = (char *)buf + part;
	}
	return 0;
}

/* A block that is overwritten whole need not be read. */
int blk_write(uint32_t at, const void *buf, uint32_t bytes)
{
	struct page *page;
	uint32_t part;
	int failed;

	if (!in_range(at, bytes))
		return -EINVAL;
	for (; bytes > 0; bytes -= part) {
		part = part_of(at, bytes);
		page = get(at / PAGE_SIZE, part < PAGE_SIZE);
		if (page == NULL)
			return -EIO;
		failed = user_copy((char *)page_bytes(page) + at % PAGE_SIZE, buf,
				   part);
		if (failed && part == PAGE_SIZE)
			page_clear(page_bytes(page));
		page->flags |= PAGE_DIRTY;
		put(page);
		if (failed)
			return -EFAULT;
		at += part;
		buf = (const char *)buf + part;
	}
	return 0;
}

/* Dirty again while it is written cannot be: writers wait for busy blocks. */
static bool write_back(struct page *page)
{
	page->flags &= (uint8_t)~PAGE_DIRTY;
	if (transfer(page, true))
		return true;
	page->flags |= PAGE_DIRTY;
	return false;
}

/* The clock's question: second chance, then out. */
bool cache_evict(struct page *page)
{
	if (page->refs > 0 || page->flags & PAGE_BUSY)
		return false;
	if (page->flags & PAGE_REFERENCED) {
		page->flags &= (uint8_t)~PAGE_REFERENCED;
		return false;
	}
	if (page->flags & PAGE_DIRTY && !write_back(page))
		return false;
	if (page->refs > 0 || page->flags & (PAGE_BUSY | PAGE_DIRTY))
		return false;
	remove(page);
	page_free(page);
	return true;
}

/* In block order, as the disk likes it. */
int cache_sync(void)
{
	struct page *page;
	int result = 0;

	for (uint32_t block = 0; block < size / PAGE_SIZE + 1; block++) {
		page = lookup(block);
		if (page == NULL || page->flags & PAGE_BUSY ||
		    !(page->flags & PAGE_DIRTY))
			continue;
		page->refs++;
		if (!write_back(page))
			result = -EIO;
		put(page);
	}
	return result;
}

/* For cold measurements. */
int cache_drop(void)
{
	int result = cache_sync();

	for (uint32_t i = 0; i < page_total; i++) {
		if (pages[i].type != PAGE_CACHE || pages[i].flags & PAGE_DIRTY)
			continue;
		pages[i].flags &= (uint8_t)~PAGE_REFERENCED;
		cache_evict(&pages[i]);
	}
	return result;
}
