/*
 * kmap slots: a direct-mapped cache of windows into high memory.
 */
#include "kernel/kmap.h"
#include "kernel/frame.h"
#include "kernel/paging.h"
#include "kernel/panic.h"

struct kmap_slot kmap_slots[KMAP_SLOTS];

static void *slot_address(u32 i)
{
	return (void *)(uintptr_t)(KMAP_BASE + (i << PAGE_SHIFT));
}

/* The slot is not there yet: the first one from `home` that nobody holds gets it. */
static u32 take_slot(mpn_t m, u32 home)
{
	for (u32 k = 0; k < KMAP_SLOTS; k++) {
		u32 i = (home + k) % KMAP_SLOTS;

		if (kmap_slots[i].mpn == m.n)
			return i;
		if (kmap_slots[i].held == 0) {
			kmap_slots[i].mpn = m.n;
			paging_map(KMAP_BASE + (i << PAGE_SHIFT), m);
			return i;
		}
	}
	panic("all %u kmap slots are held", KMAP_SLOTS);
}

/* Not at its home slot: low memory, or a slot has to be found. */
static void *kmap_elsewhere(mpn_t m)
{
	u32 i;

	if (mpn_is_low(m))
		return phys_to_virt(mpn_addr(m));
	i = take_slot(m, m.n % KMAP_SLOTS);
	kmap_slots[i].held++;
	return slot_address(i);
}

void *kmap(mpn_t m)
{
	u32 i = m.n % KMAP_SLOTS;

	if (kmap_slots[i].mpn != m.n)
		return kmap_elsewhere(m);
	kmap_slots[i].held++;
	return slot_address(i);
}

void kunmap(const void *p)
{
	u32 i = ((u32)(uintptr_t)p - KMAP_BASE) >> PAGE_SHIFT;

	if (i >= KMAP_SLOTS)
		return; /* low memory */
	ASSERT(kmap_slots[i].held > 0);
	kmap_slots[i].held--;
}
