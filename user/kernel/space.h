/*
 * Address spaces: a page directory, and the three regions of a program.
 *
 *   [text_start, text_end)   read-only
 *   [data_start, brk)        data, bss and heap, writable
 *   [USTACK_TOP - USTACK_SIZE, USTACK_TOP)   stack
 *
 * Pages are given at the first touch (fault.h). All addresses here are GVAs.
 * A page that several spaces share is at the same GVA in each, as only fork
 * shares: so its record's key finds all entries that map it.
 */
#ifndef SPACE_H
#define SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "page.h"
#include "pte.h"

enum region { REGION_NONE, REGION_TEXT, REGION_DATA, REGION_STACK };

struct space {
	pte_t *directory; /* in the direct map; NULL: no space */
	uint32_t text_start, text_end;
	uint32_t data_start, data_end; /* data_end: where the heap begins */
	uint32_t brk;
	uint32_t stack_low; /* the lowest stack page that was touched */
	bool loading;	    /* exec fills the text: it is writable */
};

/* The direct map of RAM. */
void *page_bytes(const struct page *page);
uint32_t address_number(const void *kernel_address);

/* A space of the kernel's half alone; false when memory is out. May sleep. */
bool space_create(struct space *space);

/* Copies parent (the running one) into child, sharing pages. May sleep. */
bool space_fork(struct space *parent, struct space *child);

/* Gives back all program pages and their tables, keeps the directory. */
void space_clear(struct space *space);

/* Gives back everything. The space must not be loaded. */
void space_destroy(struct space *space);

/* Gives back the pages of [start, end). The caller flushes. */
void space_unmap(struct space *space, uint32_t start, uint32_t end);

/* Takes write permission from the text after exec loaded it, and flushes. */
void space_protect_text(struct space *space);

/* How many of its pages are in memory, and how many in swap. */
void space_count(const struct space *space, uint32_t *resident, uint32_t *swapped);

/* Makes the space current; no CR3 write when it is already. */
void space_load(const struct space *space);

/* Makes the kernel's own directory current, before a space dies. */
void space_load_kernel(void);

/* Is this space the one in CR3? */
bool space_is_loaded(const struct space *space);

/* The region that an address lies in. */
enum region space_region(const struct space *space, uint32_t address);

/* The entry of an address, NULL when its table is missing. */
pte_t *space_find(const struct space *space, uint32_t address);

/* The same, making the table; NULL when memory is out. May sleep. */
pte_t *space_make(struct space *space, uint32_t address);

/*
 * Copies from or to the running program, checked: 0 or -1. May sleep. The
 * kernel's side may be any kernel memory that stays put.
 */
int user_read(void *to, const void *from, uint32_t bytes);
int user_write(void *to, const void *from, uint32_t bytes);

/* A string of at most size - 1 bytes: its length, or -error. May sleep. */
int user_string(char *to, const char *from, uint32_t size);

/* Is [address, address + bytes) below the kernel? */
bool user_range(const void *address, uint32_t bytes);

#endif
