/*
 * The records of the swap area.
 */
#include "vmm/slots.h"
#include "kernel/heap.h"
#include "kernel/panic.h"

struct slot_area slot_area;
static u32 hint; /* where the next search begins */

bool slots_create(u32 count)
{
	struct slot_area *a = &slot_area;

	ASSERT(!a->slot);
	if (count == 0)
		return true;
	a->slot = heap_alloc(count * sizeof *a->slot);
	if (!a->slot)
		return false;
	a->total = a->free = count;
	hint = 0;
	return true;
}

void slots_destroy(void)
{
	if (slot_area.slot)
		heap_free(slot_area.slot);
	slot_area = (struct slot_area){0};
}

u32 slots_total(void)
{
	return slot_area.total;
}

u32 slots_free(void)
{
	return slot_area.free;
}

struct slot *slots_get(u32 slot)
{
	ASSERT(slot < slot_area.total);
	return &slot_area.slot[slot];
}

/* Free slots from here on, `want` at most. */
static u32 run_at(u32 slot, u32 want)
{
	const struct slot_area *a = &slot_area;
	u32 n = 0;

	while (n < want && slot + n < a->total && a->slot[slot + n].state == SLOT_FREE)
		n++;
	return n;
}

u32 slots_take(u32 want, u32 *first)
{
	struct slot_area *a = &slot_area;
	u32 n = 0, at = hint;

	ASSERT(want > 0);
	for (u32 looked = 0; looked < a->total && n == 0; looked++) {
		if (at >= a->total)
			at = 0;
		n = run_at(at, want);
		if (n == 0)
			at++;
	}
	for (u32 i = 0; i < n; i++)
		a->slot[at + i] = (struct slot){.state = SLOT_USED};
	a->free -= n;
	*first = at;
	hint = at + n;
	return n;
}

void slots_give(u32 slot)
{
	ASSERT(slots_get(slot)->state == SLOT_USED);
	*slots_get(slot) = (struct slot){.state = SLOT_FREE};
	slot_area.free++;
}

void slots_spoil(u32 slot)
{
	ASSERT(slots_get(slot)->state == SLOT_USED);
	*slots_get(slot) = (struct slot){.state = SLOT_BAD};
}

/* Each step is one to one in the sum so far and in the word (the factor is odd). */
u32 slots_sum(const u32 *page)
{
	u32 sum = 0;

	for (u32 i = 0; i < PAGE_WORDS; i++) {
		sum = (sum ^ page[i]) * 0x9E3779B1u; /* Knuth's golden ratio */
		sum = sum << 13 | sum >> 19;
	}
	return sum;
}
