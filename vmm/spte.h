/*
 * Shadow entries: made here and nowhere else. A and D are always set, so that the CPU
 * never writes to a shadow; G is never set (TRAPS 22).
 */
#ifndef VMM_SPTE_H
#define VMM_SPTE_H

#include "kernel/paging.h"
#include "vmm/walk.h"

typedef struct {
	u32 v;
} spte_t; /* an entry of a shadow, for those who look */

static inline u32 spte_page(mpn_t m, bool writable)
{
	return mpn_addr(m).a | PTE_P | PTE_U | PTE_A | PTE_D | (writable ? PTE_W : 0);
}

static inline u32 spte_table(u32 machine, bool writable)
{
	return machine | PTE_P | PTE_U | PTE_A | (writable ? PTE_W : 0);
}

static inline u32 dir_index(gva_t v)
{
	return v.a >> 22;
}

static inline u32 leaf_index(gva_t v)
{
	return v.a >> PAGE_SHIFT & (PAGE_WORDS - 1);
}

#endif
