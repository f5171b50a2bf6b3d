/*
 * The shadow's contract, as the CPU sees it: what is mapped after which access, and what a
 * change takes away. All of it holds in both forms.
 */
#define SUITE shadow
#include "grader/unit/shadow_forms.h"
#include "kernel/frame.h"
#include "kernel/paging.h"
#include "vmm/mode.h"

FORMS_SUITES(core_init_vtlb, core_init);

enum { RW = PTE_P | PTE_W, RWU = RW | PTE_U, END = CORE_PAGES * PAGE_SIZE };
enum { AD = PTE_A | PTE_D };

static u32 error;

static enum shadow_result fault(u32 va, unsigned acc)
{
	error = 0xdeadbeef;
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

/* A change of the guest's own tables, and what a guest then has to do. */
static void change(u32 va, u32 entry)
{
	map(va, entry & ~(u32)PAGE_MASK, entry & PAGE_MASK);
	cpu_invlpg(vm, gva(va));
}

/* --- filling ------------------------------------------------------------------------------- */

BOTH_FORMS(nothing_is_mapped_at_first)
{
	paging_on(RWU);
	for (u32 a = 0; a < END; a += PAGE_SIZE)
		cr_assert_not(mmu(VMODE_KERNEL, a).present ||
				      mmu(VMODE_USER, a).present,
			      "0x%x", a);
}

/* The page that was asked for, and no other: its neighbours were never touched. */
BOTH_FORMS(a_fault_maps_one_page)
{
	paging_on(RWU);
	cr_assert_eq(fault(DATA + 0x123, ACC_READ), SHADOW_FILLED);
	for (u32 a = 0; a < END; a += PAGE_SIZE)
		cr_assert_eq(present(a), a == DATA, "0x%x", a);
	cr_assert_not(mmu(VMODE_USER, DATA).present, "the other view");
	cr_assert_eq(mmu(VMODE_KERNEL, DATA).mpn, mpn_of(DATA));
}

BOTH_FORMS(trap01_the_first_write_faults_so_that_d_is_set)
{
	paging_on(RWU);
	cr_assert_eq(fault(DATA, ACC_READ), SHADOW_FILLED);
	cr_assert_not(writable(DATA));
	cr_assert_eq(pte_of(DATA) & AD, (u32)PTE_A);
	cr_assert_eq(fault(DATA, ACC_WRITE), SHADOW_FILLED);
	cr_assert(writable(DATA));
	cr_assert_eq(pte_of(DATA) & AD, (u32)AD);
}

BOTH_FORMS(trap01_a_dirty_page_is_writable_at_once)
{
	paging_on(RWU | AD);
	cr_assert_eq(fault(DATA, ACC_READ), SHADOW_FILLED);
	cr_assert(writable(DATA));
}

BOTH_FORMS(trap01_the_directorys_a_is_set_too)
{
	paging_on(RWU);
	cr_assert_eq(fault(DATA, ACC_READ), SHADOW_FILLED);
	cr_assert_eq(peek(DIR_AT) & AD, (u32)PTE_A);
}

BOTH_FORMS(trap02_cleared_bits_come_back)
{
	paging_on(RWU);
	guest_store(DATA, 1);
	change(DATA, DATA | RWU);
	cr_assert_not(present(DATA));
	guest_load(DATA);
	cr_assert_not(writable(DATA));
	cr_assert_eq(pte_of(DATA) & AD, (u32)PTE_A);
	guest_store(DATA, 2);
	cr_assert_eq(pte_of(DATA) & AD, (u32)AD);
}

BOTH_FORMS(trap14_a_true_fault_changes_nothing)
{
	paging_on(RWU);
	change(DATA, 0);
	cr_assert_eq(fault(DATA, ACC_WRITE), SHADOW_TRUE);
	cr_assert_eq(error, (u32)PF_W);
	change(DATA, DATA | PTE_P);
	cr_assert_eq(fault(DATA, ACC_WRITE), SHADOW_TRUE);
	cr_assert_eq(error, (u32)(PF_P | PF_W));
	cr_assert_not(present(DATA));
	cr_assert_eq(pte_of(DATA) & AD, 0u, "no access, no A");
}

BOTH_FORMS(trap15_hidden_faults_leave_cr2_alone)
{
	paging_on(RWU);
	vm->cpu.cr2 = 0x1234;
	guest_store(DATA, 1);
	cr_assert_eq(vm->cpu.cr2, 0x1234u);
}

BOTH_FORMS(an_unbacked_page_gets_a_frame)
{
	mpn_t m;

	paging_on(RWU);
	cr_assert_eq(pmap_lookup(vm, ppn(0x180), &m), PMAP_UNBACKED);
	cr_assert_eq(guest_load(0x180000), 0u);
	cr_assert_eq(pmap_lookup(vm, ppn(0x180), &m), PMAP_PRIVATE);
	cr_assert_eq(mmu(VMODE_KERNEL, 0x180000).mpn, m.n);
}

BOTH_FORMS(trap25_devices_and_beyond_are_emulated)
{
	static const u32 at[] = {0xa0000, END, 0x80000000, 0xfffff000};

	paging_on(RWU);
	for (u32 i = 0; i < ARRAY_LEN(at); i++) {
		map(0x800000, at[i], RWU);
		cpu_invlpg(vm, gva(0x800000));
		cr_assert_eq(fault(0x800000, ACC_READ), SHADOW_EMULATE);
		cr_assert_eq(fault(0x800000, ACC_WRITE), SHADOW_EMULATE);
		cr_assert_not(present(0x800000));
		cr_assert_eq(guest_load(0x800000), ~0u);
		guest_store(0x800000, 5);
	}
}

/* --- views ------------------------------------------------------------------------------------- */

BOTH_FORMS(the_user_view_has_only_user_pages)
{
	paging_on(RW);
	map(DATA, DATA, RWU);
	guest_load(DATA);
	guest_load(DATA + PAGE_SIZE);
	user_mode();
	guest_load(DATA);
	cr_assert_eq(fault(DATA + PAGE_SIZE, ACC_READ), SHADOW_TRUE);
	cr_assert_eq(error, (u32)(PF_P | PF_U));
	for (u32 a = 0; a < END; a += PAGE_SIZE)
		cr_assert_eq(mmu(VMODE_USER, a).present, a == DATA, "0x%x", a);
}

/* Both levels must say U and W: the same table under two entries of the directory. */
BOTH_FORMS(trap07_one_table_two_parents_two_rights)
{
	u32 table = TABLES_AT;

	paging_on(RWU);
	gpa_write(vm, gpa(DIR_AT + 4), &(u32){table | PTE_P | PTE_W}, 4);
	gpa_write(vm, gpa(DIR_AT + 8), &(u32){table | PTE_P | PTE_U}, 4);
	user_mode();
	guest_store(DATA, 1);
	cr_assert_eq(fault(DATA + 0x400000, ACC_READ), SHADOW_TRUE, "U = 0 above");
	cr_assert_eq(guest_load(DATA + 0x800000), 1u);
	cr_assert_eq(fault(DATA + 0x800000, ACC_WRITE), SHADOW_TRUE, "W = 0 above");
	cr_assert_not(writable(DATA + 0x800000));
	cr_assert_not(present(DATA + 0x400000));
	cr_assert(writable(DATA));
}

BOTH_FORMS(trap03_without_wp_the_kernel_writes_to_read_only_pages)
{
	paging_on(PTE_P | PTE_U);
	cr_assert_eq(fault(DATA, ACC_WRITE), SHADOW_TRUE);
	vm->cpu.cr0 &= ~(u32)CR0_WP;
	mode_flush(vm);
	guest_store(DATA, 7);
	cr_assert_eq(pte_of(DATA) & AD, (u32)AD);
	mode_switch(vm, VMODE_USER);
	cr_assert_eq(guest_load(DATA), 7u);
	cr_assert_not(writable(DATA), "the user view");
	cr_assert_eq(fault(DATA, ACC_WRITE), SHADOW_TRUE);
	mode_switch(vm, VMODE_KERNEL);
	vm->cpu.cr0 |= CR0_WP;
	mode_flush(vm);
	cr_assert_not(writable(DATA), "and after WP is set again");
}

BOTH_FORMS(trap03_without_wp_traces_still_hold)
{
	paging_on(PTE_P | PTE_U);
	vm->cpu.cr0 &= ~(u32)CR0_WP;
	mode_flush(vm);
	trace_set(vm, ppn(DATA >> PAGE_SHIFT), TRACE_PATCH);
	guest_load(DATA);
	cr_assert_not(writable(DATA));
	cr_assert_eq(fault(DATA, ACC_WRITE), SHADOW_EMULATE);
	trace_clear(vm, ppn(DATA >> PAGE_SHIFT), TRACE_PATCH);
}

BOTH_FORMS(views_come_and_go)
{
	paging_on(RWU);
	for (u32 i = 0; i < 50; i++) {
		mode_switch(vm, i % 2 ? VMODE_USER : VMODE_KERNEL);
		guest_store(DATA + i * PAGE_SIZE, i);
	}
	for (u32 i = 0; i < 50; i++)
		cr_assert_eq(peek(DATA + i * PAGE_SIZE), i);
}

/* --- taking away ----------------------------------------------------------------------------------- */

BOTH_FORMS(a_dirty_page_that_is_traced_is_not_writable)
{
	paging_on(RWU | AD);
	trace_set(vm, ppn(DATA >> PAGE_SHIFT), TRACE_PATCH);
	cr_assert_eq(fault(DATA, ACC_READ), SHADOW_FILLED);
	cr_assert_not(writable(DATA));
	trace_clear(vm, ppn(DATA >> PAGE_SHIFT), TRACE_PATCH);
}

BOTH_FORMS(trap12_a_trace_makes_every_mapping_read_only)
{
	u32 flushed;

	paging_on(RWU);
	map(0x200000, DATA, RWU);
	guest_store(DATA, 1);
	guest_store(0x200000, 2);
	mode_switch(vm, VMODE_USER);
	guest_store(DATA, 3);
	flushed = fake_cpu.flushes;
	trace_set(vm, ppn(DATA >> PAGE_SHIFT), TRACE_PATCH);
	cr_assert_gt(fake_cpu.flushes, flushed, "the TLB has it writable still");
	cr_assert_not(mmu(VMODE_KERNEL, DATA).writable);
	cr_assert_not(mmu(VMODE_KERNEL, 0x200000).writable);
	cr_assert_not(mmu(VMODE_USER, DATA).writable);
	cr_assert_eq(fault(DATA, ACC_WRITE), SHADOW_EMULATE);
	trace_clear(vm, ppn(DATA >> PAGE_SHIFT), TRACE_PATCH);
	cr_assert_eq(fault(DATA, ACC_WRITE), SHADOW_FILLED);
}

/* The same where only the leaves had to be filled: the quick way of exits. */
BOTH_FORMS(trap12_mappings_that_were_filled_quickly)
{
	paging_on(RWU | AD);
	map(0x200000, DATA, RWU | AD);
	map(0x201000, DATA, RWU | AD);
	guest_load(DATA + PAGE_SIZE);
	guest_load(DATA);
	guest_store(0x200000, 1);
	guest_load(0x201000);
	cr_assert(writable(DATA) && writable(0x200000) && writable(0x201000));
	trace_set(vm, ppn(DATA >> PAGE_SHIFT), TRACE_PATCH);
	cr_assert_not(writable(DATA) || writable(0x200000) || writable(0x201000));
	shadow_drop(vm, ppn(DATA >> PAGE_SHIFT));
	cr_assert_not(present(DATA) || present(0x200000) || present(0x201000));
	cr_assert(present(DATA + PAGE_SIZE));
	trace_clear(vm, ppn(DATA >> PAGE_SHIFT), TRACE_PATCH);
}

BOTH_FORMS(trap26_a_frame_that_is_taken_away_is_mapped_nowhere)
{
	u32 flushed;

	paging_on(RWU);
	map(0x200000, DATA, RWU);
	guest_store(DATA, 1);
	guest_store(DATA + PAGE_SIZE, 1);
	guest_load(0x200000);
	mode_switch(vm, VMODE_USER);
	guest_load(DATA);
	flushed = fake_cpu.flushes;
	shadow_drop(vm, ppn(DATA >> PAGE_SHIFT));
	cr_assert_gt(fake_cpu.flushes, flushed);
	cr_assert_not(mmu(VMODE_KERNEL, DATA).present);
	cr_assert_not(mmu(VMODE_KERNEL, 0x200000).present);
	cr_assert_not(mmu(VMODE_USER, DATA).present);
	cr_assert(mmu(VMODE_KERNEL, DATA + PAGE_SIZE).present, "its neighbour");
	cr_assert_eq(guest_load(DATA), 1u);
}

BOTH_FORMS(trap11_invlpg_of_what_was_never_mapped)
{
	u32 made;

	paging_on(RWU);
	made = vm->shadow.made;
	for (u32 a = 0; a < 0xfffff000; a += 0x3ff000)
		cpu_invlpg(vm, gva(a));
	cr_assert_eq(vm->shadow.made, made);
}

BOTH_FORMS(invlpg_above_us_does_nothing)
{
	paging_on(RWU);
	guest_load(DATA);
	cpu_invlpg(vm, gva(0xfc000000));
	cpu_invlpg(vm, gva(0xffffffff));
	mmu(VMODE_KERNEL, 0); /* looks at the host's part */
	cr_assert(present(DATA));
}

/* Widening needs no flush by the guest: the fault that comes anyway is walked again. */
BOTH_FORMS(trap13_more_rights_without_invlpg)
{
	u32 entry = DATA | RWU;

	paging_on(PTE_P | PTE_U);
	guest_load(DATA);
	vm->cpu.cr0 &= ~(u32)CR0_WP;
	mode_flush(vm);
	guest_store(TABLES_AT + (DATA >> PAGE_SHIFT) * 4, entry);
	vm->cpu.cr0 |= CR0_WP;
	mode_flush(vm);
	guest_store(DATA, 5);
	cr_assert_eq(peek(DATA), 5u);
}

BOTH_FORMS(a_vm_has_nothing_of_another_in_its_shadow)
{
	cr_assert(core_build(other));
	paging_on(RWU);
	for (u32 a = 0x100000; a < 0x180000; a += PAGE_SIZE) {
		guest_load(a);
		cr_assert_eq(frame_get(mpn(mmu(VMODE_KERNEL, a).mpn))->owner, 1);
	}
	core_destroy(other);
}

BOTH_FORMS(hidden_faults_are_counted)
{
	u32 refills;

	paging_on(RWU);
	refills = vm->shadow.refills;
	guest_load(DATA);
	guest_load(DATA);
	guest_store(DATA, 1);
	cr_assert_eq(vm->shadow.refills, refills + 2);
}

/* The caller looks first. */
BOTH_FORMS(a_fault_in_the_hosts_part_is_our_bug, .signal = SIGABRT)
{
	fault(0xfc000000, ACC_READ);
}
