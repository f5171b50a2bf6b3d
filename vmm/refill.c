/*
 * The quick refill. It does what shadow.c's fault() does, for the case in which nothing
 * but the leaf's entry has to change; each test below stands for a step left out there.
 */
#include "vmm/refill.h"
#include "kernel/frame.h"
#include "kernel/kmap.h"
#include "vmm/rmap.h"
#include "vmm/spte.h"
#include "vmm/trace.h"
#include "vmm/vm.h"

/*
 * The root's entry for v, if it is a page table's, and as the guest has it now: its
 * directory is traced.
 */
static inline bool find_leaf(struct vm *vm, gva_t v, struct stable **leaf, u32 *pde)
{
	struct shadow *s = &vm->shadow;
	const struct stable *root = &s->pool.table[s->active[vm->view]];
	u32 i = dir_index(v), entry = root->entry[i];

	if (!(entry & PTE_P) || root->gfn >= vm->mem_pages ||
	    !(vm->traces.flags[root->gfn] & TRACE_TABLE))
		return false;
	*pde = root->made_from[i];
	*leaf = &s->pool.table[frame_get(mpn(entry >> PAGE_SHIFT))->index];
	return (*leaf)->kind == STABLE_LEAF;
}

/* The guest's entry, wherever it lies in a page of its own. */
static inline bool read_pte(const struct vm *vm, gva_t v, u32 pde, u32 *pte)
{
	mpn_t m;

	if (!pmap_private(&vm->pmap, ppn(pde >> PAGE_SHIFT), &m))
		return false;
	*pte = kmap_read(m, leaf_index(v));
	return true;
}

/* What the guest's entries do not allow; kernel writes with CR0.WP = 0 are allowed. */
static inline bool denies(const struct vm *vm, unsigned acc, u32 rights)
{
	bool user = vm->view == VMODE_USER;

	if (user && !(rights & PTE_U))
		return true;
	return acc & ACC_WRITE && !(rights & PTE_W) && (user || vm->cpu.cr0 & CR0_WP);
}

/* Are the bits set that the CPU would set? A write where W is clear is the long way's. */
static inline bool is_marked(unsigned acc, u32 pde, u32 pte)
{
	u32 need = acc & ACC_WRITE ? PTE_A | PTE_D | PTE_W : PTE_A;

	return (pte & need) == need && pde & PTE_A;
}

static inline void install(struct vm *vm, struct stable *leaf, u32 i, u32 entry,
			   u32 pte)
{
	struct shadow *s = &vm->shadow;
	u32 *head = &s->rmap.head[pte >> PAGE_SHIFT];

	stable_set(leaf, i, entry);
	leaf->made_from[i] = pte;
	leaf->link[i] = *head;
	*head = rmap_node(&s->pool, leaf, i);
	s->refills++;
}

/* The frame to map and whether writable; false: this needs the long way. */
static inline bool choose(const struct vm *vm, unsigned acc, u32 pte, u32 *entry)
{
	unsigned traces;
	mpn_t m;

	if (!pmap_private(&vm->pmap, ppn(pte >> PAGE_SHIFT), &m))
		return false;
	traces = vm->traces.flags[pte >> PAGE_SHIFT] & TRACES;
	if (traces && acc & ACC_WRITE)
		return false;
	*entry = spte_page(m, (pte & (PTE_W | PTE_D)) == (PTE_W | PTE_D) && !traces);
	return true;
}

HOT enum refilled refill(struct vm *vm, gva_t v, unsigned acc)
{
	struct stable *leaf;
	u32 pde, pte, entry, i = leaf_index(v);

	if (!vm->quick.refills || vm->view != vm->cpu.mode ||
	    !find_leaf(vm, v, &leaf, &pde) || !read_pte(vm, v, pde, &pte))
		return REFILL_UNSURE;
	if (!(pte & PTE_P))
		return REFILL_TRUE;
	if (denies(vm, acc, pde & pte))
		return REFILL_DENIED;
	if (stable_uses(leaf, i) || !is_marked(acc, pde, pte) ||
	    !choose(vm, acc, pte, &entry))
		return REFILL_UNSURE;
	install(vm, leaf, i, entry, pte);
	return REFILL_DONE;
}
