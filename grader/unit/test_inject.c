/*
 * Injection against SDM vol. 3, 6.12: gates, privilege, stacks, the frame, and what becomes
 * of a fault on the way.
 */
#include "grader/unit/core_model.h"
#include "kernel/paging.h"
#include "vmm/inject.h"

enum { EXT = 1, IDT = 2, RW = PTE_P | PTE_W };

static void setup(void)
{
	core_init();
	fill_idt();
	vm->cpu.vif = true;
}

TestSuite(inject, .init = setup, .fini = core_done, .timeout = 20);

static struct trap_event event_of(u8 vector, enum trap_source source)
{
	return (struct trap_event){.vector = vector, .source = source, .eip = 0x5000};
}

static bool once(u8 vector, enum trap_source source, struct gfault *f)
{
	struct trap_event e = event_of(vector, source);

	return inject_once(vm, &e, f);
}

/* The words of the frame, from the new stack pointer on. */
static u32 pushed(u32 i)
{
	return peek(vm->tf->esp + i * 4);
}

static void expect_handler(u8 vector)
{
	cr_assert_eq(vm->cpu.mode, VMODE_KERNEL);
	cr_assert_eq(vm->view, VMODE_KERNEL);
	cr_assert_eq(vm->tf->eip, (u32)HANDLER + vector * 16, "eip 0x%x", vm->tf->eip);
	cr_assert_eq(vm->tf->cs, (u32)KCODE | 3);
}

/* A fault must leave the guest as it was. */
static void expect_refused(u8 vector, enum trap_source source, u8 want, u32 error)
{
	struct trapframe before = *vm->tf;
	struct cpu cpu = vm->cpu;

	EXPECT_FAULT(once(vector, source, &f), want, error);
	cr_assert_arr_eq(vm->tf, &before, sizeof(before), "registers");
	cr_assert_eq(vm->cpu.mode, cpu.mode);
	cr_assert_eq(vm->cpu.vif, cpu.vif);
	cr_assert_eq(vm->view, cpu.mode, "the view was not given back");
}

/* --- the frame --------------------------------------------------------------------------- */

Test(inject, from_the_kernel_on_its_own_stack)
{
	vm->tf->eflags |= FL_CF | FL_DF;
	EXPECT_OK(once(0x20, TRAP_INTERRUPT, &f));
	expect_handler(0x20);
	cr_assert_eq(vm->tf->esp, (u32)KSTACK - 12);
	cr_assert_eq(pushed(0), 0x5000u);
	cr_assert_eq(pushed(1), (u32)KCODE, "RPL 0 for the guest: 0x%x", pushed(1));
	cr_assert_eq(pushed(2), (u32)FL_ONE | FL_CF | FL_DF | FL_IF);
	cr_assert_eq(vm->tf->ss, (u32)KDATA | 3);
}

Test(inject, from_user_mode_on_the_stack_of_the_tss)
{
	user_mode();
	EXPECT_OK(once(0x20, TRAP_INTERRUPT, &f));
	expect_handler(0x20);
	cr_assert_eq(vm->tf->esp, (u32)KSTACK - 20);
	cr_assert_eq(pushed(0), 0x5000u);
	cr_assert_eq(pushed(1), (u32)UCODE);
	cr_assert(pushed(2) & FL_IF);
	cr_assert_eq(pushed(3), (u32)USTACK);
	cr_assert_eq(pushed(4), (u32)UDATA);
	cr_assert_eq(vm->tf->ss, (u32)KDATA | 3);
}

Test(inject, an_error_code_is_pushed_last)
{
	struct trap_event e = event_of(VEC_GP, TRAP_EXCEPTION);

	e.has_error = true;
	e.error = 0x1234;
	user_mode();
	EXPECT_OK(inject_once(vm, &e, &f));
	cr_assert_eq(vm->tf->esp, (u32)KSTACK - 24);
	cr_assert_eq(pushed(0), 0x1234u);
	cr_assert_eq(pushed(1), 0x5000u);
	cr_assert_eq(pushed(5), (u32)UDATA);
}

/* What is in the real register is ours: IF is always set there, IOPL always 0. */
Test(inject, trap19_the_flags_pushed_are_the_virtual_ones)
{
	vm->cpu.vif = false;
	vm->cpu.vflags = FL_IOPL;
	vm->tf->eflags = FL_ONE | FL_IF | FL_VIF | FL_VIP | FL_ZF;
	EXPECT_OK(once(3, TRAP_EXCEPTION, &f));
	cr_assert_eq(pushed(2), (u32)FL_ONE | FL_ZF | FL_IOPL, "0x%x", pushed(2));
}

Test(inject, trap19_an_interrupt_gate_clears_if_a_trap_gate_does_not)
{
	set_gate(0x30, GATE_TRAP, KCODE, HANDLER);
	EXPECT_OK(once(0x30, TRAP_INTERRUPT, &f));
	cr_assert(vm->cpu.vif);
	EXPECT_OK(once(0x31, TRAP_INTERRUPT, &f));
	cr_assert_not(vm->cpu.vif);
	cr_assert_not(pushed(2) == 0);
	cr_assert(pushed(2) & FL_IF, "pushed as it was before");
	EXPECT_OK(once(0x30, TRAP_INTERRUPT, &f));
	cr_assert_not(vm->cpu.vif, "a trap gate does not set it either");
	cr_assert_not(pushed(2) & FL_IF);
}

Test(inject, the_handler_starts_without_tf_nt_rf_and_vm)
{
	vm->tf->eflags |= FL_TF | FL_NT | FL_RF | FL_AC | FL_ID;
	EXPECT_OK(once(1, TRAP_EXCEPTION, &f));
	cr_assert_eq(vm->tf->eflags & (FL_TF | FL_NT | FL_RF | FL_VM), 0u);
	cr_assert_eq(vm->tf->eflags & (FL_AC | FL_ID), (u32)FL_AC | FL_ID);
	cr_assert(pushed(2) & FL_TF && pushed(2) & FL_NT, "pushed as they were");
}

Test(inject, a_stack_with_a_base)
{
	set_desc(SPARE, desc(0x1000, 0xfffff, A_DATA, 0xC));
	segs_load(vm);
	vm->tf->ss = SPARE | 3;
	EXPECT_OK(once(0x20, TRAP_INTERRUPT, &f));
	cr_assert_eq(peek(0x1000 + KSTACK - 12), 0x5000u);
	poke(TSS_AT + 8, SPARE);
	user_mode();
	EXPECT_OK(once(0x20, TRAP_INTERRUPT, &f));
	cr_assert_eq(peek(0x1000 + KSTACK - 4), (u32)UDATA);
}

Test(inject, trap01_the_pushed_frame_sets_d)
{
	paging_on(RW | PTE_U);
	mode_load_view(vm, VMODE_KERNEL);
	EXPECT_OK(once(0x20, TRAP_INTERRUPT, &f));
	cr_assert_eq(pte_of(KSTACK - 1) & (PTE_A | PTE_D), (u32)PTE_A | PTE_D);
	cr_assert_eq(pte_of(IDT_AT) & (PTE_A | PTE_D), (u32)PTE_A);
}

Test(inject, a_frame_across_two_pages)
{
	paging_on(RW);
	map(0x200000, DATA, RW);
	map(0x201000, DATA + 0x4000, RW);
	mode_load_view(vm, VMODE_KERNEL);
	vm->tf->esp = 0x201004;
	EXPECT_OK(once(0x20, TRAP_INTERRUPT, &f));
	cr_assert_eq(peek(DATA + 0xff8), 0x5000u);
	cr_assert_eq(peek(DATA + 0xffc), (u32)KCODE);
	cr_assert_neq(peek(DATA + 0x4000), 0u);
}

/* --- gates ------------------------------------------------------------------------------------ */

Test(inject, trap25_a_vector_beyond_the_limit)
{
	for (u32 limit = 0; limit < 0x21 * 8; limit += 5) {
		vm->cpu.idtr.limit = (u16)limit;
		if (limit >= 0x20 * 8 + 7)
			break;
		expect_refused(0x20, TRAP_INTERRUPT, VEC_GP, 0x20 * 8 | IDT | EXT);
		expect_refused(0x20, TRAP_SOFTWARE, VEC_GP, 0x20 * 8 | IDT);
	}
	vm->cpu.idtr.limit = 0x20 * 8 + 7;
	EXPECT_OK(once(0x20, TRAP_INTERRUPT, &f));
}

static void expect_death_by_gate(enum trap_source source)
{
	EXPECT_DEATH("gate of vector 64", once(0x40, source, &(struct gfault){0}));
	vm->view = vm->cpu.mode; /* it was lent */
}

/* Every type and S, DPL and P of a gate: SDM vol. 3, 6.11 and 6.12.1.2. */
static void every_gate(enum trap_source source, bool user)
{
	u32 ext = source == TRAP_SOFTWARE ? 0 : EXT;

	for (u32 access = 0; access < 256; access++) {
		u32 type = access & 0x1f, dpl = access >> 5 & 3;
		bool here = access & 0x80, good = type == 14 || type == 15;

		set_gate(0x40, (u8)access, KCODE, HANDLER);
		if (user)
			user_mode();
		else
			vm->tf->esp = KSTACK;
		if (type == 5 || type == 6 || type == 7)
			expect_death_by_gate(source);
		else if (!good || (source == TRAP_SOFTWARE && user && dpl < 3))
			expect_refused(0x40, source, VEC_GP, 0x40 * 8 | IDT | ext);
		else if (!here)
			expect_refused(0x40, source, VEC_NP, 0x40 * 8 | IDT | ext);
		else
			EXPECT_OK(once(0x40, source, &f));
	}
}

Test(inject, every_gate_of_software_in_user_mode)
{
	every_gate(TRAP_SOFTWARE, true);
}

Test(inject, every_gate_of_software_in_the_kernel)
{
	every_gate(TRAP_SOFTWARE, false);
}

Test(inject, every_gate_of_an_interrupt)
{
	every_gate(TRAP_INTERRUPT, true);
}

Test(inject, every_gate_of_an_exception)
{
	every_gate(TRAP_EXCEPTION, true);
}

Test(inject, trap16_an_idt_that_is_not_mapped)
{
	struct gfault f;

	paging_on(RW);
	map(IDT_AT, 0, 0);
	mode_load_view(vm, VMODE_KERNEL);
	cr_assert_not(once(0x20, TRAP_INTERRUPT, &f));
	cr_assert_eq(f.vector, VEC_PF);
	cr_assert_eq(f.addr.a, IDT_AT + 0x20u * 8);
	cr_assert_eq(f.error, 0u, "read by the system: 0x%x", f.error);
}

/* --- the code segment ----------------------------------------------------------------------------- */

static void gate_to(u16 sel, u8 access)
{
	set_desc(SPARE, desc(0, 0xfffff, access, 0xC));
	segs_load(vm);
	set_gate(0x40, GATE_INT, sel, HANDLER);
}

Test(inject, trap46_code_segments_that_will_not_do)
{
	gate_to(0, 0);
	expect_refused(0x40, TRAP_INTERRUPT, VEC_GP, EXT);
	gate_to(3, 0);
	expect_refused(0x40, TRAP_SOFTWARE, VEC_GP, 0);
	gate_to(GDT_SLOTS * 8, 0);
	expect_refused(0x40, TRAP_INTERRUPT, VEC_GP, GDT_SLOTS * 8 | EXT);
	gate_to(SPARE, 0);
	expect_refused(0x40, TRAP_INTERRUPT, VEC_GP, SPARE | EXT);
	gate_to(SPARE, A_DATA);
	expect_refused(0x40, TRAP_INTERRUPT, VEC_GP, SPARE | EXT);
	gate_to(SPARE | 3, A_CODE & ~A_PRESENT);
	expect_refused(0x40, TRAP_INTERRUPT, VEC_NP, SPARE | EXT);
	gate_to(SPARE, 0x8B); /* a TSS */
	expect_refused(0x40, TRAP_SOFTWARE, VEC_GP, SPARE);
}

Test(inject, the_kernel_does_not_go_outwards)
{
	gate_to(UCODE, A_CODE);
	expect_refused(0x40, TRAP_INTERRUPT, VEC_GP, (UCODE & ~3) | EXT);
}

Test(inject, rings_1_and_2_kill_the_vm)
{
	gate_to(SPARE, A_CODE | 0x20);
	EXPECT_DEATH("ring 1", once(0x40, TRAP_INTERRUPT, &(struct gfault){0}));
	gate_to(SPARE, A_CODE | 0x40);
	EXPECT_DEATH("ring 2", once(0x40, TRAP_INTERRUPT, &(struct gfault){0}));
}

/* A gate to user code, from user code: no other stack, no other mode. */
Test(inject, user_to_user)
{
	user_mode();
	set_gate(0x40, GATE_TRAP | GATE_USER, UCODE, 0x7000);
	EXPECT_OK(once(0x40, TRAP_SOFTWARE, &f));
	cr_assert_eq(vm->cpu.mode, VMODE_USER);
	cr_assert_eq(vm->view, VMODE_USER);
	cr_assert_eq(vm->tf->esp, (u32)USTACK - 12);
	cr_assert_eq(vm->tf->eip, 0x7000u);
	cr_assert_eq(vm->tf->cs, (u32)UCODE);
	cr_assert_eq(peek(USTACK - 8), (u32)UCODE);
}

Test(inject, conforming_code_stays_in_user_mode)
{
	user_mode();
	gate_to(SPARE, A_CODE | A_CONFORMING);
	EXPECT_OK(once(0x40, TRAP_INTERRUPT, &f));
	cr_assert_eq(vm->cpu.mode, VMODE_USER);
	cr_assert_eq(vm->tf->esp, (u32)USTACK - 12);
}

/* Then its frame is pushed with its own rights: not over the guest kernel's memory. */
Test(inject, user_to_user_cannot_write_the_kernels_pages)
{
	paging_on(RW);
	user_mode();
	set_gate(0x40, GATE_TRAP | GATE_USER, UCODE, 0x7000);
	vm->tf->esp = DATA + 12;
	expect_refused(0x40, TRAP_SOFTWARE, VEC_PF, PF_P | PF_W | PF_U);
	cr_assert_eq(peek(DATA), 0u);
}

/* --- the inner stack ------------------------------------------------------------------------------- */

static void stack_of(u16 sel, u8 access)
{
	set_desc(SPARE, desc(0, 0xfffff, access, 0xC));
	segs_load(vm);
	poke(TSS_AT + 8, sel);
	user_mode();
}

Test(inject, trap46_stacks_that_will_not_do)
{
	stack_of(0, 0);
	expect_refused(0x20, TRAP_INTERRUPT, VEC_TS, EXT);
	stack_of(UDATA, 0);
	expect_refused(0x20, TRAP_INTERRUPT, VEC_TS, (UDATA & ~3) | EXT);
	stack_of(KDATA | 3, 0);
	expect_refused(0x20, TRAP_INTERRUPT, VEC_TS, KDATA | EXT);
	stack_of(UDATA & ~3, 0);
	expect_refused(0x20, TRAP_SOFTWARE, VEC_GP, 0x20 * 8 | IDT);
	expect_refused(0x20, TRAP_INTERRUPT, VEC_TS, (UDATA & ~3) | EXT);
	stack_of(KCODE, 0);
	expect_refused(0x20, TRAP_INTERRUPT, VEC_TS, KCODE | EXT);
	stack_of(SPARE, 0x90); /* read-only */
	expect_refused(0x20, TRAP_INTERRUPT, VEC_TS, SPARE | EXT);
	stack_of(SPARE, A_DATA & ~A_PRESENT);
	expect_refused(0x20, TRAP_INTERRUPT, VEC_SS, SPARE | EXT);
	stack_of(0x4000, 0); /* beyond the table */
	expect_refused(0x20, TRAP_INTERRUPT, VEC_TS, 0x4000 | EXT);
}

Test(inject, no_tss)
{
	user_mode();
	vm->cpu.tr = 0;
	expect_refused(0x20, TRAP_INTERRUPT, VEC_TS, EXT);
	vm->cpu.tr = TSS_SEL;
	vm->cpu.tss_limit = 7;
	expect_refused(0x20, TRAP_INTERRUPT, VEC_TS, TSS_SEL | EXT);
}

Test(inject, trap16_a_stack_that_is_not_mapped)
{
	paging_on(RW | PTE_U);
	map(KSTACK - PAGE_SIZE, 0, 0);
	user_mode();
	expect_refused(0x20, TRAP_INTERRUPT, VEC_PF, PF_W);
}

Test(inject, trap03_a_stack_that_is_read_only)
{
	paging_on(RW | PTE_U);
	map(KSTACK - PAGE_SIZE, KSTACK - PAGE_SIZE, PTE_P);
	user_mode();
	expect_refused(0x20, TRAP_INTERRUPT, VEC_PF, PF_P | PF_W);
	vm->cpu.cr0 &= ~(u32)CR0_WP;
	mode_flush(vm);
	EXPECT_OK(once(0x20, TRAP_INTERRUPT, &f));
}
