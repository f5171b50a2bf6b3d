/*
 * Far transfers and segment loads against SDM vol. 2 (IRET, RET, JMP, CALL, MOV, LLDT, LTR):
 * privilege is the virtual one, and what faults has changed nothing.
 */
#include "grader/unit/core_model.h"
#include "kernel/paging.h"

enum { NOWHERE = 0x4000, RW = PTE_P | PTE_W };
static struct trapframe before;

static void setup(void)
{
	core_init();
	fake_cpu.fs = fake_cpu.gs = 0;
	vm->cpu.vif = true;
}

TestSuite(far, .init = setup, .fini = core_done, .timeout = 20);

/* Words on top of the stack in use. */
static void push(u32 n, const u32 *words)
{
	vm->tf->esp -= n * 4;
	for (u32 i = 0; i < n; i++)
		poke(vm->tf->esp + i * 4, words[i]);
	before = *vm->tf;
}

#define PUSH(...) push(sizeof((u32[]){__VA_ARGS__}) / 4, (u32[]){__VA_ARGS__})

static void iret_refused(u32 cs, u32 ss, u8 vector, u32 error)
{
	u32 esp = vm->tf->esp;

	PUSH(0x7000, cs, FL_ONE, USTACK, ss);
	EXPECT_REFUSED(cpu_iret(vm, 4, &f), vector, error);
	vm->tf->esp = esp;
}

/* --- iret, same level ------------------------------------------------------------------------ */

Test(far, iret_in_the_kernel)
{
	PUSH(0x7000, KCODE, FL_ONE | FL_CF | FL_IF | FL_IOPL);
	vm->cpu.vif = false;
	EXPECT_OK(cpu_iret(vm, 4, &f));
	cr_assert_eq(vm->tf->eip, 0x7000u);
	cr_assert_eq(vm->tf->cs, (u32)KCODE | 3);
	cr_assert_eq(vm->tf->esp, (u32)KSTACK);
	cr_assert_eq(vm->tf->ss, (u32)KDATA | 3, "its own stack goes on");
	cr_assert(vm->cpu.vif && vm->tf->eflags & FL_CF);
	cr_assert_eq(vm->cpu.vflags, (u32)FL_IOPL);
	cr_assert_eq(vm->cpu.mode, VMODE_KERNEL);
}

Test(far, iret_in_user_mode_changes_no_privileged_flag)
{
	user_mode();
	PUSH(0x7000, UCODE, FL_ONE | FL_IOPL | FL_ZF);
	EXPECT_OK(cpu_iret(vm, 4, &f));
	cr_assert_eq(vm->tf->esp, (u32)USTACK);
	cr_assert(vm->cpu.vif, "IF needs IOPL");
	cr_assert_eq(vm->cpu.vflags, 0u);
	cr_assert(vm->tf->eflags & FL_ZF);
}

Test(far, iret_clears_rf_and_sets_tf)
{
	vm->tf->eflags |= FL_RF;
	PUSH(0x7000, KCODE, FL_ONE | FL_TF);
	EXPECT_OK(cpu_iret(vm, 4, &f));
	cr_assert_eq(vm->tf->eflags & (FL_RF | FL_TF), (u32)FL_TF);
}

Test(far, iret_of_what_is_pushed_on_a_stack_with_a_base)
{
	set_desc(SPARE, desc(0x1000, 0xfffff, A_DATA, 0xC));
	segs_load(vm);
	vm->tf->ss = SPARE | 3;
	vm->tf->esp = 0x4000;
	poke(0x5000, 0x7000);
	poke(0x5004, KCODE);
	poke(0x5008, FL_ONE);
	EXPECT_OK(cpu_iret(vm, 4, &f));
	cr_assert_eq(vm->tf->eip, 0x7000u);
}

/* --- iret, outwards ------------------------------------------------------------------------------ */

Test(far, iret_to_user_mode)
{
	PUSH(0x7000, UCODE, FL_ONE | FL_IF, USTACK, UDATA);
	vm->cpu.vif = false;
	EXPECT_OK(cpu_iret(vm, 4, &f));
	cr_assert_eq(vm->cpu.mode, VMODE_USER);
	cr_assert_eq(vm->view, VMODE_USER);
	cr_assert_eq(fake_cpu.cr3, shadow_root(vm, VMODE_USER));
	cr_assert_eq(fake_cpu.gdt, vm->segs.ref[VMODE_USER].base);
	cr_assert_eq(vm->tf->eip, 0x7000u);
	cr_assert_eq(vm->tf->cs, (u32)UCODE);
	cr_assert_eq(vm->tf->ss, (u32)UDATA);
	cr_assert_eq(vm->tf->esp, (u32)USTACK);
	cr_assert(vm->cpu.vif);
}

/* The table of SDM vol. 2, IRET: what of DS, ES, FS, GS an outer level may keep. */
Test(far, trap21_segments_of_the_kernel_are_nulled)
{
	set_desc(SPARE, desc(0, 0xfffff, A_CODE | A_CONFORMING, 0xC));
	segs_load(vm);
	vm->tf->ds = KDATA;
	vm->tf->es = UDATA;
	fake_cpu.fs = SPARE;
	fake_cpu.gs = KCODE;
	PUSH(0x7000, UCODE, FL_ONE, USTACK, UDATA);
	EXPECT_OK(cpu_iret(vm, 4, &f));
	cr_assert_eq(vm->tf->ds, 0u);
	cr_assert_eq(vm->tf->es, (u32)UDATA);
	cr_assert_eq(fake_cpu.fs, SPARE, "conforming code may stay");
	cr_assert_eq(fake_cpu.gs, 0);
}

Test(far, trap21_what_is_in_no_table_is_nulled_too)
{
	vm->tf->ds = SEL_CARRY_DATA;
	vm->tf->es = NOWHERE | 3;
	fake_cpu.fs = SEL_CARRY_DATA;
	fake_cpu.gs = UCODE;
	PUSH(0x7000, UCODE, FL_ONE, USTACK, UDATA);
	EXPECT_OK(cpu_iret(vm, 4, &f));
	cr_assert_eq(vm->tf->ds | vm->tf->es | fake_cpu.fs, 0u);
	cr_assert_eq(fake_cpu.gs, UCODE);
}

Test(far, iret_within_a_level_nulls_nothing)
{
	PUSH(0x7000, KCODE, FL_ONE);
	EXPECT_OK(cpu_iret(vm, 4, &f));
	cr_assert_eq(vm->tf->ds, (u32)KDATA);
}

/* --- iret, refused ---------------------------------------------------------------------------------- */

Test(far, trap46_iret_to_code_that_will_not_do)
{
	iret_refused(0, 0, VEC_GP, 0);
	iret_refused(3, UDATA, VEC_GP, 0);
	iret_refused(KDATA, 0, VEC_GP, KDATA);
	iret_refused(UDATA, UDATA, VEC_GP, UDATA & ~3);
	iret_refused(NOWHERE, 0, VEC_GP, NOWHERE);
	iret_refused(NOWHERE | 3, UDATA, VEC_GP, NOWHERE);
	iret_refused(TSS_SEL, 0, VEC_GP, TSS_SEL);
	iret_refused(KCODE | 3, UDATA, VEC_GP, KCODE);
	iret_refused(UCODE & ~3, 0, VEC_GP, UCODE & ~3);
	iret_refused(KCODE | 1, 0, VEC_GP, KCODE);
	iret_refused(KCODE | 2, 0, VEC_GP, KCODE);
	set_desc(SPARE, desc(0, 0xfffff, A_CODE & ~A_PRESENT, 0xC));
	iret_refused(SPARE, 0, VEC_NP, SPARE);
	set_desc(SPARE, desc(0, 0xfffff, (A_CODE | A_DPL3) & ~A_PRESENT, 0xC));
	iret_refused(SPARE | 3, UDATA, VEC_NP, SPARE);
}

Test(far, trap46_iret_to_a_stack_that_will_not_do)
{
	iret_refused(UCODE, 0, VEC_GP, 0);
	iret_refused(UCODE, 3, VEC_GP, 0);
	iret_refused(UCODE, KDATA, VEC_GP, KDATA);
	iret_refused(UCODE, KDATA | 3, VEC_GP, KDATA);
	iret_refused(UCODE, UDATA & ~3, VEC_GP, UDATA & ~3);
	iret_refused(UCODE, UCODE, VEC_GP, UCODE & ~3);
	iret_refused(UCODE, NOWHERE | 3, VEC_GP, NOWHERE);
	set_desc(SPARE, desc(0, 0xfffff, 0x90 | A_DPL3, 0xC)); /* read-only */
	iret_refused(UCODE, SPARE | 3, VEC_GP, SPARE);
	set_desc(SPARE, desc(0, 0xfffff, (A_DATA | A_DPL3) & ~A_PRESENT, 0xC));
	iret_refused(UCODE, SPARE | 3, VEC_SS, SPARE);
}

Test(far, user_mode_cannot_iret_inwards)
{
	user_mode();
	iret_refused(KCODE, KDATA, VEC_GP, KCODE);
	iret_refused(UCODE & ~3, UDATA, VEC_GP, UCODE & ~3);
	iret_refused(KCODE | 3, UDATA, VEC_GP, KCODE);
}

Test(far, an_iret_whose_stack_faults)
{
	struct gfault f;

	paging_on(RW | PTE_U);
	map(0x200000, 0, 0);
	mode_load_view(vm, VMODE_KERNEL);
	vm->tf->esp = 0x200000 - 8;
	before = *vm->tf;
	cr_assert_not(cpu_iret(vm, 4, &f));
	cr_assert_eq(f.vector, VEC_PF);
	cr_assert_eq(f.addr.a, 0x200000u);
	cr_assert_arr_eq(vm->tf, &before, sizeof(before));
}

/* The three words are there and say "outwards"; the other two are on a page that is not. */
Test(far, an_iret_outwards_whose_stack_ends)
{
	struct gfault f;

	paging_on(RW | PTE_U);
	map(0x200000, 0, 0);
	mode_load_view(vm, VMODE_KERNEL);
	poke(0x200000 - 8, UCODE);
	vm->tf->esp = 0x200000 - 12;
	cr_assert_not(cpu_iret(vm, 4, &f));
	cr_assert_eq(f.addr.a, 0x200000u);
	cr_assert_eq(vm->cpu.mode, VMODE_KERNEL);
}

Test(far, what_is_not_supported_says_so)
{
	struct gfault f;

	EXPECT_DEATH("16-bit iret", cpu_iret(vm, 2, &f));
	PUSH(0x7000, KCODE, FL_ONE | FL_VM);
	EXPECT_DEATH("virtual-8086", cpu_iret(vm, 4, &f));
	vm->tf->eflags |= FL_NT;
	EXPECT_DEATH("NT", cpu_iret(vm, 4, &f));
	EXPECT_DEATH("16-bit far return", cpu_far_ret(vm, 2, 0, &f));
	EXPECT_DEATH("16-bit far call", cpu_far_call(vm, KCODE, 0, 2, 0, &f));
}

/* --- the other ways to go far -------------------------------------------------------------------------- */

Test(far, lret)
{
	PUSH(0x7000, KCODE, 1, 2);
	EXPECT_OK(cpu_far_ret(vm, 4, 8, &f));
	cr_assert_eq(vm->tf->eip, 0x7000u);
	cr_assert_eq(vm->tf->cs, (u32)KCODE | 3);
	cr_assert_eq(vm->tf->esp, (u32)KSTACK);
}

Test(far, lret_to_what_will_not_do)
{
	static const struct {
		u32 cs;
		u8 vector;
	} bad[] = {{0, VEC_GP},		{KDATA, VEC_GP},      {NOWHERE, VEC_GP},
		   {KCODE | 1, VEC_GP}, {UCODE & ~3, VEC_GP}, {SPARE, VEC_NP}};

	set_desc(SPARE, desc(0, 0xfffff, A_CODE & ~A_PRESENT, 0xC));
	for (u32 i = 0; i < ARRAY_LEN(bad); i++) {
		vm->tf->esp = KSTACK;
		PUSH(0x7000, bad[i].cs);
		EXPECT_REFUSED(cpu_far_ret(vm, 4, 4, &f), bad[i].vector,
			       bad[i].cs & ~3u);
	}
	user_mode();
	PUSH(0x7000, KCODE);
	EXPECT_REFUSED(cpu_far_ret(vm, 4, 4, &f), VEC_GP, KCODE);
}

Test(far, lret_whose_stack_faults)
{
	struct gfault f;

	paging_on(RW);
	map(0x200000, 0, 0);
	mode_load_view(vm, VMODE_KERNEL);
	vm->tf->esp = 0x200000 - 4;
	before = *vm->tf;
	cr_assert_not(cpu_far_ret(vm, 4, 0, &f));
	cr_assert_eq(f.addr.a, 0x200000u);
	poke(0x200000 - 4, UCODE);
	vm->tf->esp = 0x200000 - 8;
	before = *vm->tf;
	cr_assert_not(cpu_far_ret(vm, 4, 4, &f), "outwards: ss:esp cannot be read");
	cr_assert_arr_eq(vm->tf, &before, sizeof(before));
}

Test(far, jump)
{
	EXPECT_OK(cpu_far_jump(vm, KCODE, 0x7000, &f));
	cr_assert_eq(vm->tf->eip, 0x7000u);
	cr_assert_eq(vm->tf->cs, (u32)KCODE | 3);
	EXPECT_REFUSED(cpu_far_jump(vm, 0, 0, &f), VEC_GP, 0);
	EXPECT_REFUSED(cpu_far_jump(vm, KDATA, 0, &f), VEC_GP, KDATA);
	EXPECT_REFUSED(cpu_far_jump(vm, UCODE, 0, &f), VEC_GP, UCODE & ~3);
	EXPECT_REFUSED(cpu_far_jump(vm, TSS_SEL, 0, &f), VEC_GP, TSS_SEL);
	user_mode();
	EXPECT_REFUSED(cpu_far_jump(vm, KCODE, 0, &f), VEC_GP, KCODE);
	EXPECT_OK(cpu_far_jump(vm, UCODE, 0x7100, &f));
}

Test(far, conforming_code_is_for_the_same_level_and_outer_ones)
{
	set_desc(SPARE, desc(0, 0xfffff, A_CODE | A_CONFORMING, 0xC));
	segs_load(vm);
	user_mode();
	EXPECT_OK(cpu_far_jump(vm, SPARE | 3, 0x7000, &f));
	cr_assert_eq(vm->cpu.mode, VMODE_USER);
	core_destroy(vm);
	setup();
	set_desc(SPARE, desc(0, 0xfffff, A_CODE | A_CONFORMING | A_DPL3, 0xC));
	EXPECT_REFUSED(cpu_far_jump(vm, SPARE, 0x7000, &f), VEC_GP, SPARE);
}

Test(far, call_pushes_where_to_return)
{
	EXPECT_OK(cpu_far_call(vm, KCODE, 0x7000, 4, 0x5007, &f));
	cr_assert_eq(vm->tf->eip, 0x7000u);
	cr_assert_eq(vm->tf->esp, (u32)KSTACK - 8);
	cr_assert_eq(peek(KSTACK - 8), 0x5007u);
	cr_assert_eq(peek(KSTACK - 4), (u32)KCODE, "RPL 0 for the guest");
	EXPECT_OK(cpu_far_ret(vm, 4, 0, &f));
	cr_assert_eq(vm->tf->eip, 0x5007u);
	EXPECT_REFUSED(cpu_far_call(vm, KDATA, 0, 4, 0, &f), VEC_GP, KDATA);
}

Test(far, a_call_whose_stack_faults)
{
	paging_on(RW);
	map(KSTACK - PAGE_SIZE, 0, PTE_P);
	mode_load_view(vm, VMODE_KERNEL);
	EXPECT_REFUSED(cpu_far_call(vm, KCODE, 0x7000, 4, 0, &f), VEC_PF, PF_P | PF_W);
}

Test(far, soft_int)
{
	fill_idt();
	EXPECT_OK(cpu_soft_int(vm, 0x30, 0x5002, &f));
	cr_assert_eq(peek(vm->tf->esp), 0x5002u);
	user_mode();
	EXPECT_REFUSED(cpu_soft_int(vm, 0x30, 0x5002, &f), VEC_GP, 0x30 * 8 | 2);
}
