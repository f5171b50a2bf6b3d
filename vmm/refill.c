/*
 * The quick refill. It does what shadow.c's fault() does, for the case in which nothing
 * but the leaf's entry has to change; each test below stands for a step left out there.
 */
#include "vmm/refill.h"
#include "kernel/kmap.h"
#include "vmm/rmap.h"
#include "vmm/spte.h"
#include "vmm/trace.h"
#include "vmm/vm.h"

/*
 * The root's entry for v, if it is a page table's, and as the guest has it now: its
 * directory is traced.
 */
static inline struct stable *find_leaf(struct vm *vm, gva_t v, u32 *pde)
{
	struct shadow *s = &vm->shadow;
	const struct stable *root = &s->pool.table[s->active[vm->view]];
	u32 i = dir_index(v), entry = root->entry[i];
	struct stable *leaf;

	if (!(entry & PTE_P) || !(vm->traces.flags[root->gfn] & TRACE_TABLE))
		return NULL;
	*pde = root->made_from[i];
	leaf = refill_leaf_at(vm, entry);
	return leaf->kind == STABLE_LEAF ? leaf : NULL;
}

/* What the guest's entries do not allow; kernel writes with CR0.WP = 0 are allowed. */
static inline bool denies(const struct vm *vm, unsigned acc, u32 rights)
{
	bool user = vm->view == VMODE_USER;

	if (user && !(rights & PTE_U))
		return true;
	return acc & ACC_WRITE && !(rights & PTE_W) && (user || vm->cpu.cr0 & CR0_WP);
}

/* The access cannot simply be let through: whose fault is it? */
static NOINLINE enum refilled refuse(const struct vm *vm, unsigned acc, u32 pde,
				     u32 pte)
{
	if (!(pte & PTE_P))
		return REFILL_TRUE;
	return denies(vm, acc, pde & pte) ? REFILL_DENIED : REFILL_UNSURE;
}

static inline void install(struct vm *vm, struct stable *leaf, u32 i, u32 entry,
			   u32 pte)
{
	struct shadow *s = &vm->shadow;
	u32 *head = &s->rmap.head[pte >> PAGE_SHIFT];

	stable_add(leaf, i, entry);
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

/*
 * What both of the guest's entries must have, so that the access is allowed and the CPU
 * would change neither of them (D counts in the last alone).
 */
static inline u32 needed(const struct vm *vm, unsigned acc)
{
	return PTE_P | PTE_A | (vm->view == VMODE_USER ? PTE_U : 0) |
	       (acc & ACC_WRITE ? PTE_W | PTE_D : 0);
}

HOT enum refilled refill(struct vm *vm, gva_t v, unsigned acc)
{
	struct stable *leaf;
	u32 pde, pte, entry, i = leaf_index(v), need = needed(vm, acc);
	mpn_t m;

	if (!vm->quick.refills || !(leaf = find_leaf(vm, v, &pde)) ||
	    !pmap_private(&vm->pmap, ppn(pde >> PAGE_SHIFT), &m))
		return REFILL_UNSURE;
	pte = kmap_read(m, i);
	if (((pde | PTE_D) & pte & need) != need)
		return refuse(vm, acc, pde, pte);
	if (leaf->entry[i] || !choose(vm, acc, pte, &entry))
		return REFILL_UNSURE;
	install(vm, leaf, i, entry, pte);
	return REFILL_DONE;
}
