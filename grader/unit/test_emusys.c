/*
 * Emulated system instructions: privilege in virtual user mode, what is handed to the
 * virtual CPU, and where EIP stands by then.
 */
#include <criterion/criterion.h>

#include "grader/unit/cpu_model.h"

TestSuite(emusys, .init = cpu_model_init);

Test(emusys, privileged_in_user_mode)
{
	static const char *const rows[] = {
		"f4",	    "fa",	"fb",	    "0f 06",	"0f 08",    "0f 09",
		"0f 20 c0", "0f 20 d8", "0f 22 c0", "0f 22 d8", "0f 22 e0", "0f 21 c0",
		"0f 23 f8", "0f 01 13", "0f 01 1b", "0f 01 3b", "0f 01 f0", "0f 00 d0",
		"0f 00 d8", "0f 30",	"0f 32",    "0f 33",
	};

	model_user_mode();
	model_tf.ebx = DATA;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_gp(rows[i]);
	expect_log("");
}

Test(emusys, no_such_register_comes_before_privilege)
{
	model_user_mode();
	expect_fault("0f 20 c8", VEC_UD, 0);
	expect_fault("0f 22 f8", VEC_UD, 0);
}

Test(emusys, cli_and_sti_go_by_iopl)
{
	expect_done("fa");
	expect_done("fb");
	model_user_mode();
	model_vm.cpu.vflags = 2u << 12;
	expect_gp("fa");
	expect_gp("fb");
	model_vm.cpu.vflags = FL_IOPL;
	expect_done("fa");
	expect_done("fb");
	expect_log("cli sti cli sti ");
}

Test(emusys, eip_is_behind_hlt_before_it_sleeps)
{
	expect_done("f4");
	cr_expect_eq(model_tf.eip, CODE + 1);
	expect_log("hlt@10000001 ");
}

Test(emusys, ports_of_all_sizes)
{
	model_tf.eax = 0x44332211;
	model_tf.edx = 0x123403F8;
	expect_done("e6 20");
	expect_done("ee");
	expect_done("66 ef");
	expect_done("ef");
	expect_log("out1:20=11 out1:3f8=11 out2:3f8=2211 out4:3f8=44332211 ");
	cpu_model.in_value = 0xA5A5A5A5;
	expect_done("ec");
	cr_expect_eq(model_tf.eax, 0x443322A5);
	expect_done("66 e5 60");
	cr_expect_eq(model_tf.eax, 0x4433A5A6);
	expect_done("ed");
	cr_expect_eq(model_tf.eax, 0xA5A5A5A7);
	cr_expect_eq(model_tf.eip, CODE + 1);
	expect_log("in1:3f8 in2:60 in4:3f8 ");
}

Test(emusys, refused_ports)
{
	static const char *const rows[] = {"e4 60", "e6 60", "ec", "ef",
					   "6c",    "f3 6d", "6e"};

	cpu_model.io_refused = true;
	model_tf.esi = model_tf.edi = DATA;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_gp(rows[i]);
	expect_log("");
}

Test(emusys, control_registers)
{
	model_vm.cpu.cr0 = 0x80010011;
	model_vm.cpu.cr3 = 0x00123000;
	expect_done("0f 20 c1");
	cr_expect_eq(model_tf.ecx, 0x80010011);
	expect_done("0f 20 1c"); /* ModRM.mod means nothing here */
	cr_expect_eq(model_tf.esp, 0x00123000);
	model_tf.edx = 0x456000;
	expect_done("0f 22 da");
	cr_expect_eq(model_tf.eip, CODE + 3);
	expect_log("cr3=456000 ");
	cpu_model.cpu_refuses = true;
	expect_fault("0f 22 c2", VEC_GP, 0x1234);
}

Test(emusys, debug_registers)
{
	model_vm.cpu.dr[6] = 0xFFFF0FF0;
	expect_done("0f 21 e1"); /* DR4 is DR6 */
	cr_expect_eq(model_tf.ecx, 0xFFFF0FF0);
	expect_done("0f 23 e9"); /* DR5 is DR7 */
	expect_log("dr7=ffff0ff0 ");
	model_vm.cpu.cr4 = CR4_DE;
	expect_fault("0f 21 e1", VEC_UD, 0);
	expect_fault("0f 23 e9", VEC_UD, 0);
}

Test(emusys, table_registers)
{
	model_tf.ebx = DATA + PAGE_SIZE - 3;
	cpu_model_set(DATA + PAGE_SIZE - 3, 0x07FF, 2);
	cpu_model_set(DATA + PAGE_SIZE - 1, 0xC0123456, 4);
	expect_done("0f 01 13");
	expect_done("0f 01 1b");
	expect_done("66 0f 01 13");
	expect_log("gdt=c0123456/7ff idt=c0123456/7ff gdt=123456/7ff ");
	model_page(DATA + PAGE_SIZE, 0);
	expect_fault("0f 01 13", VEC_PF, 0);
}

Test(emusys, stores_of_table_registers)
{
	model_vm.cpu.gdtr = (struct dtable){0xC0654321, 0x3F};
	model_vm.cpu.idtr = (struct dtable){0x80000000, 0x7FF};
	model_tf.ebx = DATA;
	model_user_mode();
	expect_done("0f 01 03");
	cr_expect_eq(cpu_model_get(DATA, 2), 0x3F);
	cr_expect_eq(cpu_model_get(DATA + 2, 4), 0xC0654321);
	expect_done("66 0f 01 0b");
	cr_expect_eq(cpu_model_get(DATA, 2), 0x7FF);
	cr_expect_eq(cpu_model_get(DATA + 2, 4), 0x80000000);
}

Test(emusys, stores_of_selectors)
{
	model_vm.cpu.tr = 0x28;
	model_vm.cpu.cr0 = 0x8001003B;
	model_tf.eax = model_tf.ecx = 0xFFFFFFFF;
	expect_done("0f 00 c8");
	cr_expect_eq(model_tf.eax, 0x28);
	expect_done("66 0f 00 c1");
	cr_expect_eq(model_tf.ecx, 0xFFFF0000);
	expect_done("0f 01 e0");
	cr_expect_eq(model_tf.eax, 0x8001003B);
	model_tf.ebx = DATA;
	cpu_model_set(DATA, 0x55555555, 4);
	expect_done("0f 01 23");
	cr_expect_eq(cpu_model_get(DATA, 4), 0x5555003B);
}

Test(emusys, umip_closes_them_to_user_mode)
{
	static const char *const rows[] = {"0f 01 03", "0f 01 0b", "0f 00 c0",
					   "0f 00 c8", "0f 01 e0"};

	model_vm.cpu.cr4 = CR4_UMIP;
	model_tf.ebx = DATA;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_done(rows[i]);
	model_user_mode();
	model_tf.eax = 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_gp(rows[i]);
}

Test(emusys, loads_of_selectors)
{
	model_tf.eax = 0xFFFF0028;
	expect_done("0f 00 d8");
	expect_done("0f 00 d0");
	expect_done("0f 01 f0");
	expect_log("tr=28 ldt=28 lmsw=28 ");
	cpu_model.cpu_refuses = true;
	expect_fault("0f 00 d8", VEC_GP, 0x1234);
	expect_fault("0f 00 d0", VEC_GP, 0x1234);
}

Test(emusys, invlpg_takes_an_address_that_is_not_there) /* trap 11 */
{
	model_tf.ebx = 0xFC000000;
	cpu_model.seg[SEG_FS].base = 0x1000;
	cpu_model.seg[SEG_FS].limit = 0;
	expect_done("0f 01 3b");
	expect_done("64 0f 01 7b 10");
	expect_log("invlpg=fc000000 invlpg=fc001010 ");
}

Test(emusys, plain_ones)
{
	expect_done("0f 06");
	expect_done("0f a2");
	expect_done("0f 32");
	expect_done("0f 30");
	expect_done("0f 09");
	expect_log("clts cpuid rdmsr wrmsr ");
	cpu_model.cpu_refuses = true;
	expect_fault("0f 32", VEC_GP, 0x1234);
	expect_fault("0f 30", VEC_GP, 0x1234);
}

Test(emusys, rdtsc_is_refused_only_to_user_mode)
{
	model_vm.cpu.cr4 = CR4_TSD;
	cr_expect_eq(cpu_model_run("0f 31", &model_fault), EMU_UNKNOWN);
	model_user_mode();
	expect_gp("0f 31");
}

/* --- segment registers --- */

Test(emusys, selectors_are_the_guests)
{
	cpu_model.selector[SEG_CS] = 0x0008;
	model_tf.eax = 0xFFFFFFFF;
	expect_done("8c c8");
	cr_expect_eq(model_tf.eax, 0x0008);
	model_tf.ebx = DATA;
	cpu_model_set(DATA, 0x55555555, 4);
	expect_done("8c 1b");
	cr_expect_eq(cpu_model_get(DATA, 4), 0x55550010);
	expect_done("0e");
	cr_expect_eq(model_tf.esp, STACK - 4);
	cr_expect_eq(cpu_model_get(STACK - 4, 4), 0x0008);
}

Test(emusys, loading_ss_holds_interrupts_back)
{
	model_tf.eax = 0x10;
	expect_done("8e d8");
	cr_expect_not(model_vm.cpu.shadow);
	expect_done("8e d0");
	cr_expect(model_vm.cpu.shadow);
	expect_log("sreg3=10 sreg2=10 ");
}

Test(emusys, refused_segment_loads_change_nothing)
{
	static const char *const rows[] = {"8e d8",    "1f",	"17",
					   "66 0f a1", "c5 03", "0f b2 03"};

	model_tf.ebx = DATA;
	cpu_model.cpu_refuses = true;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_fault(rows[i], VEC_GP, 0x1234);
}

Test(emusys, far_pointers_to_registers)
{
	model_tf.ebx = DATA;
	cpu_model_set(DATA, 0x12345678, 4);
	cpu_model_set(DATA + 4, 0x0023, 2);
	expect_done("0f b2 23"); /* lss (%ebx),%esp */
	cr_expect_eq(model_tf.esp, 0x12345678);
	expect_done("66 c4 0b");
	cr_expect_eq(model_tf.ecx, 0x5678);
	expect_log("sreg2=23 sreg0=1234 ");
}

/* lar, lsl, verr, verw: selectors of cpu_model's table. */
static bool zf_after(const char *hex, u16 selector)
{
	model_tf.eax = selector;
	model_tf.ecx = 0x55555555;
	expect_done(hex);
	return model_tf.eflags & FL_ZF;
}

Test(emusys, lar_and_lsl)
{
	cr_expect(zf_after("0f 02 c8", 0x08));
	cr_expect_eq(model_tf.ecx, 0x00CF9B00);
	cr_expect(zf_after("0f 03 c8", 0x10));
	cr_expect_eq(model_tf.ecx, 0xFFFFFFFF);
	cr_expect(zf_after("66 0f 02 c8", 0x10));
	cr_expect_eq(model_tf.ecx, 0x55559300);
	cr_expect(zf_after("0f 03 c8", 0x28)); /* a TSS has a limit */
	cr_expect_eq(model_tf.ecx, 0x10000067 & 0xFFFF);
	cr_expect(zf_after("0f 02 c8", 0x30));	   /* a call gate has rights, */
	cr_expect_not(zf_after("0f 03 c8", 0x30)); /* no limit */
	cr_expect_not(zf_after("0f 02 c8", 0));
	cr_expect_not(zf_after("0f 02 c8", 0x100));
	cr_expect_eq(model_tf.ecx, 0x55555555);
	cr_expect_not(zf_after("0f 02 c8", 0x13)); /* RPL 3, DPL 0 */
}

Test(emusys, verr_and_verw)
{
	cr_expect(zf_after("0f 00 e0", 0x08));	   /* code can be read */
	cr_expect_not(zf_after("0f 00 e8", 0x08)); /* not written */
	cr_expect(zf_after("0f 00 e8", 0x10));
	cr_expect(zf_after("0f 00 e0", 0x38)); /* read-only data */
	cr_expect_not(zf_after("0f 00 e8", 0x38));
	cr_expect_not(zf_after("0f 00 e0", 0x28)); /* a TSS */
	model_user_mode();
	cr_expect_not(zf_after("0f 00 e0", 0x10));
	cr_expect(zf_after("0f 00 e0", 0x23));
	cr_expect(zf_after("0f 00 e0", 0x40)); /* conforming code */
}
