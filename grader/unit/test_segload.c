/*
 * Segment loads against SDM vol. 2 (MOV, LLDT, LTR): privilege is the virtual one, and what
 * faults has changed nothing.
 */
#include "grader/unit/core_model.h"
#include "kernel/paging.h"
#include "vmm/mode.h"

enum { NOWHERE = 0x4000, RW = PTE_P | PTE_W };

TestSuite(segload, .init = core_init, .fini = core_done, .timeout = 20);

/* Which selectors each mode may load into a data segment, and into SS. */
Test(segload, data_segments)
{
	EXPECT_OK(cpu_load_segment(vm, SEG_DS, UDATA, &f));
	cr_assert_eq(vm->tf->ds, (u32)UDATA);
	EXPECT_OK(cpu_load_segment(vm, SEG_ES, 0, &f));
	EXPECT_OK(cpu_load_segment(vm, SEG_FS, KDATA, &f));
	EXPECT_OK(cpu_load_segment(vm, SEG_GS, KCODE, &f));
	cr_assert_eq(vm->tf->es, 0u);
	cr_assert_eq(fake_cpu.fs, KDATA);
	cr_assert_eq(fake_cpu.gs, KCODE);
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_DS, KDATA | 3, &f), VEC_GP, KDATA);
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_DS, NOWHERE, &f), VEC_GP, NOWHERE);
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_DS, TSS_SEL, &f), VEC_GP, TSS_SEL);
	set_desc(SPARE, desc(0, 0xfffff, 0x98, 0xC)); /* code, execute only */
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_ES, SPARE, &f), VEC_GP, SPARE);
	set_desc(SPARE, desc(0, 0xfffff, A_DATA & ~A_PRESENT, 0xC));
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_ES, SPARE, &f), VEC_NP, SPARE);
	user_mode();
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_DS, KDATA, &f), VEC_GP, KDATA);
	EXPECT_OK(cpu_load_segment(vm, SEG_DS, UDATA & ~3, &f));
	EXPECT_OK(cpu_load_segment(vm, SEG_DS, 3, &f));
	set_desc(SPARE, desc(0, 0xfffff, A_CODE | A_CONFORMING, 0xC));
	EXPECT_OK(cpu_load_segment(vm, SEG_DS, SPARE, &f));
}

Test(segload, trap46_the_stack_segment)
{
	EXPECT_OK(cpu_load_segment(vm, SEG_SS, KDATA, &f));
	cr_assert_eq(vm->tf->ss, (u32)KDATA | 3);
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_SS, 0, &f), VEC_GP, 0);
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_SS, KDATA | 3, &f), VEC_GP, KDATA);
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_SS, UDATA, &f), VEC_GP, UDATA & ~3);
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_SS, KCODE, &f), VEC_GP, KCODE);
	set_desc(SPARE, desc(0, 0xfffff, A_DATA & ~A_PRESENT, 0xC));
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_SS, SPARE, &f), VEC_SS, SPARE);
	set_desc(SPARE, desc(0, 0xfffff, 0x90, 0xC));
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_SS, SPARE, &f), VEC_GP, SPARE);
	user_mode();
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_SS, KDATA, &f), VEC_GP, KDATA);
	EXPECT_OK(cpu_load_segment(vm, SEG_SS, UDATA, &f));
}

/* What our own checks let pass and the CPU does not is a fault of the guest's. */
Test(segload, a_load_that_the_cpu_refuses)
{
	core.bad_fs = KDATA;
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_FS, KDATA, &f), VEC_GP, KDATA);
	EXPECT_REFUSED(cpu_load_segment(vm, SEG_GS, KDATA, &f), VEC_GP, KDATA);
}

Test(segload, a_written_table_counts_at_once)
{
	struct descriptor d = desc(0, 0xfffff, A_DATA, 0xC);

	gpa_write(vm, gpa(GDT_AT + SPARE), &d, sizeof(d));
	EXPECT_OK(cpu_load_segment(vm, SEG_FS, SPARE, &f));
	cr_assert_neq(vm->segs.view[VMODE_KERNEL][SPARE >> 3].hi, 0u);
}

Test(segload, the_guest_sees_its_own_rpl)
{
	cr_assert_eq(cpu_selector(vm, SEG_CS), KCODE);
	cr_assert_eq(cpu_selector(vm, SEG_SS), KDATA);
	vm->tf->ds = UDATA;
	cr_assert_eq(cpu_selector(vm, SEG_DS), UDATA);
	user_mode();
	cr_assert_eq(cpu_selector(vm, SEG_CS), UCODE);
	cr_assert_eq(cpu_selector(vm, SEG_SS), UDATA);
}

Test(segload, a_segment_as_the_emulator_needs_it)
{
	struct segment s;

	set_desc(SPARE, desc(0x12345000, 0x1234, 0x94, 0)); /* read-only, down */
	segs_load(vm);
	vm->tf->ds = SPARE;
	cpu_segment(vm, SEG_DS, &s);
	cr_assert_eq(s.base, 0x12345000u);
	cr_assert_eq(s.limit, 0x1234u);
	cr_assert(s.present && s.readable && s.expand_down);
	cr_assert(!s.writable && !s.code && !s.big);
	cpu_segment(vm, SEG_CS, &s);
	cr_assert(s.code && s.readable && !s.writable && s.big && s.limit == ~0u);
	vm->tf->es = 3;
	cpu_segment(vm, SEG_ES, &s);
	cr_assert_not(s.present);
}

/* --- lldt, ltr ------------------------------------------------------------------------------------------------ */

Test(segload, ltr_marks_the_descriptor_busy)
{
	vm->cpu.tr = 0;
	EXPECT_OK(cpu_ltr(vm, TSS_SEL, &f));
	cr_assert_eq(vm->cpu.tr, TSS_SEL);
	cr_assert_eq(vm->cpu.tss_base, (u32)TSS_AT);
	cr_assert_eq(vm->cpu.tss_limit, 0x67u);
	cr_assert_eq(peek(GDT_AT + TSS_SEL + 4) >> 8 & 0x1f, 11u);
	cr_assert(vm->segs.stale, "our own write is traced as well (trap 45)");
	EXPECT_REFUSED(cpu_ltr(vm, TSS_SEL, &f), VEC_GP, TSS_SEL);
}

Test(segload, ltr_of_what_will_not_do)
{
	EXPECT_REFUSED(cpu_ltr(vm, 0, &f), VEC_GP, 0);
	EXPECT_REFUSED(cpu_ltr(vm, 3, &f), VEC_GP, 0);
	EXPECT_REFUSED(cpu_ltr(vm, KDATA, &f), VEC_GP, KDATA);
	EXPECT_REFUSED(cpu_ltr(vm, NOWHERE, &f), VEC_GP, NOWHERE);
	EXPECT_REFUSED(cpu_ltr(vm, TSS_SEL | 4, &f), VEC_GP, TSS_SEL | 4);
	set_desc(SPARE, desc(TSS_AT, 0x67, 0x09, 0));
	EXPECT_REFUSED(cpu_ltr(vm, SPARE, &f), VEC_NP, SPARE);
	set_desc(SPARE, desc(TSS_AT, 0x67, 0x82, 0)); /* an LDT */
	EXPECT_REFUSED(cpu_ltr(vm, SPARE, &f), VEC_GP, SPARE);
	cr_assert_eq(vm->cpu.tr, TSS_SEL);
}

Test(segload, ltr_in_a_table_that_cannot_be_written)
{
	paging_on(RW);
	map(GDT_AT, GDT_AT, PTE_P);
	mode_flush(vm);
	EXPECT_REFUSED(cpu_ltr(vm, TSS_SEL, &f), VEC_PF, PF_P | PF_W);
	cr_assert_eq(peek(GDT_AT + TSS_SEL + 4) >> 8 & 0x1f, 9u);
}

Test(segload, lldt)
{
	EXPECT_OK(cpu_lldt(vm, 0, &f));
	EXPECT_OK(cpu_lldt(vm, 3, &f));
	cr_assert_eq(vm->cpu.ldtr, 0);
	EXPECT_REFUSED(cpu_lldt(vm, KDATA, &f), VEC_GP, KDATA);
	EXPECT_REFUSED(cpu_lldt(vm, TSS_SEL, &f), VEC_GP, TSS_SEL);
	set_desc(SPARE, desc(0x9000, 0xff, 0x02, 0));
	EXPECT_REFUSED(cpu_lldt(vm, SPARE, &f), VEC_NP, SPARE);
	set_desc(SPARE, desc(0x9000, 0xff, 0x82, 0));
	EXPECT_OK(cpu_lldt(vm, SPARE, &f));
	cr_assert_eq(vm->cpu.ldtr, SPARE);
}
