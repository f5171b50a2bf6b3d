/*
 * Writes to guest page tables that are not plain stores: ours, a byte of an entry, DMA; and
 * tables in odd places. In both forms of shadow paging.
 */
#define SUITE tablewrites
#include "grader/unit/tables.h"

FORMS_SUITES(init_vtlb, init_cached);

/* --- writes that are not plain stores -------------------------------------------------------------------- */

BOTH_FORMS(trap23_a_write_of_ours_that_straddles_two_tables)
{
	u8 bytes[8] = {0};
	u32 last = TABLE + PAGE_SIZE - 4;

	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pde(DIR_AT, SLOT + 1, TABLE2 | RWU);
	set_pte(TABLE, 1023, PAGE_A | RWU);
	set_pte(TABLE2, 0, PAGE_B | RWU);
	guest_load(AT + 1023 * PAGE_SIZE);
	guest_load(AT + 0x400000);
	load_cr3(DIR_AT);
	for (u32 i = 0; i < 6; i++)
		load_cr3(DIR_AT);
	guest_load(AT + 1023 * PAGE_SIZE);
	guest_load(AT + 0x400000);
	gpa_write(vm, gpa(last), bytes, 8);
	flush(AT + 1023 * PAGE_SIZE);
	flush(AT + 0x400000);
	cr_assert_not(guest_access(AT + 1023 * PAGE_SIZE, &(u32){0}, ACC_READ));
	cr_assert_not(guest_access(AT + 0x400000, &(u32){0}, ACC_READ));
}

BOTH_FORMS(trap24_two_entries_at_once)
{
	u32 two[2] = {PAGE_B | RWU, PAGE_C | RWU};

	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	set_pte(TABLE, 1, PAGE_A | RWU);
	guest_load(AT);
	for (u32 i = 0; i < 8; i++)
		load_cr3(DIR_AT);
	guest_load(AT);
	guest_load(AT + PAGE_SIZE);
	gpa_write(vm, gpa(TABLE), two, 8);
	flush(AT);
	flush(AT + PAGE_SIZE);
	cr_assert_eq(guest_load(AT), 0xbbbbu);
	cr_assert_eq(guest_load(AT + PAGE_SIZE), 0xccccu);
}

BOTH_FORMS(trap24_one_byte_of_an_entry)
{
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	for (u32 i = 0; i < 6; i++)
		load_cr3(DIR_AT);
	cr_assert_eq(guest_load(AT), 0xaaaau);
	gpa_write(vm, gpa(TABLE + 1), &(u8){PAGE_B >> 8 & 0xff}, 1);
	flush(AT);
	cr_assert_eq(guest_load(AT), 0xbbbbu);
}

/* A disk writes over a table and over the directory in use; the guest flushes after. */
BOTH_FORMS(trap32_dma_into_tables)
{
	mpn_t m;

	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	cr_assert_eq(guest_load(AT), 0xaaaau);
	cr_assert(pmap_pin(vm, ppn(TABLE >> PAGE_SHIFT), true, &m));
	poke(TABLE, PAGE_B | RWU);
	pmap_unpin(vm, ppn(TABLE >> PAGE_SHIFT));
	load_cr3(DIR_AT);
	cr_assert_eq(guest_load(AT), 0xbbbbu);
	set_pte(TABLE2, 0, PAGE_C | RWU);
	for (u32 i = 0; i < 3; i++) {
		cr_assert(pmap_pin(vm, ppn(DIR_AT >> PAGE_SHIFT), true, &m));
		poke(DIR_AT + SLOT * 4, (i % 2 ? TABLE : TABLE2) | RWU);
		pmap_unpin(vm, ppn(DIR_AT >> PAGE_SHIFT));
		flush(AT);
		cr_assert_eq(guest_load(AT), i % 2 ? 0xbbbbu : 0xccccu);
	}
}

/*
 * A directory that is written freely changes its mind: what the new table says must not
 * end up under the name of the old one.
 */
BOTH_FORMS(trap32_an_entry_of_a_directory_that_had_dma)
{
	mpn_t m;

	set_pte(TABLE, 0, PAGE_C | RWU);
	set_pte(TABLE, 1, PAGE_A | RWU);
	set_pte(TABLE2, 1, PAGE_B | RWU);
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	for (u32 i = 0; i < 8; i++)
		load_cr3(DIR_AT);
	cr_assert(pmap_pin(vm, ppn(DIR_AT >> PAGE_SHIFT), true, &m));
	pmap_unpin(vm, ppn(DIR_AT >> PAGE_SHIFT));
	guest_load(AT);
	set_pde(DIR_AT, SLOT, TABLE2 | RWU);
	guest_load(AT + PAGE_SIZE);
	for (u32 i = 0; i < 8; i++)
		load_cr3(DIR_AT);
	cr_assert_eq(guest_load(AT + PAGE_SIZE), 0xbbbbu);
	set_pde(DIR_AT, SLOT + 1, TABLE | RWU);
	guest_load(AT + 0x400000);
	cr_assert_eq(guest_load(AT + 0x400000 + PAGE_SIZE), 0xaaaau);
}

/* One INVLPG ends all that a TLB may have made of a large page: SDM vol. 3, 4.10.2.3. */
BOTH_FORMS(trap22_invlpg_of_a_large_page_in_a_directory_that_had_dma)
{
	u32 flushed;
	mpn_t m;

	cr_assert(cpu_write_cr(vm, 4, CR4_PSE, NULL));
	set_pde(DIR_AT, SLOT, RWU | PTE_PS);
	cr_assert(pmap_pin(vm, ppn(DIR_AT >> PAGE_SHIFT), true, &m));
	pmap_unpin(vm, ppn(DIR_AT >> PAGE_SHIFT));
	cr_assert_eq(guest_load(AT + PAGE_A), 0xaaaau);
	cr_assert_eq(guest_load(AT + PAGE_B), 0xbbbbu);
	set_pde(DIR_AT, SLOT, 0);
	flushed = fake_cpu.flushes;
	flush(AT + PAGE_A);
	cr_assert_not(mmu(VMODE_KERNEL, AT + PAGE_A).present);
	cr_assert_not(mmu(VMODE_KERNEL, AT + PAGE_B).present);
	cr_assert_gt(fake_cpu.flushes, flushed, "the hardware has PAGE_B still");
}

/* Tables in the text screen, which is memory, and in the hole, which is not. */
BOTH_FORMS(trap25_tables_in_odd_places)
{
	set_pde(DIR_AT, SLOT, 0xb8000 | RWU);
	guest_store(0xb8000, PAGE_A | RWU);
	cr_assert_eq(guest_load(AT), 0xaaaau);
	set_pde(DIR_AT, SLOT, 0xa0000 | RWU);
	flush(AT);
	cr_assert_eq(guest_load(AT), ~0u, "all ones lead to nothing");
	set_pde(DIR_AT, SLOT, 0xfffff000 | RWU);
	flush(AT);
	cr_assert_eq(guest_load(AT), ~0u);
}
