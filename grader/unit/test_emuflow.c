/*
 * Emulated stack instructions and jumps: where ESP and EIP end, and that a fault on the
 * way leaves both alone.
 */
#include <criterion/criterion.h>

#include "grader/unit/cpu_model.h"

TestSuite(emuflow, .init = cpu_model_init);

Test(emuflow, push_and_pop)
{
	model_tf.eax = 0x12345678;
	expect_done("50");
	expect_done("6a ff");
	expect_done("66 50");
	cr_expect_eq(model_tf.esp, STACK - 10);
	cr_expect_eq(cpu_model_get(STACK - 10, 2), 0x5678);
	cr_expect_eq(cpu_model_get(STACK - 8, 4), 0xFFFFFFFF);
	expect_done("66 59");
	expect_done("5a");
	expect_done("5b");
	cr_expect_eq(model_tf.ecx, 0x5678);
	cr_expect_eq(model_tf.edx, 0xFFFFFFFF);
	cr_expect_eq(model_tf.ebx, 0x12345678);
	cr_expect_eq(model_tf.esp, STACK);
}

Test(emuflow, push_esp_and_pop_esp)
{
	expect_done("54");
	cr_expect_eq(cpu_model_get(STACK - 4, 4), STACK);
	cpu_model_set(STACK - 4, 0x1234, 4);
	expect_done("5c");
	cr_expect_eq(model_tf.esp, 0x1234);
}

Test(emuflow, pop_to_memory_addresses_with_the_new_esp)
{
	cpu_model_set(STACK, 0xABCD, 4);
	expect_done("8f 44 24 10");
	cr_expect_eq(model_tf.esp, STACK + 4);
	cr_expect_eq(cpu_model_get(STACK + 4 + 0x10, 4), 0xABCD);
	model_tf.ebx = DATA;
	model_page(DATA, PAGE_HERE);
	expect_fault("8f 03", VEC_PF, PF_P | PF_W);
}

Test(emuflow, stack_of_16_bits)
{
	cpu_model.seg[SEG_SS].big = false;
	cpu_model.seg[SEG_SS].base = DATA;
	model_tf.esp = 0xABCD0008;
	model_tf.eax = 0x11223344;
	expect_done("50");
	cr_expect_eq(model_tf.esp, 0xABCD0004);
	cr_expect_eq(cpu_model_get(DATA + 4, 4), 0x11223344);
}

Test(emuflow, pusha_and_popa)
{
	u32 first = 0xA0A0A0A0;

	model_tf.eax = first;
	model_tf.edi = 0x7777;
	expect_done("60");
	cr_expect_eq(model_tf.esp, STACK - 32);
	cr_expect_eq(cpu_model_get(STACK - 4, 4), first);
	cr_expect_eq(cpu_model_get(STACK - 20, 4), STACK); /* ESP as it was */
	cr_expect_eq(cpu_model_get(STACK - 32, 4), 0x7777);
	cpu_model_set(STACK - 20, 0xDEAD, 4); /* popa skips it */
	model_tf.eax = model_tf.edi = 0;
	expect_done("61");
	cr_expect_eq(model_tf.eax, first);
	cr_expect_eq(model_tf.edi, 0x7777);
	cr_expect_eq(model_tf.esp, STACK);
	expect_done("66 60");
	cr_expect_eq(model_tf.esp, STACK - 16);
	expect_done("66 61");
	cr_expect_eq(model_tf.eax, first);
}

Test(emuflow, pushf_hides_vm_and_rf)
{
	model_tf.eflags = FL_ONE | FL_IF | FL_CF;
	expect_done("9c");
	cr_expect_eq(cpu_model_get(STACK - 4, 4), FL_ONE | FL_IF | FL_CF);
	expect_done("66 9c");
	cr_expect_eq(model_tf.esp, STACK - 6);
}

Test(emuflow, popf_of_both_sizes)
{
	cpu_model_set(STACK, 0x00247ED7, 4);
	expect_done("9d");
	cr_expect_eq(model_tf.esp, STACK + 4);
	cpu_model_set(STACK + 4, 0x7ED7, 4);
	expect_done("66 9d");
	cr_expect_eq(model_tf.esp, STACK + 6);
	expect_log("flags4=247ed7 flags2=7ed7 ");
}

Test(emuflow, a_stack_that_is_away)
{
	static const char *const pushes[] = {
		"50",	       "68 01 00 00 00", "60",	  "9c",
		"c8 10 00 00", "e8 00 00 00 00", "ff d0", "1e",
		"0e",	       "ff 33"};
	static const char *const pops[] = {"58", "61", "9d", "c3", "1f", "8f 03"};

	model_tf.ebx = DATA;
	model_page(STACK - 4, PAGE_HERE);
	for (size_t i = 0; i < ARRAY_LEN(pushes); i++)
		expect_fault(pushes[i], VEC_PF, PF_P | PF_W);
	model_page(STACK, 0);
	for (size_t i = 0; i < ARRAY_LEN(pops); i++)
		expect_fault(pops[i], VEC_PF, 0);
	expect_log("");
}

Test(emuflow, enter_and_leave)
{
	model_tf.ebp = 0x1234;
	expect_done("c8 20 00 00");
	cr_expect_eq(model_tf.ebp, STACK - 4);
	cr_expect_eq(model_tf.esp, STACK - 4 - 0x20);
	expect_done("c9");
	cr_expect_eq(model_tf.ebp, 0x1234);
	cr_expect_eq(model_tf.esp, STACK);
	model_tf.ebp = DATA;
	model_page(DATA, 0);
	expect_fault("c9", VEC_PF, 0);
}

Test(emuflow, near_jumps)
{
	expect_done("eb 10");
	cr_expect_eq(model_tf.eip, CODE + 2 + 0x10);
	expect_done("eb fe");
	cr_expect_eq(model_tf.eip, CODE);
	model_tf.ecx = 0xC0000000;
	expect_done("ff e1");
	cr_expect_eq(model_tf.eip, 0xC0000000);
	model_tf.ebx = DATA;
	cpu_model_set(DATA, 0x5678, 4);
	expect_done("ff 23");
	cr_expect_eq(model_tf.eip, 0x5678);
	expect_done("66 e9 00 00");
	cr_expect_eq(model_tf.eip, (CODE + 4) & 0xFFFF);
}

Test(emuflow, conditional_jumps)
{
	model_tf.eflags = FL_ONE | FL_ZF;
	expect_done("74 10");
	cr_expect_eq(model_tf.eip, CODE + 0x12);
	expect_done("75 10");
	cr_expect_eq(model_tf.eip, CODE + 2);
	expect_done("0f 84 00 01 00 00");
	cr_expect_eq(model_tf.eip, CODE + 6 + 0x100);
}

Test(emuflow, call_and_ret)
{
	expect_done("e8 00 10 00 00");
	cr_expect_eq(model_tf.eip, CODE + 5 + 0x1000);
	cr_expect_eq(model_tf.esp, STACK - 4);
	cr_expect_eq(cpu_model_get(STACK - 4, 4), CODE + 5);
	expect_done("c2 08 00");
	cr_expect_eq(model_tf.eip, CODE + 5);
	cr_expect_eq(model_tf.esp, STACK + 8);
}

Test(emuflow, targets_beyond_the_limit)
{
	cpu_model.seg[SEG_CS].limit = CODE + 0x40;
	cpu_model_set(STACK, CODE + 0x100, 4);
	model_tf.ecx = CODE + 0x100;
	expect_gp("e9 00 01 00 00");
	expect_gp("ff e1");
	expect_gp("ff d1");
	expect_gp("c3");
	expect_gp("e2 7f"); /* loop: ECX stays */
	cr_expect_eq(cpu_model_get(STACK - 4, 4), 0);
}

Test(emuflow, loops)
{
	model_tf.ecx = 2;
	expect_done("e2 10");
	cr_expect_eq(model_tf.eip, CODE + 0x12);
	expect_done("e2 10");
	cr_expect_eq(model_tf.eip, CODE + 2);
	expect_done("e3 10");
	cr_expect_eq(model_tf.eip, CODE + 0x12);
	model_tf.ecx = 0x10000;
	expect_done("67 e3 10");
	cr_expect_eq(model_tf.eip, CODE + 3 + 0x10);
	expect_done("67 e2 10");
	cr_expect_eq(model_tf.ecx, 0x1FFFF);
	model_tf.eflags &= ~(u32)FL_ZF;
	expect_done("e1 10"); /* loope */
	cr_expect_eq(model_tf.eip, CODE + 2);
	expect_done("e0 10"); /* loopne */
	cr_expect_eq(model_tf.eip, CODE + 0x12);
}

Test(emuflow, far_transfers_are_the_virtual_cpus)
{
	model_tf.ebx = DATA;
	cpu_model_set(DATA, 0x12345678, 4);
	cpu_model_set(DATA + 4, 0x1B, 2);
	expect_done("ea 78 56 34 12 08 00");
	expect_done("9a 78 56 34 12 08 00");
	expect_done("ff 2b");
	expect_done("ff 1b");
	expect_done("66 ff 2b");
	expect_log("jmp=8:12345678 call4=8:12345678,10000007 jmp=1b:12345678 "
		   "call4=1b:12345678,10000002 jmp=1234:5678 ");
	expect_done("cf");
	expect_done("66 cf");
	expect_done("cb");
	expect_done("ca 08 00");
	expect_log("iret4 iret2 retf4+0 retf4+8 ");
	cr_expect_eq(model_tf.eip, CODE); /* they set it themselves */
}

Test(emuflow, software_interrupts)
{
	expect_done("cd 80");
	expect_done("cc");
	expect_log("int=80,10000002 int=3,10000001 ");
	expect_done("ce");
	cr_expect_eq(model_tf.eip, CODE + 1);
	model_tf.eflags |= FL_OF;
	expect_done("ce");
	expect_log("int=4,10000001 ");
}

Test(emuflow, refused_transfers_change_nothing)
{
	static const char *const rows[] = {"cf",
					   "cb",
					   "cd 80",
					   "cc",
					   "ea 00 00 00 00 08 00",
					   "9a 00 00 00 00 08 00",
					   "ff 2b"};

	model_tf.ebx = DATA;
	cpu_model.cpu_refuses = true;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_fault(rows[i], VEC_GP, 0x1234);
}
