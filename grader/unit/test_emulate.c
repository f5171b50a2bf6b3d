/*
 * The emulator's manners: what it checks, in which order, what it leaves alone when it
 * faults, and whom it asks. That its arithmetic is right is test_emuhost.c's matter.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "grader/unit/cpu_model.h"

TestSuite(emulate, .init = cpu_model_init);

/* --- fetch --- */

Test(emulate, eip_moves_by_the_length)
{
	expect_done("66 90");
	cr_expect_eq(model_tf.eip, CODE + 2);
}

Test(emulate, fetch_stays_off_the_next_page)
{
	model_page(CODE + PAGE_SIZE, 0);
	model_tf.eip = CODE + PAGE_SIZE - 1;
	*cpu_model_at(model_tf.eip) = 0x90;
	cr_expect_eq(emulate(&model_vm, &model_fault), EMU_DONE);
}

Test(emulate, fetch_crosses_a_page)
{
	model_tf.eip = CODE + PAGE_SIZE - 2;
	cpu_model_set(model_tf.eip, 0x00B8, 1);
	cpu_model_set(model_tf.eip + 1, 0x12345678, 4);
	cr_expect_eq(emulate(&model_vm, &model_fault), EMU_DONE);
	cr_expect_eq(model_tf.eax, 0x12345678);
}

Test(emulate, fetch_faults_on_the_second_page)
{
	model_page(CODE + PAGE_SIZE, 0);
	model_tf.eip = CODE + PAGE_SIZE - 2;
	cpu_model_set(model_tf.eip, 0xB8, 1);
	cr_expect_eq(emulate(&model_vm, &model_fault), EMU_FAULT);
	cr_expect_eq(model_fault.vector, VEC_PF);
	cr_expect_eq(model_fault.error, PF_I);
	cr_expect_eq(model_fault.addr.a, CODE + PAGE_SIZE);
}

Test(emulate, fetch_obeys_the_code_segment)
{
	cpu_model.seg[SEG_CS].limit = CODE + 2;
	expect_done("8b c3");
	expect_gp("b8 01 02 03 04");
	cpu_model_code("90");
	model_tf.eip = CODE + 3;
	cr_expect_eq(emulate(&model_vm, &model_fault), EMU_FAULT);
	cr_expect_eq(model_fault.vector, VEC_GP);
}

Test(emulate, fetch_adds_the_base)
{
	cpu_model_code("40");
	cpu_model.seg[SEG_CS].base = CODE;
	model_tf.eip = 0;
	cr_expect_eq(emulate(&model_vm, &model_fault), EMU_DONE);
	cr_expect_eq(model_tf.eax, 1);
	cr_expect_eq(model_tf.eip, 1);
}

Test(emulate, unknown_changes_nothing)
{
	const char *const rows[] = {
		"d9 e8", "0f 28 c0",
		"0f 05", "c8 10 00 02",
		"0f 31", "66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90"};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct trapframe before = model_tf;

		cr_expect_eq(cpu_model_run(rows[i], &model_fault), EMU_UNKNOWN, "%s",
			     rows[i]);
		cr_expect_arr_eq(&model_tf, &before, sizeof(before), "%s", rows[i]);
	}
}

Test(emulate, illegal_lock_is_ud)
{
	expect_fault("f0 01 c0", VEC_UD, 0);
	expect_fault("f0 89 00", VEC_UD, 0);
	expect_fault("0f 0b", VEC_UD, 0);
	cr_expect_not(model_fault.has_error);
}

/* --- memory --- */

Test(emulate, store_crosses_a_page) /* trap 23 */
{
	model_tf.ebx = DATA + PAGE_SIZE - 3;
	cpu_model.frame[3] = 9; /* the halves are not neighbours */
	cpu_model.frame[9] = 3;
	model_tf.eax = 0x44332211;
	expect_done("89 03");
	cr_expect_eq(cpu_model_get(DATA + PAGE_SIZE - 3, 4), 0x44332211);
	cr_expect_eq(cpu_model.mem[9 * PAGE_SIZE], 0x44);
	cr_expect_eq(cpu_model.mem[3 * PAGE_SIZE], 0);
}

Test(emulate, store_writes_no_half) /* trap 23 */
{
	model_tf.ebx = DATA + PAGE_SIZE - 2;
	model_tf.eax = 0x44332211;
	model_page(DATA + PAGE_SIZE, PAGE_HERE);
	expect_fault("89 03", VEC_PF, PF_P | PF_W);
	cr_expect_eq(model_fault.addr.a, DATA + PAGE_SIZE);
	cr_expect_eq(cpu_model_get(DATA + PAGE_SIZE - 2, 2), 0);
}

Test(emulate, read_modify_write_needs_write_permission)
{
	static const char *const rows[] = {
		"01 03",    "80 0b 01",	   "ff 03",	  "f7 13",    "f7 1b",
		"c1 23 02", "d3 3b",	   "87 03",	  "0f c1 03", "0f b1 0b",
		"0f ab 03", "0f ba 33 01", "0f a4 03 01", "0f 94 03", "0f c7 0b",
		"8f 03",    "8c 03",	   "0f 01 03",	  "0f 00 03", "f0 01 03",
		"0f c3 03",
	};

	model_tf.ebx = DATA;
	model_page(DATA, PAGE_HERE);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_fault(rows[i], VEC_PF, PF_P | PF_W);
}

Test(emulate, reads_need_no_write_permission)
{
	static const char *const rows[] = {"39 03",    "85 03",	   "8b 03", "0f b6 03",
					   "0f a3 03", "0f bc 03", "f7 23", "0f af 03",
					   "0f 44 03", "ac",	   "ff 33", "a6",
					   "ae"};

	model_page(DATA, PAGE_HERE);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		model_tf.ebx = model_tf.esi = model_tf.edi = DATA;
		expect_done(rows[i]);
	}
}

Test(emulate, user_mode_reaches_user_pages_alone)
{
	model_user_mode();
	model_tf.ebx = DATA;
	expect_done("89 03");
	model_page(DATA, PAGE_HERE | PAGE_WRITABLE);
	expect_fault("89 03", VEC_PF, PF_P | PF_W | PF_U);
	expect_fault("8b 03", VEC_PF, PF_P | PF_U);
}

Test(emulate, cmov_reads_even_when_it_does_not_move)
{
	model_tf.ebx = DATA;
	model_page(DATA, 0);
	expect_fault("0f 44 03", VEC_PF, 0);
}

Test(emulate, lea_touches_nothing)
{
	model_tf.ebx = 0xFFFFFFF0;
	expect_done("8d 43 20");
	cr_expect_eq(model_tf.eax, 0x10);
}

Test(emulate, addresses_of_16_bits_wrap)
{
	cpu_model.seg[SEG_DS].base = DATA;
	model_tf.ebx = 0x1234FFFF;
	model_tf.esi = 0x00000011;
	model_tf.eax = 0xAB;
	expect_done("67 88 00"); /* mov %al,(%bx,%si) */
	cr_expect_eq(*cpu_model_at(DATA + 0x10), 0xAB);
}

Test(emulate, moffs_is_an_absolute_address)
{
	model_tf.eax = DATA + 0x77; /* must not be added */
	expect_done("a3 10 20 00 10");
	cr_expect_eq(cpu_model_get(DATA + 0x10, 4), DATA + 0x77);
}

Test(emulate, bit_offsets_reach_far)
{
	model_tf.ebx = DATA + PAGE_SIZE;
	model_tf.eax = (u32)-33;
	expect_done("0f ab 03"); /* bts %eax,(%ebx): bit 31 of the word before last */
	cr_expect_eq(cpu_model_get(DATA + PAGE_SIZE - 8, 4), 0x80000000);
	model_tf.eax = 8 * 100 + 5;
	expect_done("0f bb 03");
	cr_expect_eq(*cpu_model_at(DATA + PAGE_SIZE + 100), 1 << 5);
	model_tf.eax = 0x1234FFFF; /* 16 bits: -1 */
	expect_done("66 0f ab 03");
	cr_expect_eq(cpu_model_get(DATA + PAGE_SIZE - 2, 2), 0x8000);
	expect_done("0f ba 2b 21"); /* an immediate is taken modulo 32 */
	cr_expect_eq(cpu_model_get(DATA + PAGE_SIZE, 4), 2);
}

Test(emulate, cmpxchg_on_a_page_table_entry) /* trap 24 */
{
	model_tf.ebx = DATA;
	cpu_model_set(DATA, 0x00123067, 4);
	model_tf.eax = 0x00123067;
	model_tf.ecx = 0x00123065;
	expect_done("f0 0f b1 0b");
	cr_expect_eq(cpu_model_get(DATA, 4), 0x00123065);
	cr_expect(model_tf.eflags & FL_ZF);
	expect_done("f0 0f b1 0b");
	cr_expect_eq(model_tf.eax, 0x00123065);
	cr_expect_not(model_tf.eflags & FL_ZF);
}

Test(emulate, cmpxchg8b_swaps_eight_bytes) /* trap 24 */
{
	model_tf.ebx = 0x33333333;
	model_tf.ecx = 0x44444444;
	model_tf.eax = 0x11111111;
	model_tf.edx = 0x22222222;
	model_tf.esi = DATA + PAGE_SIZE - 4;
	cpu_model_set(DATA + PAGE_SIZE - 4, 0x11111111, 4);
	cpu_model_set(DATA + PAGE_SIZE, 0x22222222, 4);
	expect_done("f0 0f c7 0e");
	cr_expect(model_tf.eflags & FL_ZF);
	cr_expect_eq(cpu_model_get(DATA + PAGE_SIZE - 4, 4), 0x33333333);
	cr_expect_eq(cpu_model_get(DATA + PAGE_SIZE, 4), 0x44444444);
	expect_done("0f c7 0e");
	cr_expect_not(model_tf.eflags & FL_ZF);
	cr_expect_eq(model_tf.eax, 0x33333333);
	cr_expect_eq(model_tf.edx, 0x44444444);
}

Test(emulate, divide_errors_change_nothing)
{
	expect_fault("f7 f3", VEC_DE, 0);
	cr_expect_not(model_fault.has_error);
	model_tf.edx = 5;
	model_tf.ebx = 5;
	expect_fault("f7 f3", VEC_DE, 0);
	model_tf.edx = 0xFFFFFFFF;
	model_tf.eax = 0x80000000;
	model_tf.ebx = 0xFFFFFFFF;
	expect_fault("f7 fb", VEC_DE, 0);
}

/* --- segments --- */

Test(emulate, limit_of_a_data_segment)
{
	cpu_model.seg[SEG_DS].limit = DATA + 7;
	model_tf.ebx = DATA + 4;
	expect_done("89 03");
	model_tf.ebx = DATA + 5;
	expect_gp("89 03");
	model_tf.ebx = 0xFFFFFFFE; /* must not wrap into the limit */
	expect_gp("89 03");
}

Test(emulate, stack_segment_faults_are_ss)
{
	cpu_model.seg[SEG_SS].limit = STACK - 1;
	model_tf.ebp = STACK;
	expect_fault("89 45 00", VEC_SS, 0);
	model_tf.esp = STACK + 8;
	expect_fault("50", VEC_SS, 0);
	expect_fault("58", VEC_SS, 0);
}

Test(emulate, expand_down_segments)
{
	cpu_model.seg[SEG_DS].expand_down = true;
	cpu_model.seg[SEG_DS].limit = DATA - 1;
	model_tf.ebx = DATA;
	expect_done("8b 03");
	model_tf.ebx = DATA - 1;
	expect_gp("8b 03");
	cpu_model.seg[SEG_DS].big = false;
	model_tf.ebx = DATA;
	expect_gp("8b 03");
}

Test(emulate, segment_types)
{
	model_tf.ebx = DATA;
	cpu_model.seg[SEG_DS].writable = false;
	expect_done("8b 03");
	expect_gp("89 03");
	expect_gp("01 03");
	expect_gp("2e 89 03"); /* through CS */
	cpu_model.seg[SEG_CS].readable = false;
	expect_gp("2e 8b 03");
	cpu_model.seg[SEG_ES].present = false;
	expect_gp("26 8b 03");
}

Test(emulate, override_moves_the_source_of_strings_only)
{
	cpu_model.seg[SEG_FS].base = DATA;
	model_tf.edi = DATA + 0x100;
	model_tf.esi = 4;
	cpu_model_set(DATA + 4, 0x5A, 1);
	expect_done("64 a4");
	cr_expect_eq(*cpu_model_at(DATA + 0x100), 0x5A);
}
