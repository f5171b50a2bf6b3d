/*
 * The records of the swap area.
 */
#include "vmm/slots.h"
#include "kernel/heap.h"
#include "kernel/panic.h"

static struct slot *slots;
static u32 total, free_slots;
static u32 hint; /* where the next search begins */

bool slots_create(u32 count)
{
	ASSERT(!slots);
	if (count == 0)
		return true;
	slots = heap_alloc(count * sizeof *slots);
	if (!slots)
		return false;
	total = free_slots = count;
	hint = 0;
	return true;
}

void slots_destroy(void)
{
	if (slots)
		heap_free(slots);
	slots = NULL;
	total = free_slots = 0;
}

u32 slots_total(void)
{
	return total;
}

u32 slots_free(void)
{
	return free_slots;
}

struct slot *slots_get(u32 slot)
{
	ASSERT(slot < total);
	return &slots[slot];
}

/* Free slots from here on, `want` at most. */
static u32 run_at(u32 slot, u32 want)
{
	u32 n = 0;

	while (n < want && slot + n < total && slots[slot + n].state == SLOT_FREE)
		n++;
	return n;
}

u32 slots_take(u32 want, u32 *first)
{
	u32 n = 0, at = hint;

	ASSERT(want > 0);
	for (u32 looked = 0; looked < total && n == 0; looked++) {
		if (at >= total)
			at = 0;
		n = run_at(at, want);
		if (n == 0)
			at++;
	}
	for (u32 i = 0; i < n; i++)
		slots[at + i] = (struct slot){.state = SLOT_USED};
	free_slots -= n;
	*first = at;
	hint = at + n;
	return n;
}

void slots_give(u32 slot)
{
	ASSERT(slots_get(slot)->state == SLOT_USED);
	slots[slot] = (struct slot){.state = SLOT_FREE};
	free_slots++;
}

void slots_spoil(u32 slot)
{
	ASSERT(slots_get(slot)->state == SLOT_USED);
	slots[slot] = (struct slot){.state = SLOT_BAD};
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
