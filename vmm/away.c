/*
 * Bringing pages back.
 */
#include "vmm/away.h"
#include "vmm/reclaim.h"
#include "vmm/walk.h"

bool away_bring(struct vm *vm, ppn_t p)
{
	mpn_t m;

	if (thread_self() != vm->thread)
		return false;
	if (frame_free_count(ZONE_ANY) < AWAY_SHORT)
		reclaim_frames(vm);
	if (pmap_lookup(vm, p, &m) == PMAP_BALLOONED)
		balloon_pop(vm, p);
	else if (pmap_lookup(vm, p, &m) == PMAP_SWAPPED)
		swap_in(vm, p);
	return true;
}

/*
 * While one page is fetched another may be taken, so this goes on until a whole turn
 * found everything in place.
 */
void away_settle(struct vm *vm, gva_t v, unsigned acc)
{
	struct walk w;
	u32 slept, error;
	mpn_t m;

	do {
		slept = vm->away_slept;
		if (walk(vm, v, acc, &w, &error))
			pmap_back(vm, gpa_page(w.page), &m);
	} while (slept != vm->away_slept);
}
