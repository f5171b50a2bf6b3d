/*
 * Delivery through the double-fault table, and of what a hostile guest prepares: SDM vol. 3,
 * 6.15, interrupt 8.
 */
#include "grader/unit/core_model.h"
#include "kernel/paging.h"
#include "vmm/inject.h"
#include "vmm/mode.h"

enum { EXT = 1, IDT = 2, RW = PTE_P | PTE_W };

static void setup(void)
{
	core_init();
	fill_idt();
	vm->cpu.vif = true;
}

TestSuite(deliver, .init = setup, .fini = core_done, .timeout = 20);

/* The words of the frame, from the new stack pointer on. */
static u32 pushed(u32 i)
{
	return peek(vm->tf->esp + i * 4);
}

static void expect_handler(u8 vector)
{
	cr_assert_eq(vm->cpu.mode, VMODE_KERNEL);
	cr_assert_eq(vm->tf->eip, (u32)HANDLER + vector * 16, "eip 0x%x", vm->tf->eip);
}

Test(deliver, trap15_a_page_fault_sets_cr2)
{
	struct gfault f = {VEC_PF, true, PF_W, gva(0xdeadb000)};

	inject_fault(vm, &f);
	expect_handler(VEC_PF);
	cr_assert_eq(vm->cpu.cr2, 0xdeadb000u);
	cr_assert_eq(pushed(0), (u32)PF_W);
}

Test(deliver, trap15_nothing_else_does)
{
	struct gfault f = {VEC_GP, true, 8, gva(0xdeadb000)};

	vm->cpu.cr2 = 0x11111111;
	inject_fault(vm, &f);
	inject_interrupt(vm, 0x20);
	inject_exception(vm, VEC_UD);
	inject_error(vm, VEC_NP, 8);
	cr_assert_eq(vm->cpu.cr2, 0x11111111u);
}

Test(deliver, a_gate_that_is_not_there_becomes_np_then_is_served)
{
	set_gate(0x20, GATE_INT & ~A_PRESENT, KCODE, HANDLER);
	inject_interrupt(vm, 0x20);
	expect_handler(VEC_NP);
	cr_assert_eq(pushed(0), 0x20u * 8 | IDT | EXT);
	cr_assert_eq(pushed(1), 0x5000u, "to return to");
	cr_assert_eq(core.resets, 0u);
}

Test(deliver, trap17_contributory_twice_is_a_double_fault)
{
	set_gate(VEC_GP, GATE_INT & ~A_PRESENT, KCODE, HANDLER);
	inject_error(vm, VEC_GP, 0x18);
	expect_handler(VEC_DF);
	cr_assert_eq(pushed(0), 0u, "its error code is 0");
	cr_assert_eq(pushed(1), 0x5000u);
}

Test(deliver, trap17_a_page_fault_on_the_way_to_a_page_fault)
{
	struct gfault f = {VEC_PF, true, 0, gva(0x111000)};

	paging_on(RW);
	user_mode();
	map(0x300000, 0, 0);
	/* The IDT lies across two pages, and #PF's gate is on the one that is missing. */
	vm->cpu.idtr.base = 0x300000 - VEC_PF * 8;
	map(0x2ff000, IDT_AT, RW);
	for (u32 v = 0; v < VEC_PF; v++) {
		u32 at = IDT_AT + PAGE_SIZE - VEC_PF * 8 + v * 8;

		poke(at, (u32)KCODE << 16 | (HANDLER + v * 16));
		poke(at + 4, GATE_INT << 8);
	}
	inject_fault(vm, &f);
	expect_handler(VEC_DF);
	cr_assert_eq(vm->cpu.cr2, 0x300000u, "of the second one: 0x%x", vm->cpu.cr2);
}

Test(deliver, a_page_fault_on_the_way_to_a_gp_is_served_first)
{
	paging_on(RW);
	map(0x300000, 0, 0);
	mode_load_view(vm, VMODE_KERNEL);
	set_gate(VEC_GP, GATE_INT, KCODE, HANDLER);
	poke(IDT_AT + VEC_GP * 8 + 4, 0);
	inject_error(vm, VEC_GP, 8);
	expect_handler(VEC_DF);
	fill_idt();
	vm->tf->esp = 0x300004;
	vm->tf->eip = 0x5000;
	core.resets = 0;
	inject_error(vm, VEC_GP, 8);
	cr_assert_eq(core.resets, 1u, "the stack of #PF and #DF is gone as well");
}

Test(deliver, trap16_three_are_a_reset_of_this_vm)
{
	vm->cpu.idtr.limit = 0;
	inject_exception(vm, VEC_UD);
	cr_assert_eq(core.resets, 1u);
	cr_assert_str_eq(core.reset_why, "triple fault");
	cr_assert_eq(core.kills, 0u);
}

Test(deliver, trap16_a_kernel_without_a_stack)
{
	struct gfault f = {VEC_PF, true, 0, gva(0x111000)};

	paging_on(RW);
	map(0x200000, 0, 0);
	mode_load_view(vm, VMODE_KERNEL);
	vm->tf->esp = 0x200010;
	inject_fault(vm, &f);
	cr_assert_eq(core.resets, 1u);
}

Test(deliver, interrupts_are_counted)
{
	inject_interrupt(vm, 0x20);
	inject_interrupt(vm, 0x21);
	inject_exception(vm, 3);
	cr_assert_eq(vm->stats.irqs, 2u);
}

static void interrupt_and_live(u8 vector)
{
	core.dying_expected = true;
	if (!setjmp(core.death))
		inject_interrupt(vm, vector);
}

/* From either mode: at most a reset or a kill, never a crash. */
Test(deliver, trap25_an_idt_of_garbage)
{
	u32 seed = 99;

	for (u32 round = 0; round < 3000; round++) {
		u8 v = (u8)(round * 31);

		for (u32 i = 0; i < 8; i += 4) {
			seed = seed * 1664525 + 1013904223;
			poke(IDT_AT + v * 8 + i, seed ^ seed >> 13);
		}
		if (round % 2)
			user_mode();
		else
			vm->tf->esp = KSTACK;
		interrupt_and_live(v);
		vm->view = vm->cpu.mode;
		vm->tf->cs = vm->cpu.mode == VMODE_KERNEL ? KCODE | 3 : UCODE;
	}
}
