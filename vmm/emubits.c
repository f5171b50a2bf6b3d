/*
 * Emulated arithmetic of the less common kind: products, single bits, and the exchanges
 * that kernels build locks from. They are atomic to the guest, as nothing of it runs
 * while we work (TRAPS: `lock cmpxchg` on a page-table entry).
 */
#include "vmm/emu.h"

/* The register that AH is, as a byte register. */
enum { GPR_AH = 4 };

/* The upper half of a double-width value: AH for bytes, DX or EDX else. */
static u32 high_get(struct emu *e, unsigned size)
{
	return size == 1 ? emu_reg_get(e, GPR_AH, 1) : emu_reg_get(e, GPR_EDX, size);
}

static void high_set(struct emu *e, unsigned size, u32 value)
{
	emu_reg_set(e, size == 1 ? GPR_AH : GPR_EDX, size, value);
}

/* mul, and imul with one operand. */
bool emu_mul(struct emu *e)
{
	unsigned size = e->in->width;
	u32 value, low, high;

	if (!emu_read(e, &e->in->opd[0], &value))
		return false;
	u32 a = emu_reg_get(e, GPR_EAX, size);
	if (e->in->op == OP_MUL)
		low = alu_mul(a, value, size, &high, &e->tf->eflags);
	else
		low = alu_imul(a, value, size, &high, &e->tf->eflags);
	emu_reg_set(e, GPR_EAX, size, low);
	high_set(e, size, high);
	return true;
}

/* imul with two or three operands. */
bool emu_imul_reg(struct emu *e)
{
	const struct insn *in = e->in;
	bool three = in->opd[2].kind != OPD_NONE;
	u32 a, b, high;

	if (!emu_read(e, &in->opd[1], &a) || !emu_read(e, &in->opd[three ? 2 : 0], &b))
		return false;
	return emu_write(e, &in->opd[0],
			 alu_imul(a, b, in->width, &high, &e->tf->eflags));
}

/* div and idiv; #DE when the quotient does not fit. */
bool emu_div(struct emu *e)
{
	unsigned size = e->in->width;
	u32 d, quotient, rest;

	if (!emu_read(e, &e->in->opd[0], &d))
		return false;
	struct dividend n = {high_get(e, size), emu_reg_get(e, GPR_EAX, size)};
	bool fits = e->in->op == OP_DIV ? alu_div(n, d, size, &quotient, &rest)
					: alu_idiv(n, d, size, &quotient, &rest);
	if (!fits)
		return emu_fault(e, VEC_DE);
	emu_reg_set(e, GPR_EAX, size, quotient);
	high_set(e, size, rest);
	return true;
}

/* The sum goes last: with both operands the same register it stays. */
bool emu_xadd(struct emu *e)
{
	struct place dst, src;

	if (!emu_place(e, &e->in->opd[0], ACC_WRITE, &dst) ||
	    !emu_place(e, &e->in->opd[1], ACC_WRITE, &src))
		return false;
	u32 old = emu_get(e, &dst);
	u32 sum = alu_binary(OP_ADD, old, emu_get(e, &src), dst.size, &e->tf->eflags);
	emu_put(e, &src, old);
	emu_put(e, &dst, sum);
	return true;
}

/* A write either way: the destination must be writable even when it differs. */
bool emu_cmpxchg(struct emu *e)
{
	struct place dst, src;

	if (!emu_place(e, &e->in->opd[0], ACC_WRITE, &dst) ||
	    !emu_place(e, &e->in->opd[1], ACC_READ, &src))
		return false;
	u32 old = emu_get(e, &dst);
	alu_binary(OP_CMP, emu_reg_get(e, GPR_EAX, dst.size), old, dst.size,
		   &e->tf->eflags);
	if (e->tf->eflags & FL_ZF) {
		emu_put(e, &dst, emu_get(e, &src));
	} else {
		emu_reg_set(e, GPR_EAX, dst.size, old);
		if (dst.kind == OPD_MEM)
			emu_put(e, &dst, old);
	}
	return true;
}

/* EDX:EAX against eight bytes; ZF alone tells. */
bool emu_cmpxchg8b(struct emu *e)
{
	struct trapframe *tf = e->tf;
	struct gspan span;
	u32 old[2];

	if (!emu_span(e, e->in->mem.seg, emu_offset(e), sizeof(old), ACC_WRITE, &span))
		return false;
	gspan_read(e->vm, &span, old);
	if (old[0] == tf->eax && old[1] == tf->edx) {
		const u32 new[2] = {tf->ebx, tf->ecx};

		gspan_write(e->vm, &span, new);
		tf->eflags |= FL_ZF;
	} else {
		gspan_write(e->vm, &span, old);
		tf->eax = old[0];
		tf->edx = old[1];
		tf->eflags &= ~(u32)FL_ZF;
	}
	return true;
}

/* With 16 bits the result is undefined; zero is what hardware gives. */
bool emu_bswap(struct emu *e)
{
	const struct operand *o = &e->in->opd[0];
	u32 value = emu_reg_get(e, o->reg, 4);

	emu_reg_set(e, o->reg, o->size, o->size == 4 ? __builtin_bswap32(value) : 0);
	return true;
}

/*
 * A bit offset in a register reaches any bit of memory around the operand, both ways;
 * an immediate is taken modulo the operand size: SDM vol. 2, BT.
 */
static bool bit_place(struct emu *e, unsigned acc, struct place *p)
{
	const struct insn *in = e->in;
	unsigned size = in->width;

	if (in->opd[0].kind != OPD_MEM || in->opd[1].kind == OPD_IMM)
		return emu_place(e, &in->opd[0], acc, p);
	s32 bit = (s32)alu_sign_extend(emu_reg_get(e, in->opd[1].reg, size), size);
	s32 words = (bit - (s32)((u32)bit & (8 * size - 1))) / (s32)(8 * size);
	u32 offset = (emu_offset(e) + (u32)words * size) & emu_addr_mask(e);

	*p = (struct place){.kind = OPD_MEM, .size = (u8)size};
	return emu_span(e, in->mem.seg, offset, size, acc, &p->span);
}

/* bt bts btr btc. */
bool emu_bit(struct emu *e)
{
	const struct insn *in = e->in;
	struct place p;
	u32 n;

	if (!bit_place(e, in->op == OP_BT ? ACC_READ : ACC_WRITE, &p) ||
	    !emu_read(e, &in->opd[1], &n))
		return false;
	u32 r = alu_bit(in->op, emu_get(e, &p), n & (8u * in->width - 1),
			&e->tf->eflags);
	if (in->op != OP_BT)
		emu_put(e, &p, r);
	return true;
}

/* bsf bsr: of zero the destination stays as it was. */
bool emu_scan(struct emu *e)
{
	u32 value, n;

	if (!emu_read(e, &e->in->opd[1], &value))
		return false;
	if (!alu_scan(e->in->op, value, &n, &e->tf->eflags))
		return true;
	return emu_write(e, &e->in->opd[0], n);
}

/* shld shrd. */
bool emu_double_shift(struct emu *e)
{
	const struct insn *in = e->in;
	struct place dst;
	u32 fill, count;

	if (!emu_place(e, &in->opd[0], ACC_WRITE, &dst) ||
	    !emu_read(e, &in->opd[1], &fill) || !emu_read(e, &in->opd[2], &count))
		return false;
	emu_put(e, &dst,
		alu_double_shift(in->op, emu_get(e, &dst), fill, count, dst.size,
				 &e->tf->eflags));
	return true;
}
