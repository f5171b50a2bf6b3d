/*
 * Physical pages: one small record for each, and the free list.
 *
 * Units are pages of 4 KiB; a page is named by its record, its number is the
 * record's place in the array. The free list is threaded through the records
 * and never through the pages: a page that was a page table may still be
 * watched by whatever runs beneath us, and writing to it would be slow.
 * Nothing here sleeps or touches a page's bytes, so it compiles on a host.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum page_type {
	PAGE_RESERVED, /* not RAM, or the kernel's image */
	PAGE_UNUSED,   /* on the free list */
	PAGE_KERNEL,   /* heap, stacks */
	PAGE_TABLE,    /* page tables and directories */
	PAGE_ANON,     /* a program's */
	PAGE_CACHE,    /* a cached disk block */
	PAGE_BALLOON,  /* lent to the machine below: never touched */
	PAGE_TYPES
};

enum page_flag {
	PAGE_REFERENCED = 1, /* cache: used since the clock hand passed */
	PAGE_DIRTY = 2,	     /* cache: newer than the disk */
	PAGE_BUSY = 4,	     /* a disk transfer is under way */
};

struct page {
	uint8_t type;  /* enum page_type */
	uint8_t flags; /* enum page_flag */
	uint16_t refs; /* anon: page-table entries; cache: users at work */
	uint16_t next; /* free list or hash chain, 0 ends it */
	uint16_t slot; /* anon: its copy in swap, 0 for none */
	uint32_t key;  /* anon: GVA >> 12; cache: block number */
};

extern struct page *pages;
extern uint32_t page_total;		/* records in the array */
extern uint32_t page_count[PAGE_TYPES]; /* how many there are of each type */

/* Takes over the array; every page is reserved at first. */
void page_init(struct page *array, uint32_t count);

/* Puts the reserved pages of [first, end) on the free list. Page 0 stays out. */
void page_release(uint32_t first, uint32_t end);

/* A free page, now of `type` with refs = 1 and unknown bytes; NULL if none. */
struct page *page_take(enum page_type type);

/* Gives back a page that nothing maps and no transfer uses. */
void page_free(struct page *page);

/* The page's number, and the page of a number below page_total. */
uint32_t page_number(const struct page *page);
struct page *page_at(uint32_t number);

#endif
