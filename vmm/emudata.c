/*
 * Emulated data movement and the everyday arithmetic. This is what a guest's stores to
 * its page tables and to device memory come down to.
 */
#include "vmm/emu.h"

/* add or adc sbb and sub xor cmp test. */
bool emu_binary(struct emu *e)
{
	const struct insn *in = e->in;
	bool store = in->op != OP_CMP && in->op != OP_TEST;
	struct place dst, src;

	if (!emu_place(e, &in->opd[0], store ? ACC_WRITE : ACC_READ, &dst) ||
	    !emu_place(e, &in->opd[1], ACC_READ, &src))
		return false;
	u32 r = alu_binary(in->op, emu_get(e, &dst), emu_get(e, &src), dst.size,
			   &e->tf->eflags);
	if (store)
		emu_put(e, &dst, r);
	return true;
}

/* inc dec not neg. */
bool emu_unary(struct emu *e)
{
	struct place p;

	if (!emu_place(e, &e->in->opd[0], ACC_WRITE, &p))
		return false;
	emu_put(e, &p, alu_unary(e->in->op, emu_get(e, &p), p.size, &e->tf->eflags));
	return true;
}

/* The rotates and shifts; the count is an immediate or CL. */
bool emu_shift(struct emu *e)
{
	struct place p;
	u32 count;

	if (!emu_place(e, &e->in->opd[0], ACC_WRITE, &p) ||
	    !emu_read(e, &e->in->opd[1], &count))
		return false;
	emu_put(e, &p,
		alu_shift(e->in->op, emu_get(e, &p), count, p.size, &e->tf->eflags));
	return true;
}

bool emu_mov(struct emu *e)
{
	u32 value;

	return emu_read(e, &e->in->opd[1], &value) &&
	       emu_write(e, &e->in->opd[0], value);
}

bool emu_movzx(struct emu *e)
{
	return emu_mov(e); /* what is read comes zero-extended */
}

bool emu_movsx(struct emu *e)
{
	const struct operand *src = &e->in->opd[1];
	u32 value;

	return emu_read(e, src, &value) &&
	       emu_write(e, &e->in->opd[0], alu_sign_extend(value, src->size));
}

bool emu_lea(struct emu *e)
{
	return emu_write(e, &e->in->opd[0], emu_offset(e));
}

bool emu_xchg(struct emu *e)
{
	struct place a, b;

	if (!emu_place(e, &e->in->opd[0], ACC_WRITE, &a) ||
	    !emu_place(e, &e->in->opd[1], ACC_WRITE, &b))
		return false;
	u32 va = emu_get(e, &a), vb = emu_get(e, &b);
	emu_put(e, &a, vb);
	emu_put(e, &b, va);
	return true;
}

/* nop, prefetches, cache control that has no meaning here. */
bool emu_nop(struct emu *e)
{
	(void)e;
	return true;
}

bool emu_setcc(struct emu *e)
{
	return emu_write(e, &e->in->opd[0], alu_condition(e->in->cond, e->tf->eflags));
}

/* The source is read, and can fault, even when nothing moves: SDM vol. 2, CMOVcc. */
bool emu_cmovcc(struct emu *e)
{
	u32 value;

	if (!emu_read(e, &e->in->opd[1], &value))
		return false;
	if (!alu_condition(e->in->cond, e->tf->eflags))
		return true;
	return emu_write(e, &e->in->opd[0], value);
}

/* cbw, cwde: the lower half of the accumulator to the whole. */
bool emu_cwde(struct emu *e)
{
	unsigned size = e->in->opsize;

	emu_reg_set(e, GPR_EAX, size, alu_sign_extend(e->tf->eax, size / 2));
	return true;
}

/* cwd, cdq: the accumulator's sign to all of EDX. */
bool emu_cdq(struct emu *e)
{
	unsigned size = e->in->opsize;
	bool minus = e->tf->eax & alu_sign(size);

	emu_reg_set(e, GPR_EDX, size, minus ? ~0u : 0);
	return true;
}

enum { FL_LOW = FL_SF | FL_ZF | FL_AF | FL_PF | FL_CF }; /* what AH can hold */

bool emu_sahf(struct emu *e)
{
	u32 ah = emu_reg_get(e, GPR_ESP, 1);

	e->tf->eflags = (e->tf->eflags & ~(u32)FL_LOW) | (ah & FL_LOW);
	return true;
}

bool emu_lahf(struct emu *e)
{
	emu_reg_set(e, GPR_ESP, 1, (e->tf->eflags & FL_LOW) | FL_ONE);
	return true;
}

/* clc stc cmc cld std. */
bool emu_flag(struct emu *e)
{
	u32 *flags = &e->tf->eflags;

	switch (e->in->op) {
	case OP_CLC:
		*flags &= ~(u32)FL_CF;
		return true;
	case OP_STC:
		*flags |= FL_CF;
		return true;
	case OP_CMC:
		*flags ^= FL_CF;
		return true;
	case OP_CLD:
		*flags &= ~(u32)FL_DF;
		return true;
	default: /* OP_STD */
		*flags |= FL_DF;
		return true;
	}
}

/* AL becomes the byte at EBX + AL. */
bool emu_xlat(struct emu *e)
{
	u32 offset = (e->tf->ebx + (e->tf->eax & 0xFF)) & emu_addr_mask(e);
	struct gspan span;
	u8 value;

	if (!emu_span(e, e->in->mem.seg, offset, sizeof(value), ACC_READ, &span))
		return false;
	gspan_read(e->vm, &span, &value);
	emu_reg_set(e, GPR_EAX, 1, value);
	return true;
}
