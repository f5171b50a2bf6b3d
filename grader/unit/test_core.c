/*
 * Traces, modes, the lazy x87, and the life of what a VM is made of. Main file of the
 * program that tests the VMM's core: units.mk has the others.
 */
#include "grader/unit/core_model.h"
#include "kernel/cpu.h"

TestSuite(trace, .init = core_init, .fini = core_done, .timeout = 20);
TestSuite(mode, .init = core_init, .fini = core_done, .timeout = 20);
TestSuite(fpu, .init = core_init, .fini = core_done, .timeout = 20);
TestSuite(life, .init = core_init, .fini = core_done, .timeout = 20);

/* --- traces ------------------------------------------------------------------------------- */

Test(trace, flags_are_apart)
{
	ppn_t p = ppn(0x80);

	trace_set(vm, p, TRACE_GDT);
	trace_set(vm, p, TRACE_PATCH);
	cr_assert_eq(trace_get(vm, p), (unsigned)TRACE_GDT | TRACE_PATCH);
	trace_clear(vm, p, TRACE_GDT);
	cr_assert_eq(trace_get(vm, p), (unsigned)TRACE_PATCH);
	cr_assert_eq(trace_get(vm, ppn(0x7f)) | trace_get(vm, ppn(0x81)), 0u);
}

Test(trace, trap25_beyond_memory_is_never_traced)
{
	static const u32 beyond[] = {CORE_PAGES, CORE_PAGES + 1, 0xfffff, 0xffffffff};

	for (u32 i = 0; i < ARRAY_LEN(beyond); i++) {
		trace_set(vm, ppn(beyond[i]), TRACE_PATCH);
		trace_clear(vm, ppn(beyond[i]), TRACE_PATCH);
		trace_dma(vm, ppn(beyond[i]));
		cr_assert_eq(trace_get(vm, ppn(beyond[i])), 0u);
	}
	trace_set(vm, ppn(CORE_PAGES - 1), TRACE_PATCH);
	cr_assert_neq(trace_get(vm, ppn(CORE_PAGES - 1)), 0u);
}

Test(trace, dma_into_the_gdt_makes_it_compared)
{
	trace_dma(vm, ppn(GDT_AT >> PAGE_SHIFT));
	cr_assert(vm->segs.untraced);
	cr_assert(vm->attention & ATTEND_GDT);
	cr_assert_eq(trace_get(vm, ppn(GDT_AT >> PAGE_SHIFT)), 0u);
	cr_assert(happened("gdt.untrace"));
}

Test(trace, dma_elsewhere_is_nobodys_business)
{
	trace_dma(vm, ppn(0x80));
	cr_assert_not(vm->segs.untraced);
	cr_assert_str_empty(core.events);
}

/* --- modes --------------------------------------------------------------------------------- */

Test(mode, a_switch_changes_root_gdt_and_view)
{
	mode_load(vm);
	cr_assert_eq(fake_cpu.cr3, shadow_root(vm, VMODE_KERNEL));
	cr_assert_eq(fake_cpu.gdt, vm->segs.ref[VMODE_KERNEL].base);
	mode_switch(vm, VMODE_USER);
	cr_assert_eq(vm->cpu.mode, VMODE_USER);
	cr_assert_eq(vm->view, VMODE_USER);
	cr_assert_eq(fake_cpu.cr3, shadow_root(vm, VMODE_USER));
	cr_assert_eq(fake_cpu.gdt, vm->segs.ref[VMODE_USER].base);
	cr_assert_neq(shadow_root(vm, VMODE_USER), shadow_root(vm, VMODE_KERNEL));
	mode_unload();
	cr_assert_eq(fake_cpu.gdt, 0u);
	cr_assert_neq(fake_cpu.cr3, shadow_root(vm, VMODE_USER));
}

Test(mode, lending_a_view_gives_it_back)
{
	u32 loads;

	user_mode();
	mode_lend_kernel_view(vm);
	cr_assert_eq(fake_cpu.cr3, shadow_root(vm, VMODE_KERNEL));
	cr_assert_eq(vm->cpu.mode, VMODE_USER);
	mode_return_view(vm);
	cr_assert_eq(fake_cpu.cr3, shadow_root(vm, VMODE_USER));
	loads = fake_cpu.flushes;
	mode_return_view(vm);
	cr_assert_eq(fake_cpu.flushes, loads, "nothing to give back");
}

Test(mode, trap47_pvi_is_off_in_user_mode)
{
	core_set_pvi(true);
	mode_load(vm);
	cr_assert(fake_cpu.cr4 & CR4_PVI);
	mode_switch(vm, VMODE_USER);
	cr_assert_not(fake_cpu.cr4 & CR4_PVI);
	mode_switch(vm, VMODE_KERNEL);
	cr_assert(fake_cpu.cr4 & CR4_PVI);
	mode_unload();
	cr_assert_not(fake_cpu.cr4 & CR4_PVI, "the host has it");
}

Test(mode, without_pvi_cr4_is_left_alone)
{
	core_set_pvi(false);
	mode_load(vm);
	cpu_set_if(vm, true);
	cr_assert_eq(fake_cpu.cr4, (u32)CR4_UMIP);
	cr_assert_not(vm->tf->eflags & FL_VIF);
	cr_assert(vm->cpu.vif);
}

/* The CPU keeps it in kernel mode, and must not in user mode. */
Test(mode, trap47_vif_follows_the_mode)
{
	core_set_pvi(true);
	cpu_set_if(vm, true);
	cr_assert(vm->tf->eflags & FL_VIF);
	vm->tf->eflags |= FL_VIP;
	mode_switch(vm, VMODE_USER);
	cr_assert_eq(vm->tf->eflags & (FL_VIF | FL_VIP), 0u);
	cr_assert(vm->cpu.vif, "the virtual IF itself stays");
	mode_switch(vm, VMODE_KERNEL);
	cr_assert_eq(vm->tf->eflags & (FL_VIF | FL_VIP), (u32)FL_VIF);
	cpu_set_if(vm, false);
	cr_assert_eq(vm->tf->eflags & (FL_VIF | FL_VIP), 0u);
}

Test(mode, hot_data_beside_the_gdt_is_compared_at_a_switch)
{
	segs_untrace(vm);
	segs_refresh(vm);
	set_desc(SPARE, desc(0x1000, 0xfff, A_DATA, 4));
	cr_assert_eq(vm->segs.view[VMODE_USER][SPARE >> 3].hi, 0u);
	mode_switch(vm, VMODE_USER);
	cr_assert_neq(vm->segs.view[VMODE_USER][SPARE >> 3].hi, 0u);
}

/* --- the x87 ------------------------------------------------------------------------------------ */

static void use(struct vm *v, const char *state)
{
	fpu_switch(v);
	if (fake_cpu.cr0 & CR0_TS)
		cr_assert(fpu_fault(v));
	cr_assert_not(fake_cpu.cr0 & CR0_TS);
	strcpy(fake_cpu.x87, state);
}

Test(fpu, trap49_state_does_not_leak)
{
	use(vm, "mine");
	fpu_switch(other);
	cr_assert(fake_cpu.cr0 & CR0_TS);
	cr_assert(fpu_fault(other));
	cr_assert_str_eq(fake_cpu.x87, "fresh");
	strcpy(fake_cpu.x87, "theirs");
	fpu_switch(vm);
	cr_assert(fake_cpu.cr0 & CR0_TS);
	cr_assert(fpu_fault(vm));
	cr_assert_str_eq(fake_cpu.x87, "mine");
	fpu_switch(other);
	cr_assert(fpu_fault(other));
	cr_assert_str_eq(fake_cpu.x87, "theirs");
	fpu_forget(vm);
	fpu_forget(other);
}

Test(fpu, trap49_the_dead_leave_nothing)
{
	use(vm, "secret");
	fpu_forget(vm);
	fpu_switch(vm);
	cr_assert(fake_cpu.cr0 & CR0_TS);
	cr_assert(fpu_fault(vm));
	cr_assert_str_eq(fake_cpu.x87, "fresh");
	fpu_forget(vm);
}

Test(fpu, who_has_it_needs_no_trap)
{
	use(vm, "mine");
	fpu_switch(NULL);
	cr_assert(fake_cpu.cr0 & CR0_TS, "the host uses it");
	fpu_switch(vm);
	cr_assert_not(fake_cpu.cr0 & CR0_TS);
	cr_assert_str_eq(fake_cpu.x87, "mine");
	fpu_forget(vm);
}

Test(fpu, the_guests_own_ts_and_em_are_its_own_fault)
{
	use(vm, "mine");
	vm->cpu.cr0 |= CR0_TS;
	fpu_switch(vm);
	cr_assert(fake_cpu.cr0 & CR0_TS);
	cr_assert_not(fpu_fault(vm));
	cpu_clts(vm);
	cr_assert_not(fake_cpu.cr0 & CR0_TS);
	vm->cpu.cr0 |= CR0_EM;
	fpu_switch(vm);
	cr_assert(fake_cpu.cr0 & CR0_TS);
	cr_assert_not(fpu_fault(vm));
	cr_assert_not(fake_cpu.cr0 & CR0_EM, "real EM");
	fpu_forget(vm);
}

/* --- life ----------------------------------------------------------------------------------------- */

/* Memory runs out at each step of the way; what was made is given back. */
Test(life, a_build_that_fails_leaks_nothing)
{
	u32 blocks = core.heap_blocks, tries = 0;
	bool built = false;

	while (!built && tries < 400) {
		core.heap_left = tries++;
		built = core_build(other);
		core_destroy(other);
		cr_assert_eq(core.heap_blocks, blocks, "at allocation %u", tries);
	}
	core.heap_left = ~0u;
	cr_assert(built);
	cr_assert_gt(tries, 4u);
}

Test(life, many_lives)
{
	for (u32 i = 0; i < 20; i++) {
		cr_assert(core_build(other));
		core_destroy(other);
	}
}
