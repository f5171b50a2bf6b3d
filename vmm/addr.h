/*
 * The guest's address spaces. GVA -> (guest page tables) -> GPA, whose page number is
 * the PPN -> (pmap) -> MPN. One letter tells them apart: g guest, s shadow, m machine.
 */
#ifndef VMM_ADDR_H
#define VMM_ADDR_H

#include "kernel/types.h"

typedef struct {
	u32 a;
} gva_t; /* guest-virtual (after segmentation: linear) */

typedef struct {
	u32 a;
} gpa_t; /* guest-"physical" */

typedef struct {
	u32 n;
} ppn_t; /* guest-"physical" page number */

static inline gva_t gva(u32 a)
{
	return (gva_t){a};
}

static inline gpa_t gpa(u32 a)
{
	return (gpa_t){a};
}

static inline ppn_t ppn(u32 n)
{
	return (ppn_t){n};
}

static inline ppn_t gpa_page(gpa_t p)
{
	return (ppn_t){p.a >> PAGE_SHIFT};
}

static inline gpa_t ppn_addr(ppn_t p)
{
	return (gpa_t){p.n << PAGE_SHIFT};
}

static inline u32 gpa_offset(gpa_t p)
{
	return p.a & PAGE_MASK;
}

static inline u32 gva_offset(gva_t v)
{
	return v.a & PAGE_MASK;
}

#endif
