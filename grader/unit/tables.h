/*
 * What the tests of guest page tables share: where things lie, and stores as the guest makes
 * them, through its direct map.
 */
#ifndef GRADER_UNIT_TABLES_H
#define GRADER_UNIT_TABLES_H

#include "grader/unit/shadow_forms.h"
#include "kernel/paging.h"
#include "vmm/mode.h"

enum { RW = PTE_P | PTE_W, RWU = RW | PTE_U };
enum {
	AT = 0x08000000,
	SLOT = AT >> 22
}; /* where the tests map things: no table yet */
enum { TABLE = 0x30000, TABLE2 = 0x31000, DIR2 = 0x32000, DIR3 = 0x33000 };
enum { PAGE_A = 0x50000, PAGE_B = 0x51000, PAGE_C = 0x52000 };

static inline void common(void)
{
	paging_on(RWU);
	poke(PAGE_A, 0xaaaa);
	poke(PAGE_B, 0xbbbb);
	poke(PAGE_C, 0xcccc);
}

/* The guest stores through its direct map. */
static inline void set_pde(u32 directory, u32 slot, u32 entry)
{
	guest_store(directory + slot * 4, entry);
}

static inline void set_pte(u32 table, u32 page, u32 entry)
{
	guest_store(table + page * 4, entry);
}

static inline void flush(u32 va)
{
	cpu_invlpg(vm, gva(va));
}

static inline void load_cr3(u32 directory)
{
	cr_assert(cpu_write_cr(vm, 3, directory, NULL));
}

/* A directory like DIR_AT: the direct map and nothing else. */
static inline void copy_directory(u32 to)
{
	for (u32 i = 0; i < PAGE_WORDS; i++)
		guest_store(to + i * 4, i == 0 ? peek(DIR_AT) : 0);
}

static inline void init_vtlb(void)
{
	core_init_vtlb();
	common();
}

static inline void init_cached(void)
{
	core_init();
	common();
}

#endif
