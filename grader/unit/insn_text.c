/* Text of decoded instructions for the decoder's tests; see the header. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "grader/unit/insn_text.h"
#include "vmm/cpu.h"

/* clang-format off */
static const char *const op_names[OP_COUNT] = {
	"?", "add", "or", "adc", "sbb", "and", "sub", "xor", "cmp",
	"rol", "ror", "rcl", "rcr", "shl", "shr", "sal", "sar",
	"test", "not", "neg", "mul", "imul", "div", "idiv", "imul_reg", "inc", "dec",
	"mov", "movzx", "movsx", "lea", "xchg", "xadd", "cmpxchg", "cmpxchg8b",
	"bswap", "bt", "bts", "btr", "btc", "bsf", "bsr", "shld", "shrd",
	"set", "cmov", "cwde", "cdq", "sahf", "lahf", "clc", "stc", "cmc",
	"cld", "std", "xlat", "nop",
	"movs", "cmps", "stos", "lods", "scas", "ins", "outs",
	"push", "pop", "pusha", "popa", "pushf", "popf", "enter", "leave",
	"j", "jmp", "call", "ret", "loopne", "loope", "loop", "jcxz",
	"jmp_far", "call_far", "ret_far", "iret", "int", "int3", "into", "ud",
	"mov_sreg", "push_sreg", "pop_sreg", "load_far",
	"lar", "lsl", "verr", "verw",
	"hlt", "cli", "sti", "in", "out", "mov_cr", "mov_dr",
	"lgdt", "lidt", "sgdt", "sidt", "lldt", "sldt", "ltr", "str", "lmsw", "smsw",
	"clts", "invlpg", "invd", "wbinvd", "rdmsr", "wrmsr", "rdtsc", "rdpmc",
	"cpuid",
};
static const char *const cond_names[16] = {
	"o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g",
};
static const char *const reg_names[3][8] = {
	{"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"},
	{"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"},
	{"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"},
};
static const char *const seg_names[] = {"es", "cs", "ss", "ds", "fs", "gs"};
/* clang-format on */

struct text {
	char *at;
	size_t left;
};

static void __attribute__((format(printf, 2, 3)))
say(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(t->at, t->left, fmt, ap);
	va_end(ap);
	t->at += (size_t)n < t->left ? (size_t)n : t->left - 1;
	t->left -= (size_t)n < t->left ? (size_t)n : t->left - 1;
}

static const char *reg_name(unsigned n, unsigned size)
{
	return n < 8 ? reg_names[size / 2][n] : "none";
}

static void memory(struct text *t, const struct insn *in, unsigned size)
{
	const struct mem *m = &in->mem;

	say(t, " %c[%s:", size == 1 ? 'b' : size == 2 ? 'w' : 'd', seg_names[m->seg]);
	if (m->base != GPR_NONE)
		say(t, "%s+", reg_name(m->base, in->addrsize));
	if (m->index != GPR_NONE)
		say(t, "%s*%d+", reg_name(m->index, in->addrsize), 1 << m->shift);
	say(t, "%x]", m->disp);
}

static void operand(struct text *t, const struct insn *in, const struct operand *o)
{
	switch ((enum operand_kind)o->kind) {
	case OPD_NONE:
		return;
	case OPD_REG:
		say(t, " %s", reg_name(o->reg, o->size));
		return;
	case OPD_MEM:
		memory(t, in, o->size);
		return;
	case OPD_IMM:
		say(t, " $%x", in->imm);
		return;
	case OPD_SREG:
		say(t, " %s", seg_names[o->reg]);
		return;
	case OPD_CR:
		say(t, " cr%d", o->reg);
		return;
	case OPD_DR:
		say(t, " dr%d", o->reg);
		return;
	case OPD_FAR:
		say(t, " %x:%x", in->selector, in->imm);
		return;
	}
}

static bool is_string(const struct insn *in)
{
	return (in->op >= OP_MOVS && in->op <= OP_OUTS) ||
	       (in->op >= OP_LOOPNE && in->op <= OP_JCXZ) || in->op == OP_XLAT;
}

void insn_text(const struct insn *in, char *buf, size_t size)
{
	bool has_cond = in->op == OP_JCC || in->op == OP_SETCC || in->op == OP_CMOVCC;
	struct text t = {buf, size};

	say(&t, "%s", in->lock ? "lock " : "");
	if (is_string(in)) {
		say(&t, "%s", in->rep == REP_E ? "repe " : in->rep ? "repne " : "");
		say(&t, "%s", in->addrsize == 2 ? "a16 " : "");
	}
	say(&t, "%s%s", op_names[in->op], has_cond ? cond_names[in->cond] : "");
	if (in->width)
		say(&t, ".%d", in->width);
	for (int i = 0; i < INSN_OPERANDS; i++)
		operand(&t, in, &in->opd[i]);
	if (is_string(in) && in->mem.seg != SEG_DS)
		say(&t, " %s:", seg_names[in->mem.seg]);
	if (in->op == OP_ENTER)
		say(&t, " $%x", in->selector);
}

u32 insn_bytes(const char *text, u8 *out)
{
	u32 n = 0;
	char *end;

	for (unsigned long v; v = strtoul(text, &end, 16), end != text; text = end) {
		assert(n < BYTES_MAX);
		out[n++] = (u8)v;
	}
	return n;
}
