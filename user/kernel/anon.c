/*
 * Programs' pages as the clock sees them. A page is shared by fork only, so
 * all entries that map it are at its key's address, in one space or another:
 * a walk over the processes finds them, and no list has to be kept.
 */
#include "kprintf.h"
#include "proc.h"
#include "reclaim.h"
#include "space.h"
#include "stat.h"
#include "swap.h"
#include "x86.h"

struct census {
	uint32_t found;	 /* entries that map the page */
	bool referenced; /* one of them had A */
	bool dirty;	 /* one of them has D */
};

/* The process's entry for the page, NULL when it has none that maps it. */
static pte_t *entry_of(struct proc *proc, const struct page *page)
{
	pte_t *pte;

	if (proc->space.directory == NULL)
		return NULL;
	pte = space_find(&proc->space, page->key << PAGE_SHIFT);
	if (pte == NULL || !(*pte & PTE_P) || pte_number(*pte) != page_number(page))
		return NULL;
	return pte;
}

/* Changes an entry downwards. */
static void downgrade(struct proc *proc, const struct page *page, pte_t *pte, pte_t to)
{
	pte_set(pte, to);
	if (space_is_loaded(&proc->space))
		invlpg(page->key << PAGE_SHIFT);
}

/* Counts the entries, and takes their A bits. */
static struct census take_census(const struct page *page)
{
	struct census census = {0};
	pte_t *pte;

	for (struct proc *proc = procs; proc < procs + PROCS; proc++) {
		pte = entry_of(proc, page);
		if (pte == NULL)
			continue;
		census.found++;
		census.dirty |= (*pte & PTE_D) != 0;
		if (*pte & PTE_A) {
			census.referenced = true;
			downgrade(proc, page, pte, *pte & ~(pte_t)PTE_A);
		}
	}
	return census;
}

/* Every entry now names the slot, and holds it. */
static void unmap(struct page *page, uint32_t slot)
{
	pte_t *pte;

	for (struct proc *proc = procs; proc < procs + PROCS; proc++) {
		pte = entry_of(proc, page);
		if (pte == NULL)
			continue;
		downgrade(proc, page, pte, pte_swapped(slot));
		swap_hold(slot);
	}
	page->refs = 0;
}

/* After a failed write: every entry gets the page back, to copy on a write. */
static void map_again(struct page *page, uint32_t slot)
{
	pte_t *pte;

	for (struct proc *proc = procs; proc < procs + PROCS; proc++) {
		if (proc->space.directory == NULL)
			continue;
		pte = space_find(&proc->space, page->key << PAGE_SHIFT);
		if (pte == NULL || *pte != pte_swapped(slot))
			continue;
		pte_set(pte, pte_user(page_number(page), false) | PTE_COW);
		page->refs++;
		swap_put(slot);
	}
}

/* Slots of pages in memory are only a saving: takes one when there is no other. */
static uint32_t take_slot(void)
{
	uint32_t slot = swap_get();

	for (uint32_t i = 0; slot == 0 && i < page_total; i++) {
		if (pages[i].type != PAGE_ANON || pages[i].slot == 0)
			continue;
		swap_put(pages[i].slot);
		pages[i].slot = 0;
		slot = swap_get();
	}
	return slot;
}

/* Writes the unmapped page; processes that touch it meanwhile wait. */
static bool write_out(struct page *page, uint32_t slot)
{
	bool good;

	page->flags |= PAGE_BUSY;
	good = swap_write(slot, page);
	page->flags &= (uint8_t)~PAGE_BUSY;
	if (!good) {
		kprintf("swap: slot %u cannot be written\n", slot);
		map_again(page, slot);
	}
	return page->refs == 0;
}

/* A page that equals its slot needs no write. A page without one is dirty. */
bool anon_evict(struct page *page)
{
	struct census census;
	uint32_t slot = page->slot;
	bool write;

	if (page->refs == 0 || page->flags & PAGE_BUSY)
		return false;
	census = take_census(page);
	if (census.found != page->refs || census.referenced)
		return false;
	write = census.dirty || slot == 0;
	if (slot == 0)
		slot = take_slot();
	if (slot == 0)
		return false;
	page->slot = 0;
	unmap(page, slot);
	if (write && !write_out(page, slot)) {
		swap_put(slot);
		return false;
	}
	swap_put(slot);
	page_free(page);
	return true;
}
