/*
 * Page-table entries and the typed constructors that make them (SDM vol. 3A,
 * 4.3). Not-present entries have three forms: 0 is empty, a swapped one holds
 * its slot, a ready one a page that is there and only waits to be mapped.
 */
#ifndef PTE_H
#define PTE_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"

typedef uint32_t pte_t;

#define PTE_COW 0x200	  /* available bit: write means copy */
#define PTE_SOFT 0x800	  /* available bit: means nothing (the benchmark turns it) */
#define PTE_SWAPPED 0x400 /* not present: slot << 12 */
#define PTE_READY 0x800	  /* not present: page << 12 */

/* A program's page, just used: A is set, and D when it is writable. */
static inline pte_t pte_user(uint32_t number, bool writable)
{
	return number << PAGE_SHIFT | PTE_P | PTE_U | PTE_A |
	       (writable ? PTE_W | PTE_D : 0);
}

/* A program's writable page that equals its copy in swap: D is clear. */
static inline pte_t pte_user_clean(uint32_t number, bool writable)
{
	return number << PAGE_SHIFT | PTE_P | PTE_U | PTE_A | (writable ? PTE_W : 0);
}

/* A page of the kernel's. */
static inline pte_t pte_kernel(uint32_t number, bool writable)
{
	return number << PAGE_SHIFT | PTE_P | (writable ? PTE_W : 0);
}

/* A directory entry; the rights are in the tables. */
static inline pte_t pde_make(uint32_t number, bool user)
{
	return number << PAGE_SHIFT | PTE_P | PTE_W | PTE_A | (user ? PTE_U : 0);
}

/* A page that lives in a swap slot. */
static inline pte_t pte_swapped(uint32_t slot)
{
	return slot << PAGE_SHIFT | PTE_SWAPPED;
}

/* A page that waits to be mapped again. */
static inline pte_t pte_ready(uint32_t number)
{
	return number << PAGE_SHIFT | PTE_READY;
}

/* A page or slot number. */
static inline uint32_t pte_number(pte_t pte)
{
	return pte >> PAGE_SHIFT;
}

/* The one store to an entry: a plain move, whole and in order. */
static inline void pte_set(pte_t *where, pte_t pte)
{
	*(volatile pte_t *)where = pte;
}

#endif
