/*
 * The emulator on any instruction in any state: registers, mode, segments and the rights
 * of pages come from the input too. Nothing may be read or written outside the model's
 * memory, and what faults or is not known has changed no register, but for what a `rep`
 * has done by then.
 */
#include "grader/fuzz/fuzz.h"
#include "grader/unit/cpu_model.h"

enum { FLAGS = FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_OF | FL_DF };

/* Anything; or, three times of four, an address near the memory that there is. */
static u32 take_value(struct input *in)
{
	u32 n = take(in);

	return n % 4 ? MEM_BASE + (n >> 8) % (MEM_BYTES + 64) - 32 : n;
}

static void take_segments(struct input *in)
{
	for (unsigned s = 0; s < SEG_COUNT; s++) {
		u32 n = take(in);

		if (s == SEG_CS || n & 1)
			continue;
		cpu_model.seg[s] = (struct segment){.base = n & 2 ? 0 : take_value(in),
						    .limit = n & 4 ? ~0u : take(in),
						    .present = n & 8,
						    .writable = n & 16,
						    .readable = n & 32,
						    .code = n & 64,
						    .expand_down = n & 128,
						    .big = n & 256};
	}
}

static void take_state(struct input *in)
{
	struct trapframe *t = &model_tf;
	u32 n = take(in);

	cpu_model_init();
	model_vm.cpu.mode = n & 1 ? VMODE_USER : VMODE_KERNEL;
	cpu_model.io_refused = n & 2;
	cpu_model.cpu_refuses = n & 4;
	for (u32 i = 1; i < MEM_PAGES; i++)
		cpu_model.page[i] = (n >> (i + 3)) & 1 ? PAGE_ALL
						       : (u8)take(in) & PAGE_ALL;
	if (n & 8)
		take_segments(in);
	t->eax = take_value(in);
	t->ebx = take_value(in);
	t->ecx = n & 0x80000000 ? take_value(in) : take(in) % 64;
	t->edx = take_value(in);
	t->esi = take_value(in);
	t->edi = take_value(in);
	t->ebp = take_value(in);
	t->esp = take_value(in);
	t->eflags = FL_ONE | FL_IF | (take(in) & FLAGS);
}

static void check_untouched(const struct trapframe *before)
{
	struct trapframe now = model_tf;

	if (now.ecx != before->ecx) {
		now.ecx = before->ecx;
		now.esi = before->esi;
		now.edi = before->edi;
		now.eax = before->eax;
		now.eflags = before->eflags;
	}
	DEMAND(memcmp(&now, before, sizeof(now)) == 0);
}

/* The first bytes of an input are the instruction: those the fuzzer changes best. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = {data, size};
	struct trapframe before;
	struct gfault f = {0};
	u8 code[INSN_MAX + 1] = {0};

	for (u32 i = 0; i < sizeof(code); i += 4) {
		u32 word = take(&in);

		memcpy(code + i, &word, sizeof(word));
	}
	take_state(&in);
	memcpy(cpu_model_at(CODE), code, INSN_MAX);
	before = model_tf;
	switch (emulate(&model_vm, &f)) {
	case EMU_DONE:
		break;
	case EMU_UNKNOWN:
		DEMAND(memcmp(&model_tf, &before, sizeof(before)) == 0);
		break;
	case EMU_FAULT:
		DEMAND(f.vector < 32);
		DEMAND(f.has_error == (f.vector >= VEC_DF && f.vector <= VEC_PF));
		check_untouched(&before);
		break;
	}
	return 0;
}
