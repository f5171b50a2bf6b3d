/*
 * Plain stores to the directory: the lengths of their forms, and what they do.
 */
#include "vmm/store.h"
#include "kernel/kmap.h"
#include "vmm/cache.h"
#include "vmm/refill.h"
#include "vmm/tlb.h"

const u8 store_to_address[4][8] = {
	{2, 2, 2, 2, 3, 6, 2, 2},
	{3, 3, 3, 3, 4, 3, 3, 3},
	{6, 6, 6, 6, 7, 6, 6, 6},
};

/* Entry i of a guest table is not true any more. True: a shadow had it. */
ALWAYS_INLINE bool drop_entry(struct vm *vm, u32 gfn, u32 i)
{
	bool dropped = false;

	for (struct stable *t = cache_first(vm, gfn); t; t = cache_next(vm, t)) {
		if (!t->entry[i] || t->kind == STABLE_LARGE)
			continue;
		cache_drop(vm, t, i);
		dropped = true;
	}
	return dropped;
}

static HOT bool write_entry(struct vm *vm, u32 gfn, u32 i, u32 value)
{
	mpn_t m;

	if (!pmap_private(&vm->pmap, ppn(gfn), &m))
		return false;
	if (drop_entry(vm, gfn, i))
		tlb_flush();
	kmap_write(m, i, value);
	return true;
}

/*
 * What the mapping was made from says where v leads and what is allowed there, as a TLB entry
 * would: the guest's tables need not be asked again. Nor does it matter whether a page of
 * 4 MiB maps it.
 */
HOT bool store_to_directory(struct vm *vm, gva_t v, u32 value)
{
	u32 pde, pte = refill_made_from(vm, v, &pde), gfn = pte >> PAGE_SHIFT;

	if (!pte || gfn != vm->cpu.cr3 >> PAGE_SHIFT ||
	    (pte & (PTE_W | PTE_D)) != (PTE_W | PTE_D) || !(pde & PTE_W) ||
	    vm->traces.flags[gfn] != TRACE_TABLE)
		return false;
	return write_entry(vm, gfn, gva_offset(v) / STORE_WORD, value);
}
