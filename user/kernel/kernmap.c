/*
 * The kernel's own map. boot.S has mapped 4 MiB; the tables for the rest come
 * from there.
 */
#include "kernmap.h"

#include "assert.h"
#include "layout.h"
#include "reclaim.h"
#include "space.h"
#include "x86.h"

enum { ENTRIES = 1024, PDE_SHIFT = 22, KERNEL_PDE = KERNBASE >> PDE_SHIFT };

extern pte_t boot_pgdir[ENTRIES], boot_table[ENTRIES];
extern char image_start[], text_end[];

static pte_t *kstack_table;

/* The kernel's text and constants are mapped read-only. */
static bool is_writable(uint32_t number)
{
	return number < address_number(image_start) ||
	       number >= address_number(text_end);
}

/* A zeroed table, at boot, when nothing can sleep. */
static pte_t *boot_page(void)
{
	struct page *page = page_take(PAGE_TABLE);

	if (page == NULL)
		panic("too little memory to boot");
	page_clear(page_bytes(page));
	return page_bytes(page);
}

/* The boot map has 4 MiB; tables for the rest come from those. */
void kernmap_boot(uint32_t first_free_page)
{
	pte_t *table = boot_table;

	page_release(first_free_page, ENTRIES);
	for (uint32_t i = 0; i < page_total; i++) {
		if (i % ENTRIES == 0 && i > 0) {
			table = boot_page();
			boot_pgdir[KERNEL_PDE + i / ENTRIES] =
				pde_make(address_number(table), false);
		}
		pte_set(&table[i % ENTRIES], pte_kernel(i, is_writable(i)));
	}
	for (uint32_t i = page_total; i < ENTRIES; i++)
		pte_set(&table[i], 0);
	kstack_table = boot_page();
	boot_pgdir[KSTACK_BASE >> PDE_SHIFT] = pde_make(address_number(kstack_table),
							false);
	boot_pgdir[0] = 0;
	space_load_kernel();
	if (page_total > ENTRIES)
		page_release(ENTRIES, page_total);
}

/* The number of a slot's highest page in the stacks' table is fixed. */
uint32_t kstack_top(uint32_t slot)
{
	return KSTACK_BASE + (slot + 1) * KSTACK_STRIDE;
}

/* A slot keeps its stack for ever: a new process costs no kernel mapping. */
bool kstack_map(uint32_t slot)
{
	uint32_t last = (slot + 1) * (KSTACK_STRIDE / PAGE_SIZE) - 1;
	struct page *page;

	for (uint32_t i = 0; i < KSTACK_PAGES; i++) {
		if (kstack_table[last - i] & PTE_P)
			continue;
		page = page_alloc(PAGE_KERNEL);
		if (page == NULL)
			return false;
		pte_set(&kstack_table[last - i], pte_kernel(page_number(page), true));
	}
	return true;
}
