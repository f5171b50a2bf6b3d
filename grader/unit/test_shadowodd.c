/*
 * Shadows of what is less usual: 4 MiB pages, no paging, directories where there is no
 * memory, more than the pool has room for. All of it holds in both forms.
 */
#define SUITE shadowodd
#include "grader/unit/shadow_forms.h"
#include "kernel/paging.h"
#include "vmm/mode.h"

FORMS_SUITES(core_init_vtlb, core_init);

enum { RW = PTE_P | PTE_W, RWU = RW | PTE_U, END = CORE_PAGES * PAGE_SIZE };
enum { AD = PTE_A | PTE_D };

static u32 error;

static enum shadow_result fault(u32 va, unsigned acc)
{
	return shadow_fault(vm, gva(va), acc, &error);
}

static bool present(u32 va)
{
	return mmu(vm->view, va).present;
}

static bool writable(u32 va)
{
	struct mapping m = mmu(vm->view, va);

	return m.present && m.writable;
}

/* --- large pages (trap 22) ---------------------------------------------------------------------------- */

static void large(u32 bits)
{
	vm->cpu.cr4 |= CR4_PSE;
	paging_on(RWU);
	gpa_write(vm, gpa(DIR_AT + 4), &(u32){bits | PTE_P | PTE_PS}, 4);
}

BOTH_FORMS(trap22_a_large_page_is_made_of_small_ones)
{
	large(PTE_W);
	for (u32 i = 0x100; i < 0x140; i++) {
		u32 a = 0x400000 + i * PAGE_SIZE;

		guest_store(a, i);
		cr_assert_eq(mmu(VMODE_KERNEL, a).mpn, mpn_of(i * PAGE_SIZE));
	}
	for (u32 i = 0x100; i < 0x140; i++)
		cr_assert_eq(peek(i * PAGE_SIZE), i);
	cr_assert_eq(peek(DIR_AT + 4) & AD, (u32)AD);
}

BOTH_FORMS(trap22_a_large_page_has_one_d)
{
	large(PTE_W);
	guest_load(0x540000);
	cr_assert_not(writable(0x540000));
	cr_assert_eq(peek(DIR_AT + 4) & AD, (u32)PTE_A);
	guest_store(0x541000, 1);
	guest_load(0x540000);
	cr_assert_eq(peek(DIR_AT + 4) & AD, (u32)AD);
	cr_assert_eq(fault(0x540000, ACC_WRITE), SHADOW_FILLED);
	cr_assert(writable(0x540000));
}

BOTH_FORMS(trap22_a_large_page_whose_d_is_cleared)
{
	u32 pde;

	large(PTE_W);
	guest_store(0x540000, 1);
	guest_store(0x541000, 1);
	pde = peek(DIR_AT + 4) & ~(u32)PTE_D;
	gpa_write(vm, gpa(DIR_AT + 4), &pde, 4);
	cpu_invlpg(vm, gva(0x540000));
	guest_load(0x540000);
	cr_assert_not(writable(0x540000) || writable(0x541000));
	guest_store(0x541000, 2);
	cr_assert_eq(peek(DIR_AT + 4) & AD, (u32)AD);
}

BOTH_FORMS(trap22_a_large_page_that_goes_takes_all_with_it)
{
	large(PTE_W);
	for (u32 i = 0x100; i < 0x110; i++)
		guest_load(0x400000 + i * PAGE_SIZE);
	gpa_write(vm, gpa(DIR_AT + 4), &(u32){0}, 4);
	cpu_write_cr(vm, 3, DIR_AT, NULL);
	for (u32 i = 0x100; i < 0x110; i++)
		cr_assert_not(present(0x400000 + i * PAGE_SIZE));
}

BOTH_FORMS(trap22_a_large_page_over_the_hole_and_the_end)
{
	large(PTE_W);
	cr_assert_eq(fault(0x4a0000, ACC_READ), SHADOW_EMULATE);
	cr_assert_eq(fault(0x4b8000, ACC_READ), SHADOW_FILLED, "the text screen");
	gpa_write(vm, gpa(DIR_AT + 4), &(u32){END | RW | PTE_PS}, 4);
	cpu_invlpg(vm, gva(0x400000));
	cr_assert_eq(fault(0x400000, ACC_READ), SHADOW_EMULATE);
}

BOTH_FORMS(trap22_pse_off_means_a_table)
{
	large(PTE_W | TABLES_AT);
	cr_assert_eq(fault(0x400000, ACC_READ), SHADOW_TRUE, "reserved bits");
	cr_assert(error & PF_RSVD);
	cr_assert(cpu_write_cr(vm, 4, 0, NULL));
	guest_store(0x400000 + DATA, 9);
	cr_assert_eq(peek(DATA), 9u);
}

/* --- no paging, and odd directories ---------------------------------------------------------------------- */

BOTH_FORMS(without_paging_addresses_are_physical)
{
	guest_store(DATA, 1);
	cr_assert_eq(peek(DATA), 1u);
	cr_assert(writable(DATA));
	cr_assert_eq(fault(0xa0000, ACC_READ), SHADOW_EMULATE);
	cr_assert_eq(fault(END, ACC_WRITE), SHADOW_EMULATE);
	map(DATA, 0x50000, RWU);
	vm->cpu.cr3 = DIR_AT;
	cr_assert(cpu_write_cr(vm, 0, CR0_PE | CR0_PG | CR0_WP, NULL));
	guest_store(DATA, 2);
	cr_assert_eq(peek(0x50000), 2u);
	cr_assert_eq(peek(DATA), 1u);
	cr_assert(cpu_write_cr(vm, 0, CR0_PE, NULL));
	cr_assert_eq(guest_load(DATA), 1u);
}

BOTH_FORMS(trap25_directories_where_there_is_no_memory)
{
	static const u32 at[] = {END,	  0xfffff000,	   0x80000000,
				 0xa0000, END - PAGE_SIZE, 0xff000};
	u32 value;

	paging_on(RWU);
	for (u32 i = 0; i < ARRAY_LEN(at); i++) {
		cr_assert(cpu_write_cr(vm, 3, at[i] | 0x18, NULL));
		for (u32 a = 0; a < 0xfc000000; a += 0x7c0000) {
			guest_access(a, &value, ACC_READ);
			value = 3;
			guest_access(a, &value, ACC_WRITE);
			cr_assert_not(present(a), "cr3 0x%x va 0x%x", at[i], a);
		}
		mode_switch(vm, VMODE_USER);
		guest_access(DATA, &value, ACC_READ);
		mode_switch(vm, VMODE_KERNEL);
	}
	cr_assert(cpu_write_cr(vm, 3, DIR_AT, NULL));
	guest_store(DATA, 1);
}

/* More of the address space than the pool has tables for. */
BOTH_FORMS(trap09_the_pool_is_used_up)
{
	u32 sum = 0;

	paging_on(RWU);
	for (u32 round = 0; round < 3; round++)
		for (u32 i = 1; i < 240; i++) {
			u32 pde = TABLES_AT | RWU;

			if (!(peek(DIR_AT + i * 16) & PTE_P))
				gpa_write(vm, gpa(DIR_AT + i * 16), &pde, 4);
			guest_store(i * 0x1000000 + DATA, ++sum);
			cr_assert_eq(peek(DATA), sum);
		}
	cr_assert_eq(guest_load(DATA), sum);
}
