/*
 * LRU for the host.
 */
#include "vmm/victim.h"
#include "kernel/heap.h"
#include "vmm/rmap.h"
#include "vmm/vm.h"

enum { AGE_MAX = 255 };

static bool is_mapped(const struct vm *vm, u32 p)
{
	return vm->shadow.rmap.head[p] != RMAP_END;
}

static void sample_page(struct vm *vm, u32 p)
{
	struct ages *a = &vm->ages;

	if (vm->pmap.entry[p].state != PMAP_PRIVATE || is_mapped(vm, p)) {
		a->of[p] = 0;
		shadow_drop(vm, ppn(p));
	} else if (a->of[p] < AGE_MAX) {
		a->of[p]++;
	}
	a->oldest = max_u32(a->oldest, a->of[p]);
}

void victim_sample(struct vm *vm)
{
	struct ages *a = &vm->ages;

	if (!vm->built || !vm->shadow.form->wide)
		return;
	if (!a->of)
		a->of = heap_alloc(vm->mem_pages);
	a->oldest = 0;
	for (u32 p = 0; a->of && p < vm->mem_pages; p++)
		sample_page(vm, p);
}

/* The first of this age from the hand on. */
static bool find(struct vm *vm, u32 age, ppn_t *p)
{
	struct ages *a = &vm->ages;

	for (u32 i = 0; i < vm->mem_pages; i++) {
		a->hand = a->hand + 1 < vm->mem_pages ? a->hand + 1 : 0;
		if (a->of[a->hand] >= age && swap_may_take(vm, ppn(a->hand))) {
			*p = ppn(a->hand);
			return true;
		}
	}
	return false;
}

/* The age of the oldest page that may go; false: none may. */
static bool oldest_age(const struct vm *vm, u32 *age)
{
	bool any = false;

	for (u32 p = 0; p < vm->mem_pages; p++) {
		if ((any && vm->ages.of[p] <= *age) || !swap_may_take(vm, ppn(p)))
			continue;
		*age = vm->ages.of[p];
		any = true;
	}
	return any;
}

/*
 * When no page of an age is left, the next younger ones are the oldest. Ages may be far
 * apart: pages that may never go are the oldest of all.
 */
bool victim_lru(struct vm *vm, ppn_t *p)
{
	struct ages *a = &vm->ages;

	if (!a->of)
		return swap_random_victim(vm, p);
	if (find(vm, a->oldest, p))
		return true;
	return oldest_age(vm, &a->oldest) && find(vm, a->oldest, p);
}

void victim_forget(struct vm *vm)
{
	if (vm->ages.of)
		heap_free(vm->ages.of);
	vm->ages = (struct ages){0};
}
