/*
 * Making room: page_alloc is the allocator that everybody uses once the
 * machine is up; when free pages run low it turns the clock.
 *
 * One hand goes around the page array. A page used since it last came by
 * gets a second chance; else programs' pages go to swap and cached blocks to
 * where they came from. So the cache grows into all that is free, and shrinks
 * when programs want it.
 */
#ifndef RECLAIM_H
#define RECLAIM_H

#include "page.h"

/* As page_take, but makes room first. NULL: memory and swap are full. May sleep. */
struct page *page_alloc(enum page_type type);

/* Tries to free `wanted` pages; returns how many it did. May sleep. */
uint32_t reclaim(uint32_t wanted);

/* The two kinds of victims; true when the page is free now. May sleep. */
bool anon_evict(struct page *page);
bool cache_evict(struct page *page);

#endif
