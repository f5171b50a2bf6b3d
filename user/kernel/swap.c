/*
 * The swap slots. One byte each: a count of references and a mark while the
 * slot is being written, which makes readers wait.
 */
#include "swap.h"

#include "assert.h"
#include "ide.h"
#include "layout.h"
#include "sched.h"
#include "stat.h"

enum {
	SECTORS_PER_SLOT = PAGE_SIZE / 512,
	SLOT_WRITING = 0x80,
	SLOT_REFS = 0x7F,
};

static uint8_t slots[SWAP_SLOTS_MAX];
static uint32_t total; /* slots, the unused slot 0 counted */
static uint32_t used;
static uint32_t hint = 1; /* where to look first */
static uint32_t base;	  /* sector */
static struct waitq written;

/* Called once; a small partition just means fewer slots. */
void swap_init(uint32_t first_sector, uint32_t sectors)
{
	base = first_sector;
	total = sectors / SECTORS_PER_SLOT;
	if (total > SWAP_SLOTS_MAX)
		total = SWAP_SLOTS_MAX;
}

/* Slot 0 is not usable. */
uint32_t swap_total(void)
{
	return total > 0 ? total - 1 : 0;
}

/* For free(1). */
uint32_t swap_used(void)
{
	return used;
}

/* Next fit. */
uint32_t swap_get(void)
{
	for (uint32_t i = 1; i < total; i++) {
		if (hint >= total)
			hint = 1;
		if (slots[hint] == 0) {
			slots[hint] = 1;
			used++;
			return hint++;
		}
		hint++;
	}
	return 0;
}

/* For fork; 64 processes and a page fit the count. */
void swap_hold(uint32_t slot)
{
	assert(slot < total && (slots[slot] & SLOT_REFS) > 0);
	assert((slots[slot] & SLOT_REFS) < SLOT_REFS);
	slots[slot]++;
}

/* The last reference frees the slot; a write under way is harmless. */
void swap_put(uint32_t slot)
{
	assert(slot < total && (slots[slot] & SLOT_REFS) > 0);
	slots[slot]--;
	if ((slots[slot] & SLOT_REFS) == 0)
		used--;
}

/* A slot that is put meanwhile is not given out before its write ends. */
bool swap_write(uint32_t slot, struct page *page)
{
	bool good;

	slots[slot] |= SLOT_WRITING;
	stat.swap_outs++;
	good = ide_transfer(base + slot * SECTORS_PER_SLOT, SECTORS_PER_SLOT, page,
			    true);
	slots[slot] &= SLOT_REFS;
	wake_all(&written);
	return good;
}

/* The caller's entry holds the slot all the while. */
bool swap_read(uint32_t slot, struct page *page)
{
	while (slots[slot] & SLOT_WRITING)
		sleep_on(&written, false);
	return ide_transfer(base + slot * SECTORS_PER_SLOT, SECTORS_PER_SLOT, page,
			    false);
}

/* The entry's reference becomes the page's. */
bool swap_take_over(uint32_t slot, struct page *page)
{
	if ((slots[slot] & SLOT_REFS) == 1) {
		page->slot = (uint16_t)slot;
		return true;
	}
	swap_put(slot);
	return false;
}
