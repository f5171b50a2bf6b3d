/*
 * Address spaces. The kernel's half is the same in each directory: its
 * entries are made at boot and never change, so they are simply copied.
 */
#include "space.h"

#include "assert.h"
#include "layout.h"
#include "reclaim.h"
#include "swap.h"
#include "x86.h"

enum {
	ENTRIES = 1024,
	PDE_SHIFT = 22,
	PDE_SPAN = 1 << PDE_SHIFT,
	KERNEL_PDE = KERNBASE >> PDE_SHIFT,
};

extern pte_t boot_pgdir[ENTRIES];

static uint32_t loaded; /* what CR3 holds */

/* The record's page through the direct map. */
void *page_bytes(const struct page *page)
{
	return (void *)(KERNBASE + (page_number(page) << PAGE_SHIFT));
}

/* The page number behind a direct-map address. */
uint32_t address_number(const void *kernel_address)
{
	return ((uint32_t)kernel_address - KERNBASE) >> PAGE_SHIFT;
}

/* The table that a directory entry points to: our own entries are sound. */
static pte_t *table_of(pte_t pde)
{
	return (pte_t *)(KERNBASE + (pde & ~(PAGE_SIZE - 1u)));
}

/* Page tables start zeroed. */
static pte_t *table_alloc(void)
{
	struct page *page = page_alloc(PAGE_TABLE);

	if (page == NULL)
		return NULL;
	page_clear(page_bytes(page));
	return page_bytes(page);
}

/* Gives back a table. */
static void table_free(pte_t *table)
{
	page_free(page_at(address_number(table)));
}

/* Only the kernel's directory entries that are in use get copied. */
bool space_create(struct space *space)
{
	pte_t *directory = table_alloc();
	uint32_t end = KERNEL_PDE + RAM_MAX / PDE_SPAN;

	if (directory == NULL)
		return false;
	for (uint32_t i = KERNEL_PDE; i < end && boot_pgdir[i] != 0; i++)
		directory[i] = boot_pgdir[i];
	directory[KSTACK_BASE >> PDE_SHIFT] = boot_pgdir[KSTACK_BASE >> PDE_SHIFT];
	*space = (struct space){.directory = directory, .stack_low = USTACK_TOP};
	return true;
}

/* Used by all who look at another space's entries. */
pte_t *space_find(const struct space *space, uint32_t address)
{
	pte_t pde = space->directory[address >> PDE_SHIFT];

	if (!(pde & PTE_P))
		return NULL;
	return &table_of(pde)[address >> PAGE_SHIFT & (ENTRIES - 1)];
}

/* Only the space's own process makes tables in it. */
pte_t *space_make(struct space *space, uint32_t address)
{
	pte_t *pte = space_find(space, address);
	pte_t *table;

	assert(address < KERNBASE);
	if (pte != NULL)
		return pte;
	table = table_alloc();
	if (table == NULL)
		return NULL;
	pte_set(&space->directory[address >> PDE_SHIFT],
		pde_make(address_number(table), true));
	return space_find(space, address);
}

/* A walk over the entries of [at, end) that are not empty. */
struct walk {
	const struct space *space;
	uint32_t at;
	uint32_t end;
	pte_t *pte; /* at's entry, NULL: to be looked up */
};

/* Stands on the next entry, passing missing tables; false at the end. */
static bool walk_next(struct walk *walk)
{
	while (walk->at < walk->end) {
		if (walk->pte == NULL || walk->at % PDE_SPAN == 0) {
			walk->pte = space_find(walk->space, walk->at);
			if (walk->pte == NULL) {
				walk->at = (walk->at | (PDE_SPAN - 1)) + 1;
				continue;
			}
		}
		if (*walk->pte != 0)
			return true;
		walk->at += PAGE_SIZE;
		walk->pte++;
	}
	return false;
}

/* Leaves the entry. */
static void walk_step(struct walk *walk)
{
	walk->at += PAGE_SIZE;
	walk->pte++;
}

/* One entry's share of a page or slot. */
static void release_entry(pte_t pte)
{
	struct page *page;

	if (pte & (PTE_P | PTE_READY)) {
		page = page_at(pte_number(pte));
		assert(page->type == PAGE_ANON && page->refs > 0);
		if (--page->refs > 0)
			return;
		if (page->slot != 0)
			swap_put(page->slot);
		page_free(page);
	} else if (pte & PTE_SWAPPED) {
		swap_put(pte_number(pte));
	}
}

/* For a shrinking heap. */
void space_unmap(struct space *space, uint32_t start, uint32_t end)
{
	struct walk walk = {.space = space, .at = start, .end = end};

	assert(start % PAGE_SIZE == 0 && end % PAGE_SIZE == 0);
	for (; walk_next(&walk); walk_step(&walk)) {
		release_entry(*walk.pte);
		pte_set(walk.pte, 0);
	}
}

/* Drops a region whose tables die with it: their entries need no clearing. */
static void drop_region(struct space *space, uint32_t start, uint32_t end)
{
	struct walk walk = {.space = space, .at = start, .end = end};

	for (; walk_next(&walk); walk_step(&walk))
		release_entry(*walk.pte);
}

/* Frees the tables that span [start, end). */
static void drop_tables(struct space *space, uint32_t start, uint32_t end)
{
	for (uint32_t i = start >> PDE_SHIFT; i <= (end - 1) >> PDE_SHIFT; i++) {
		if (!(space->directory[i] & PTE_P))
			continue;
		table_free(table_of(space->directory[i]));
		pte_set(&space->directory[i], 0);
	}
}

/* The heap's end is brk rounded up. */
static uint32_t heap_end(const struct space *space)
{
	return (space->brk + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1u);
}

/* Nothing sleeps here, so no half-dropped table is ever seen by the clock. */
void space_clear(struct space *space)
{
	drop_region(space, space->text_start, space->text_end);
	drop_region(space, space->data_start, heap_end(space));
	drop_region(space, space->stack_low, USTACK_TOP);
	if (heap_end(space) > USER_BASE)
		drop_tables(space, USER_BASE, heap_end(space));
	drop_tables(space, USTACK_TOP - USTACK_SIZE, USTACK_TOP);
	*space = (struct space){.directory = space->directory, .stack_low = USTACK_TOP};
	if (space_is_loaded(space))
		load_cr3(loaded);
}

/* The last act of a process. */
void space_destroy(struct space *space)
{
	assert(!space_is_loaded(space));
	space_clear(space);
	table_free(space->directory);
	space->directory = NULL;
}

/* Gives the child what the parent's entry holds; true if the parent's changed. */
static bool share_entry(pte_t *from, pte_t *to)
{
	pte_t pte = *from;
	bool changed = false;

	if (pte & PTE_SWAPPED) {
		swap_hold(pte_number(pte));
	} else if (pte & PTE_P) {
		page_at(pte_number(pte))->refs++;
		if (pte & PTE_W) {
			pte = (pte & ~(pte_t)PTE_W) | PTE_COW;
			pte_set(from, pte);
			changed = true;
		}
	} else {
		return false; /* a ready page stays the parent's */
	}
	pte_set(to, pte);
	return changed;
}

/* Shares one region. Getting a table may sleep, and the clock then change the
 * parent's entry: so it is read afterwards. */
static bool fork_region(struct space *parent, struct space *child, uint32_t start,
			uint32_t end, bool *changed)
{
	struct walk walk = {.space = parent, .at = start, .end = end};
	pte_t *to;

	for (; walk_next(&walk); walk_step(&walk)) {
		to = space_make(child, walk.at);
		if (to == NULL)
			return false;
		*changed |= share_entry(walk.pte, to);
	}
	return true;
}

/* On failure the child is left for space_destroy. */
bool space_fork(struct space *parent, struct space *child)
{
	bool changed = false;
	bool good;

	child->text_start = parent->text_start;
	child->text_end = parent->text_end;
	child->data_start = parent->data_start;
	child->data_end = parent->data_end;
	child->brk = parent->brk;
	child->stack_low = parent->stack_low;
	good = fork_region(parent, child, parent->text_start, parent->text_end,
			   &changed) &&
	       fork_region(parent, child, parent->data_start, heap_end(parent),
			   &changed) &&
	       fork_region(parent, child, parent->stack_low, USTACK_TOP, &changed);
	if (changed)
		load_cr3(loaded);
	return good;
}

/* Rights went down, so the TLB must go too. */
void space_protect_text(struct space *space)
{
	struct walk walk = {
		.space = space, .at = space->text_start, .end = space->text_end};

	space->loading = false;
	for (; walk_next(&walk); walk_step(&walk))
		if (*walk.pte & PTE_P)
			pte_set(walk.pte, *walk.pte & ~(pte_t)PTE_W);
	load_cr3(loaded);
}

/* The pages that are there, and those in swap. */
void space_count(const struct space *space, uint32_t *resident, uint32_t *swapped)
{
	struct walk walk = {.space = space, .at = space->text_start, .end = USTACK_TOP};

	*resident = 0;
	*swapped = 0;
	for (; walk_next(&walk); walk_step(&walk)) {
		*resident += (*walk.pte & PTE_P) != 0;
		*swapped += !(*walk.pte & PTE_P) && *walk.pte & PTE_SWAPPED;
	}
}

/* A switch between threads of one space costs nothing. */
void space_load(const struct space *space)
{
	if (space_is_loaded(space))
		return;
	loaded = (uint32_t)space->directory - KERNBASE;
	load_cr3(loaded);
}

/* The boot directory maps no program. */
void space_load_kernel(void)
{
	loaded = (uint32_t)boot_pgdir - KERNBASE;
	load_cr3(loaded);
}

/* Asked before an invlpg: other spaces are flushed when they are loaded. */
bool space_is_loaded(const struct space *space)
{
	return loaded == (uint32_t)space->directory - KERNBASE;
}

/* The heap's last page counts whole. */
enum region space_region(const struct space *space, uint32_t address)
{
	if (address >= space->text_start && address < space->text_end)
		return REGION_TEXT;
	if (address >= space->data_start && address < heap_end(space))
		return REGION_DATA;
	if (address >= USTACK_TOP - USTACK_SIZE && address < USTACK_TOP)
		return REGION_STACK;
	return REGION_NONE;
}
