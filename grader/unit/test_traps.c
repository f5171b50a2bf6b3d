/*
 * Traps that belong to no single file: 4, what is closed for sharing's sake stays closed
 * whatever D says; 8, a table that was written freely becomes a directory; 18, what the CPU reads of a guest may lie in any page of it; 32, a
 * device writes to a page that becomes a page table on the way.
 */
#define SUITE traps
#include "grader/unit/tables.h"
#include "kernel/paging.h"
#include "vmm/auditing.h"
#include "vmm/inject.h"
#include "vmm/refill.h"

enum { AD = PTE_A | PTE_D, VECTOR = 0x20 };

static void begin(void)
{
	poke(PAGE_A, 0xaaaa);
	fill_idt();
	paging_on(RWU);
	vm->cpu.vif = true;
}

static void begin_vtlb(void)
{
	core_init_vtlb();
	begin();
}

static void begin_cached(void)
{
	core_init();
	begin();
}

FORMS_SUITES(begin_vtlb, begin_cached);

static ppn_t page_at(u32 gpa)
{
	return ppn(gpa >> PAGE_SHIFT);
}

static void expect_clean(void)
{
	struct audit a;

	cr_assert(audit_find(vm, &a), "[%s] %s", a.rule, a.text);
}

/* --- trap 4 ------------------------------------------------------------------------------ */

/*
 * Whoever must keep a page unwritten (a trace now, a shared frame as well) has the last
 * word: after the rule of A and D, in each way by which an entry comes about.
 */
BOTH_FORMS(trap04_a_dirty_page_that_is_closed_stays_closed)
{
	u32 error;

	map(AT, PAGE_A, RWU | AD);
	guest_store(AT, 1);
	cr_assert(mmu(VMODE_KERNEL, AT).writable);
	trace_set(vm, page_at(PAGE_A), TRACE_PATCH);
	cr_assert_not(mmu(VMODE_KERNEL, AT).writable);
	shadow_drop(vm, page_at(PAGE_A));
	cr_assert_eq(shadow_fault(vm, gva(AT), ACC_READ, &error), SHADOW_FILLED);
	cr_assert(mmu(VMODE_KERNEL, AT).present);
	cr_assert_not(mmu(VMODE_KERNEL, AT).writable);
	cr_assert_eq(shadow_fault(vm, gva(AT), ACC_WRITE, &error), SHADOW_EMULATE);
	cr_assert_not(mmu(VMODE_KERNEL, AT).writable);
	trace_clear(vm, page_at(PAGE_A), TRACE_PATCH);
}

BOTH_FORMS(trap04_in_the_user_view_and_the_quick_way_too)
{
	map(AT, PAGE_A, RWU | AD);
	map(AT + PAGE_SIZE, PAGE_B, RWU | AD);
	mode_switch(vm, VMODE_USER);
	vm->quick.refills = vm->shadow.form->wide;
	guest_load(AT + PAGE_SIZE); /* the leaf is there */
	trace_set(vm, page_at(PAGE_A), TRACE_PATCH);
	if (vm->shadow.form->wide)
		cr_assert_eq(refill(vm, gva(AT), ACC_READ), REFILL_DONE);
	guest_load(AT);
	cr_assert(mmu(VMODE_USER, AT).present);
	cr_assert_not(mmu(VMODE_USER, AT).writable);
	cr_assert_neq(refill(vm, gva(AT), ACC_WRITE), REFILL_DONE);
	cr_assert_not(mmu(VMODE_USER, AT).writable);
	trace_clear(vm, page_at(PAGE_A), TRACE_PATCH);
}

/* --- trap 18 ----------------------------------------------------------------------------- */

/* An interrupt from user mode: IDT, TSS, GDT and the kernel's stack all come into it. */
static void deliver(void)
{
	struct trap_event e = {
		.vector = VECTOR, .source = TRAP_INTERRUPT, .eip = 0x5000};

	if (vm->cpu.mode == VMODE_KERNEL)
		mode_switch(vm, VMODE_USER);
	user_mode();
	EXPECT_OK(inject_once(vm, &e, &f));
	cr_assert_eq(vm->tf->eip, (u32)HANDLER + VECTOR * 16);
	cr_assert_eq(vm->tf->esp, (u32)KSTACK - 20);
	cr_assert_eq(peek(KSTACK - 20), 0x5000u);
	cr_assert_eq(vm->cpu.mode, VMODE_KERNEL);
}

static const u32 places[] = {IDT_AT, TSS_AT, GDT_AT, KSTACK - PAGE_SIZE};

BOTH_FORMS(trap18_system_tables_in_traced_pages)
{
	for (u32 i = 0; i < ARRAY_LEN(places); i++) {
		trace_set(vm, page_at(places[i]), TRACE_PATCH);
		deliver();
		cr_assert(trace_get(vm, page_at(places[i])) & TRACE_PATCH);
		cr_assert_not(mmu(VMODE_KERNEL, places[i]).writable);
		trace_clear(vm, page_at(places[i]), TRACE_PATCH);
	}
}

BOTH_FORMS(trap18_system_tables_that_no_shadow_maps)
{
	for (u32 i = 0; i < ARRAY_LEN(places); i++) {
		shadow_drop(vm, page_at(places[i]));
		deliver();
	}
	core.no_peek = true;
	deliver();
	core.no_peek = false;
}

/* A page of the guest that is one of its page tables is one of these as well. */
BOTH_FORMS(trap18_system_tables_in_a_page_table)
{
	u32 slot = AT >> 22;

	for (u32 i = 0; i < ARRAY_LEN(places); i++) {
		gpa_write(vm, gpa(DIR_AT + slot * 4), &(u32){places[i] | RWU}, 4);
		gpa_write(vm, gpa(places[i] + PAGE_SIZE - 4 * (1 + i)),
			  &(u32){PAGE_A | RWU | AD}, 4);
		mode_switch(vm, VMODE_KERNEL);
		guest_load((slot << 22) + (1024 - (1 + i)) * PAGE_SIZE);
		deliver();
		expect_clean();
	}
}

/* LTR marks the TSS busy, in the guest's GDT, which is traced. */
BOTH_FORMS(trap18_ltr_writes_to_a_traced_page)
{
	struct gfault f = {0};

	set_desc(TSS_SEL, desc(TSS_AT, 0x67, 0x89, 0));
	cr_assert(trace_get(vm, page_at(GDT_AT)) & TRACE_GDT);
	cr_assert(cpu_ltr(vm, TSS_SEL, &f), "vector %u", f.vector);
	cr_assert_eq(peek(GDT_AT + TSS_SEL + 4) >> 8 & 0xff, 0x8bu);
	cr_assert(vm->segs.stale || vm->attention & ATTEND_GDT);
}

/* --- trap 32 ----------------------------------------------------------------------------- */

/* The device's last word comes after the table's shadow was made. */
BOTH_FORMS(trap32_a_page_under_dma_becomes_a_table)
{
	u32 error;
	mpn_t m;

	cr_assert(pmap_pin(vm, page_at(PAGE_B), true, &m));
	gpa_write(vm, gpa(DIR_AT + SLOT * 4), &(u32){PAGE_B | RWU}, 4);
	poke(PAGE_B, PAGE_A | RWU | AD);
	cr_assert_eq(shadow_fault(vm, gva(AT), ACC_READ, &error), SHADOW_FILLED);
	poke(PAGE_B, PAGE_C | RWU | AD);
	expect_clean();
	pmap_unpin(vm, page_at(PAGE_B));
	expect_clean();
	cr_assert(cpu_write_cr(vm, 3, DIR_AT, NULL));
	mode_load_view(vm, VMODE_KERNEL);
	guest_load(AT);
	cr_assert_eq(mmu(VMODE_KERNEL, AT).mpn, mpn_of(PAGE_C));
}

/* --- trap 8 ------------------------------------------------------------------------------ */

/* Written freely as a leaf, freed, and a directory from then on: a flush must see it. */
BOTH_FORMS(trap08_a_loose_table_becomes_a_directory)
{
	u32 low = peek(DIR_AT), second = SLOT + 1;

	poke(PAGE_B, 0xbbbb);
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	guest_load(AT);
	set_pte(TABLE, 1, PAGE_B | RWU); /* it is loose from here on */
	set_pde(DIR_AT, SLOT, 0);
	set_pte(TABLE, 0, low); /* the direct map */
	set_pde(TABLE, 1, 0);
	set_pde(TABLE, second, TABLE2 | RWU);
	set_pte(TABLE2, 0, PAGE_A | RWU);
	load_cr3(TABLE);
	mode_load_view(vm, VMODE_KERNEL);
	cr_assert_eq(guest_load(second << 22), 0xaaaau);
	set_pte(TABLE2 + PAGE_SIZE, 0, PAGE_B | RWU);
	set_pde(TABLE, second, (TABLE2 + PAGE_SIZE) | RWU);
	load_cr3(TABLE);
	mode_load_view(vm, VMODE_KERNEL);
	cr_assert_eq(guest_load(second << 22), 0xbbbbu, "the flush was not seen");
	expect_clean();
}
