/*
 * What a graded kernel has in the place of vmm/vtlb.c and of the quick ways of shadow
 * paging: nothing that a student's code could call, or copy, to have it do the work of
 * shadow.c. Lab runs use none of them: shadow=cached quick=off.
 */
#include "kernel/panic.h"
#include "vmm/adopt.h"
#include "vmm/dirwrite.h"
#include "vmm/refill.h"
#include "vmm/shadow.h"

static u32 tables(u32 mem_pages)
{
	panic("shadow=vtlb for %u pages: a graded kernel has no virtual TLB",
	      mem_pages);
}

static bool create(struct vm *vm)
{
	(void)vm;
	panic("a graded kernel has no virtual TLB");
}

const struct shadow_form vtlb_form = {
	.name = "vtlb",
	.tables = tables,
	.create = create,
};

enum refilled refill(struct vm *vm, gva_t v, unsigned acc)
{
	(void)vm, (void)v, (void)acc;
	return REFILL_UNSURE;
}

bool dirwrite(struct vm *vm, gva_t v)
{
	(void)vm, (void)v;
	return false;
}

void adopt_leaves(struct vm *vm, u16 before)
{
	(void)vm, (void)before;
}
