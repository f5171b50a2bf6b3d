/*
 * The emulator on anything: every encoding of the decoder's table, and random bytes, with
 * random registers and pages that come and go. Nothing may stop the tests' process (the
 * sanitizers watch), and a fault leaves the registers as they were but for what a `rep`
 * has done.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "grader/unit/cpu_model.h"
#include "grader/unit/encodings.h"

TestSuite(emuchaos, .init = cpu_model_init);

static u32 seed = 7;

static u32 next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

/* Into memory, near its edges, or anywhere. */
static u32 random_value(void)
{
	u32 n = next_random();

	switch (n % 4) {
	case 0:
		return n;
	case 1:
		return n >> 24;
	default:
		return MEM_BASE + (n >> 8) % (MEM_BYTES + 64) - 32;
	}
}

static void random_state(void)
{
	struct trapframe *t = &model_tf;

	t->eax = random_value();
	t->ebx = random_value();
	t->ecx = random_value();
	t->edx = random_value();
	t->esi = random_value();
	t->edi = random_value();
	t->ebp = random_value();
	t->esp = random_value();
	t->eflags = FL_ONE | (next_random() & (FL_CF | FL_ZF | FL_OF | FL_DF));
	for (u32 i = 1; i < MEM_PAGES; i++)
		cpu_model.page[i] = (u8)(next_random() >> 8) & PAGE_ALL;
	model_vm.cpu.mode = next_random() & 1 ? VMODE_USER : VMODE_KERNEL;
	cpu_model.page[0] = PAGE_ALL;
	cpu_model.log[0] = 0;
	t->eip = CODE;
}

/* A fault takes nothing back; a `rep` has moved its three registers, and flags for cmps. */
static void expect_untouched(const struct trapframe *before, const char *what)
{
	struct trapframe now = model_tf;

	if (now.ecx != before->ecx) {
		now.ecx = before->ecx;
		now.esi = before->esi;
		now.edi = before->edi;
		now.eax = before->eax;
		now.eflags = before->eflags;
	}
	cr_expect_arr_eq(&now, before, sizeof(now), "%s", what);
}

static void run_one(const char *what)
{
	struct trapframe before = model_tf;
	struct gfault f = {0};

	switch (emulate(&model_vm, &f)) {
	case EMU_DONE:
		return;
	case EMU_UNKNOWN:
		cr_expect_arr_eq(&model_tf, &before, sizeof(before), "%s", what);
		return;
	case EMU_FAULT:
		cr_expect(f.vector < 32, "%s", what);
		cr_expect_eq(f.has_error, f.vector >= VEC_DF && f.vector <= VEC_PF,
			     "%s", what);
		expect_untouched(&before, what);
	}
}

Test(emuchaos, every_encoding)
{
	for (u32 round = 0; round < 200; round++) {
		for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
			random_state();
			cpu_model_code(encodings[i].bytes);
			run_one(encodings[i].bytes);
		}
	}
}

Test(emuchaos, random_bytes)
{
	for (u32 round = 0; round < 100000; round++) {
		u8 *code = cpu_model_at(CODE);

		random_state();
		for (u32 i = 0; i < INSN_MAX; i++)
			code[i] = (u8)(next_random() >> 9);
		if (round & 1)
			code[0] = 0x0F;
		run_one("random bytes");
	}
}

Test(emuchaos, segments_of_all_kinds)
{
	for (u32 round = 0; round < 50000; round++) {
		random_state();
		for (unsigned s = 0; s < SEG_COUNT; s++) {
			u32 n = next_random();

			if (s == SEG_CS)
				continue;
			cpu_model.seg[s] =
				(struct segment){.base = n & 1 ? 0 : random_value(),
						 .limit = n & 2 ? ~0u : random_value(),
						 .present = n & 4,
						 .writable = n & 8,
						 .readable = n & 16,
						 .code = n & 32,
						 .expand_down = n & 64,
						 .big = n & 128};
		}
		const struct encoding *e =
			&encodings[next_random() % ARRAY_LEN(encodings)];
		cpu_model_code(e->bytes);
		run_one(e->bytes);
	}
}
