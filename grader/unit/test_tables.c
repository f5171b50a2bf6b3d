/*
 * What guests do with their page tables, in both forms of shadow paging: self-maps, aliases,
 * shared tables, directories that die and are born again, DMA. After what the manual asks
 * for (INVLPG, CR3: SDM vol. 3, 4.10.4) the guest sees its new tables, never the old ones.
 */
#define SUITE tables
#include "grader/unit/tables.h"

FORMS_SUITES(init_vtlb, init_cached);

/* --- one table --------------------------------------------------------------------------- */

BOTH_FORMS(a_new_entry_counts_without_a_flush)
{
	u32 value;

	set_pde(DIR_AT, SLOT, TABLE | RWU);
	cr_assert_not(guest_access(AT, &value, ACC_READ));
	set_pte(TABLE, 0, PAGE_A | RWU);
	cr_assert_eq(guest_load(AT), 0xaaaau);
	set_pte(TABLE, 1, PAGE_B | RWU);
	cr_assert_eq(guest_load(AT + PAGE_SIZE), 0xbbbbu);
}

BOTH_FORMS(trap02_a_changed_entry_counts_after_invlpg)
{
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	for (u32 i = 0; i < 40; i++) {
		cr_assert_eq(guest_load(AT), i % 2 ? 0xbbbbu : 0xaaaau, "%u", i);
		set_pte(TABLE, 0, (i % 2 ? PAGE_A : PAGE_B) | RWU);
		flush(AT);
	}
}

BOTH_FORMS(trap10_a_changed_entry_counts_after_cr3)
{
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	for (u32 i = 0; i < 40; i++) {
		cr_assert_eq(guest_load(AT), i % 2 ? 0xbbbbu : 0xaaaau, "%u", i);
		set_pte(TABLE, 0, (i % 2 ? PAGE_A : PAGE_B) | RWU);
		load_cr3(DIR_AT);
	}
}

BOTH_FORMS(rights_that_shrink)
{
	u32 value = 1;

	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	guest_store(AT, 0xaaaa);
	set_pte(TABLE, 0, PAGE_A | PTE_P);
	flush(AT);
	cr_assert_not(guest_access(AT, &value, ACC_WRITE));
	mode_switch(vm, VMODE_USER);
	cr_assert_not(guest_access(AT, &value, ACC_READ));
	mode_switch(vm, VMODE_KERNEL);
	set_pde(DIR_AT, SLOT, 0);
	flush(AT);
	cr_assert_not(guest_access(AT, &value, ACC_READ));
}

/* The bits that we set in the guest's tables for it are ours, too: no endless faults. */
BOTH_FORMS(trap45_a_and_d_in_a_traced_table)
{
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	for (u32 i = 0; i < 64; i++)
		set_pte(TABLE, i, (0x100000 + i * PAGE_SIZE) | RWU);
	load_cr3(DIR_AT);
	for (u32 i = 0; i < 64; i++)
		guest_store(AT + i * PAGE_SIZE, i);
	for (u32 i = 0; i < 64; i++) {
		cr_assert_eq(peek(TABLE + i * 4),
			     (0x100000 + i * PAGE_SIZE) | RWU | PTE_A | PTE_D);
		cr_assert_eq(peek(0x100000 + i * PAGE_SIZE), i);
	}
}

/* --- traps 5 and 6: a table is data as well ------------------------------------------------------ */

BOTH_FORMS(trap05_a_directory_maps_itself)
{
	u32 self = 1000, tables = self << 22;

	set_pde(DIR_AT, self, DIR_AT | RW);
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	load_cr3(DIR_AT);
	cr_assert_eq(guest_load(tables + self * PAGE_SIZE + SLOT * 4) & ~(u32)PAGE_MASK,
		     (u32)TABLE);
	for (u32 i = 0; i < 20; i++) {
		guest_store(tables + SLOT * PAGE_SIZE, (i % 2 ? PAGE_A : PAGE_B) | RWU);
		flush(AT);
		cr_assert_eq(guest_load(AT), i % 2 ? 0xaaaau : 0xbbbbu);
	}
	guest_store(tables + self * PAGE_SIZE + SLOT * 4, 0);
	flush(AT);
	cr_assert_not(guest_access(AT, &(u32){0}, ACC_READ));
}

/* Mapped writable as data, by two addresses, before it becomes a table. */
BOTH_FORMS(trap06_data_becomes_a_table)
{
	set_pde(DIR_AT, SLOT + 1, TABLE2 | RWU);
	set_pte(TABLE2, 0, TABLE | RWU);
	guest_store(TABLE, PAGE_A | RWU);
	guest_store(AT + 0x400000 + 4, PAGE_B | RWU);
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	cr_assert_eq(guest_load(AT), 0xaaaau);
	cr_assert_eq(guest_load(AT + PAGE_SIZE), 0xbbbbu);
	guest_store(AT + 0x400000, PAGE_C | RWU); /* by its other name */
	flush(AT);
	cr_assert_eq(guest_load(AT), 0xccccu);
	guest_store(TABLE, PAGE_B | RWU);
	flush(AT);
	cr_assert_eq(guest_load(AT), 0xbbbbu);
}

BOTH_FORMS(trap06_a_table_becomes_data_and_a_table_again)
{
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	for (u32 i = 0; i < 10; i++) {
		set_pte(TABLE, 3, (i % 2 ? PAGE_A : PAGE_B) | RWU);
		set_pde(DIR_AT, SLOT, TABLE | RWU);
		flush(AT + 3 * PAGE_SIZE);
		cr_assert_eq(guest_load(AT + 3 * PAGE_SIZE), i % 2 ? 0xaaaau : 0xbbbbu);
		set_pde(DIR_AT, SLOT, 0);
		load_cr3(DIR_AT);
		for (u32 k = 0; k < PAGE_WORDS; k++)
			guest_store(TABLE + k * 4, 0x1234567 * k);
	}
}

/* --- trap 7: a table with two parents ------------------------------------------------------------- */

BOTH_FORMS(trap07_a_table_under_two_entries)
{
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pde(DIR_AT, SLOT + 1, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	cr_assert_eq(guest_load(AT), 0xaaaau);
	cr_assert_eq(guest_load(AT + 0x400000), 0xaaaau);
	set_pte(TABLE, 0, PAGE_B | RWU);
	flush(AT);
	flush(AT + 0x400000);
	cr_assert_eq(guest_load(AT), 0xbbbbu);
	cr_assert_eq(guest_load(AT + 0x400000), 0xbbbbu);
	set_pde(DIR_AT, SLOT, 0);
	flush(AT);
	cr_assert_not(guest_access(AT, &(u32){0}, ACC_READ));
	cr_assert_eq(guest_load(AT + 0x400000), 0xbbbbu, "the other one stays");
}

BOTH_FORMS(trap07_a_table_under_two_directories)
{
	copy_directory(DIR2);
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pde(DIR2, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	cr_assert_eq(guest_load(AT), 0xaaaau);
	load_cr3(DIR2);
	cr_assert_eq(guest_load(AT), 0xaaaau);
	set_pte(TABLE, 0, PAGE_B | RWU);
	load_cr3(DIR_AT);
	cr_assert_eq(guest_load(AT), 0xbbbbu);
	set_pte(TABLE, 0, PAGE_C | RWU);
	load_cr3(DIR2);
	cr_assert_eq(guest_load(AT), 0xccccu);
}

/*
 * A table that nobody points to is changed: no TLB can have what it said before (each of its
 * addresses was flushed), so it counts as soon as something points to it again.
 */
BOTH_FORMS(trap07_a_table_changed_while_out_of_sight)
{
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	set_pte(TABLE, 1, PAGE_A | RWU);
	guest_load(AT);
	guest_load(AT + PAGE_SIZE);
	set_pte(TABLE, 2, 0); /* from now on it is written to freely */
	set_pde(DIR_AT, SLOT, TABLE2 | RWU);
	flush(AT);
	flush(AT + PAGE_SIZE);
	set_pte(TABLE, 0, PAGE_B | RWU);
	set_pte(TABLE, 1, PAGE_B | RWU);
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	cr_assert_eq(guest_load(AT), 0xbbbbu);
	cr_assert_eq(guest_load(AT + PAGE_SIZE), 0xbbbbu, "what it was long ago");
}

/* The same for an address space that is being prepared by another one. */
BOTH_FORMS(trap07_a_table_handed_from_one_space_to_another)
{
	copy_directory(DIR2);
	set_pde(DIR2, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	set_pte(TABLE, 1, PAGE_A | RWU);
	load_cr3(DIR2);
	guest_load(AT);
	guest_load(AT + PAGE_SIZE);
	set_pte(TABLE, 2, 0);
	load_cr3(DIR_AT);
	set_pte(TABLE, 0, PAGE_B | RWU);
	set_pte(TABLE, 1, PAGE_C | RWU);
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	cr_assert_eq(guest_load(AT), 0xbbbbu);
	cr_assert_eq(guest_load(AT + PAGE_SIZE), 0xccccu);
}

/* --- traps 8 and 9: directories -------------------------------------------------------------------- */

BOTH_FORMS(trap08_a_directory_dies_and_is_born_again)
{
	for (u32 i = 0; i < 10; i++) {
		copy_directory(DIR2);
		set_pde(DIR2, SLOT, (i % 2 ? TABLE : TABLE2) | RWU);
		set_pte(TABLE, 0, PAGE_A | RWU);
		set_pte(TABLE2, 0, PAGE_B | RWU);
		load_cr3(DIR2);
		cr_assert_eq(guest_load(AT), i % 2 ? 0xaaaau : 0xbbbbu);
		load_cr3(DIR_AT);
		for (u32 k = 0; k < PAGE_WORDS; k++) /* it is somebody's data now */
			guest_store(DIR2 + k * 4, ~k);
	}
}

BOTH_FORMS(trap08_an_entry_of_a_directory_that_is_not_loaded)
{
	copy_directory(DIR2);
	set_pte(TABLE, 0, PAGE_A | RWU);
	set_pte(TABLE2, 0, PAGE_B | RWU);
	for (u32 i = 0; i < 10; i++) {
		set_pde(DIR2, SLOT, (i % 2 ? TABLE : TABLE2) | RWU);
		load_cr3(DIR2);
		cr_assert_eq(guest_load(AT), i % 2 ? 0xaaaau : 0xbbbbu);
		load_cr3(DIR_AT);
	}
}

/* Nobody ever says that a directory is no longer needed. */
BOTH_FORMS(trap09_hundreds_of_address_spaces)
{
	enum { SPACES = 300, FIRST = 0x100000, PRIVATE = 0x230000 };

	for (u32 i = 0; i < SPACES; i++) {
		u32 directory = FIRST + i * PAGE_SIZE;

		guest_store(directory, peek(DIR_AT));
		set_pde(directory, SLOT, (PRIVATE + i % 8 * PAGE_SIZE) | RWU);
		set_pte(PRIVATE + i % 8 * PAGE_SIZE, i,
			(0x300000 + i % 64 * PAGE_SIZE) | RWU);
	}
	for (u32 round = 0; round < 2; round++)
		for (u32 i = 0; i < SPACES; i++) {
			load_cr3(FIRST + i * PAGE_SIZE);
			guest_store(AT + i * PAGE_SIZE, i + round);
			cr_assert_eq(peek(0x300000 + i % 64 * PAGE_SIZE), i + round);
		}
}
