/*
 * The quick refill: the hidden fault of the cached form that comes by far most often. The
 * leaf is there, the guest's entry allows the access and has its A (and D) bit, the page
 * has a frame of its own. Everything else, and every doubt, is shadow_fault's.
 */
#ifndef VMM_REFILL_H
#define VMM_REFILL_H

#include "vmm/vm.h"

enum refilled {
	REFILL_UNSURE, /* nothing was done: ask shadow_fault */
	REFILL_DONE,   /* the entry is installed */
	REFILL_TRUE,   /* the guest's entry is not present: its own fault */
	REFILL_DENIED, /* it is, but does not allow this: its own fault, too */
};

/*
 * The table at an entry of the root that is loaded. Where a table of the pool lies never
 * changes, so what was found for an entry stays right as long as the VM lives.
 */
ALWAYS_INLINE struct stable *refill_leaf_at(struct vm *vm, u32 entry)
{
	struct quick *q = &vm->quick;

	if (q->leaf_entry[vm->view] != entry) {
		q->leaf[vm->view] = stable_at(&vm->shadow.pool, entry);
		q->leaf_entry[vm->view] = entry;
	}
	return q->leaf[vm->view];
}

/*
 * What the guest's entry for v was as its mapping in the loaded view was made: as good as
 * what a TLB holds. 0: nothing is mapped there. *pde: the same of its directory.
 */
ALWAYS_INLINE u32 refill_made_from(struct vm *vm, gva_t v, u32 *pde)
{
	struct shadow *s = &vm->shadow;
	const struct stable *root = &s->pool.table[s->active[vm->view]], *leaf;
	u32 i = dir_index(v), entry = root->entry[i];

	if (!(entry & PTE_P))
		return 0;
	*pde = root->made_from[i];
	leaf = refill_leaf_at(vm, entry);
	i = leaf_index(v);
	return leaf->entry[i] ? leaf->made_from[i] : 0;
}

/* v is below HOST_BASE. Never sleeps. */
enum refilled refill(struct vm *vm, gva_t v, unsigned acc);

#endif
