/*
 * Emulated string instructions: what is left in ECX, ESI and EDI when they stop half way
 * (trap 23), and in what order memory and ports are touched.
 */
#include <criterion/criterion.h>

#include "grader/unit/cpu_model.h"

TestSuite(emustring, .init = cpu_model_init);

Test(emustring, rep_stops_at_a_missing_page) /* trap 23 */
{
	model_tf.edi = DATA + PAGE_SIZE - 10;
	model_tf.ecx = 5;
	model_tf.eax = 0x5AA55AA5;
	model_page(DATA + PAGE_SIZE, 0);
	cr_expect_eq(cpu_model_run("f3 ab", &model_fault), EMU_FAULT);
	cr_expect_eq(model_fault.vector, VEC_PF);
	cr_expect_eq(model_fault.addr.a, DATA + PAGE_SIZE);
	cr_expect_eq(model_tf.ecx, 3);
	cr_expect_eq(model_tf.edi, DATA + PAGE_SIZE - 2);
	cr_expect_eq(model_tf.eip, CODE);
	cr_expect_eq(cpu_model_get(DATA + PAGE_SIZE - 2, 2), 0);
	model_page(DATA + PAGE_SIZE, PAGE_ALL);
	expect_done("f3 ab");
	cr_expect_eq(model_tf.ecx, 0);
	cr_expect_eq(model_tf.edi, DATA + PAGE_SIZE + 10);
	cr_expect_eq(cpu_model_get(DATA + PAGE_SIZE - 2, 4), 0x5AA55AA5);
}

Test(emustring, rep_stops_at_a_segment_limit)
{
	cpu_model.seg[SEG_ES].limit = DATA + 21;
	model_tf.edi = DATA;
	model_tf.ecx = 8;
	cr_expect_eq(cpu_model_run("f3 ab", &model_fault), EMU_FAULT);
	cr_expect_eq(model_fault.vector, VEC_GP);
	cr_expect_eq(model_tf.ecx, 3);
	cr_expect_eq(model_tf.edi, DATA + 20);
}

Test(emustring, rep_is_bounded)
{
	model_tf.edi = DATA + 8;
	model_tf.ecx = 3000;
	expect_done("f3 ab");
	cr_expect_eq(model_tf.ecx, 3000 - 1024);
	cr_expect_eq(model_tf.edi, DATA + 8 + 4096);
	cr_expect_eq(model_tf.eip, CODE);
	expect_done("f3 ab");
	expect_done("f3 ab");
	cr_expect_eq(model_tf.ecx, 0);
	cr_expect_eq(model_tf.eip, CODE + 2);
}

Test(emustring, rep_that_just_fits_is_finished)
{
	model_tf.edi = DATA;
	model_tf.ecx = 1024;
	expect_done("f3 ab");
	cr_expect_eq(model_tf.ecx, 0);
	cr_expect_eq(model_tf.eip, CODE + 2);
}

Test(emustring, rep_of_nothing_touches_nothing)
{
	model_tf.edi = 0;
	expect_done("f3 ab");
	expect_done("f3 a6");
	expect_done("f3 6d");
	cr_expect_eq(model_tf.eip, CODE + 2);
	expect_log("");
}

Test(emustring, rep_with_16_bit_registers)
{
	cpu_model.seg[SEG_ES].base = DATA - 0xFFF8;
	cpu_model.seg[SEG_ES].limit = ~0u;
	model_tf.edi = 0x1234FFF8;
	model_tf.ecx = 0x56780002;
	model_tf.eax = 7;
	expect_done("67 f3 ab");
	cr_expect_eq(model_tf.edi, 0x12340000);
	cr_expect_eq(model_tf.ecx, 0x56780000);
	cr_expect_eq(cpu_model_get(DATA + 4, 4), 7);
}

Test(emustring, movs_between_aliases_of_one_page)
{
	cpu_model.frame[5] = 2; /* page 5 shows page 2's memory */
	cpu_model_set(DATA, 0x11, 1);
	model_tf.esi = DATA;
	model_tf.edi = MEM_BASE + 5 * PAGE_SIZE + 1;
	model_tf.ecx = 20;
	expect_done("f3 a4");
	for (u32 i = 0; i <= 20; i++)
		cr_expect_eq(*cpu_model_at(DATA + i), 0x11, "byte %u", i);
}

Test(emustring, repne_scas_stops_behind_the_match)
{
	cpu_model_set(DATA + 9, 'x', 1);
	model_tf.eax = 'x';
	model_tf.edi = DATA;
	model_tf.ecx = 100;
	expect_done("f2 ae");
	cr_expect_eq(model_tf.edi, DATA + 10);
	cr_expect_eq(model_tf.ecx, 90);
	cr_expect_eq(model_tf.eip, CODE + 2);
}

Test(emustring, rep_ins_reads_the_port_for_each_element)
{
	cpu_model.in_value = 0xA0;
	model_tf.edx = 0x1F0;
	model_tf.edi = DATA;
	model_tf.ecx = 3;
	expect_done("66 f3 6d");
	expect_log("in2:1f0 in2:1f0 in2:1f0 ");
	cr_expect_eq(cpu_model_get(DATA + 4, 2), 0xA2);
	cr_expect_eq(model_tf.edi, DATA + 6);
}

Test(emustring, ins_reads_no_port_when_memory_is_away)
{
	model_tf.edi = DATA;
	model_tf.ecx = 3;
	model_page(DATA, PAGE_HERE);
	expect_fault("66 f3 6d", VEC_PF, PF_P | PF_W);
	expect_log("");
}

Test(emustring, rep_outs)
{
	cpu_model_set(DATA, 0x22221111, 4);
	model_tf.edx = 0x1F0;
	model_tf.esi = DATA;
	model_tf.ecx = 2;
	expect_done("66 f3 6f");
	expect_log("out2:1f0=1111 out2:1f0=2222 ");
	cr_expect_eq(model_tf.esi, DATA + 4);
}
