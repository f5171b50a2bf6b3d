/*
 * Taking over leaves. An entry of the old root is right in the new one if the guest's two
 * directories have the same entry there: then it is what shadow.c would make at the fault.
 */
#include "vmm/adopt.h"
#include "kernel/kmap.h"
#include "vmm/cache.h"
#include "vmm/sync.h"

static void adopt(struct vm *vm, struct stable *root, u32 i, u32 entry, u32 pde)
{
	struct stable *leaf = stable_at(&vm->shadow.pool, entry);

	if (leaf->kind != STABLE_LEAF)
		return;
	leaf->stamp = ++vm->shadow.clock;
	sync_linked(vm, leaf->gfn, root->gfn);
	cache_link(vm, root, i, leaf, entry, pde);
}

/* The guest's directory is read once: what is compared is what is written down. */
static void adopt_from(struct vm *vm, struct stable *root, const struct stable *old,
		       const u32 *directory)
{
	stable_for_each_used(old, i)
	{
		if (directory[i] == old->made_from[i])
			adopt(vm, root, i, old->entry[i], old->made_from[i]);
	}
}

/* What a root's entries depend on besides the guest's must be the same: view and CR0.WP. */
void adopt_leaves(struct vm *vm, u16 before)
{
	struct stable_pool *p = &vm->shadow.pool;
	struct stable *root = &p->table[vm->shadow.active[vm->cpu.mode]];
	const struct stable *old = &p->table[before];
	const u32 *directory;
	mpn_t m;

	if (before == STABLE_NONE || old->kind != STABLE_ROOT ||
	    old->role != root->role || !pmap_private(&vm->pmap, ppn(root->gfn), &m))
		return;
	directory = kmap(m);
	adopt_from(vm, root, old, directory);
	kunmap(directory);
}
