/*
 * The host's page tables: the 16 that every address space shares (kernel/layout.h).
 * They exist from boot on, so a page directory is complete when it has the 16 entries.
 */
#ifndef KERNEL_PAGING_H
#define KERNEL_PAGING_H

#include "kernel/layout.h"
#include "kernel/types.h"

/* Bits of a page table entry: SDM vol. 3, table 4-6. */
enum pte {
	PTE_P = 1u << 0,
	PTE_W = 1u << 1,
	PTE_U = 1u << 2,
	PTE_PWT = 1u << 3,
	PTE_PCD = 1u << 4,
	PTE_A = 1u << 5,
	PTE_D = 1u << 6,
	PTE_PS = 1u << 7,
	PTE_G = 1u << 8,
};

/*
 * Builds the final tables (image read-only where it should be, nothing at 0) and
 * switches to them. `low_bytes` of machine memory are mapped at LOWMAP_BASE.
 */
void paging_init(u32 low_bytes);

/* Maps / unmaps one page of the heap or kmap area, writable. */
void paging_map(u32 va, mpn_t m);
void paging_unmap(u32 va);

/* Puts the host's 16 entries into a page directory. */
void paging_host_entries(u32 *directory);

/* CR3 of the directory that has only the host's part. */
u32 paging_host_cr3(void);
void paging_load_host(void);

/* Low memory by address; the address must be below the end of the low map. */
void *phys_to_virt(mpa_t a);
/*
 * The image, low memory and heap back to machine addresses. Panics for anything
 * unmapped.
 */
mpa_t virt_to_phys(const void *va);

#endif
