/*
 * Emulated stack instructions and jumps. Near jumps check the target against the code
 * segment's limit; far ones, interrupts and iret are the virtual CPU's matter
 * (vmm/cpu.h).
 */
#include "vmm/emu.h"

/*
 * A near jump to `target`: cut to 16 bits with that operand size, #GP(0) past the
 * limit.
 */
static bool jump(struct emu *e, u32 target)
{
	struct segment cs;

	target &= alu_mask(e->in->opsize);
	cpu_segment(e->vm, SEG_CS, &cs);
	if (target > cs.limit)
		return emu_gp(e);
	e->next = target;
	return true;
}

/* push of a register, an immediate or memory. */
bool emu_push_operand(struct emu *e)
{
	u32 value;

	return emu_read(e, &e->in->opd[0], &value) && emu_push(e, value, e->in->width);
}

/* Reads `n` bytes from the top of the stack, which stays. */
static bool peek(struct emu *e, u32 delta, u32 n, void *buf)
{
	struct gspan span;

	if (!emu_stack_span(e, delta, n, ACC_READ, &span))
		return false;
	gspan_read(e->vm, &span, buf);
	return true;
}

/* An address made from ESP uses its value after the pop: SDM vol. 2, POP. */
bool emu_pop_operand(struct emu *e)
{
	unsigned size = e->in->width;
	u32 old = e->tf->esp, value = 0;

	if (!peek(e, 0, size, &value))
		return false;
	emu_stack_move(e, size);
	if (emu_write(e, &e->in->opd[0], value))
		return true;
	e->tf->esp = old;
	return false;
}

/* The eight registers lie on the stack in the order of their numbers, downwards. */
bool emu_pusha(struct emu *e)
{
	unsigned size = e->in->opsize;
	struct gspan span;
	u8 buf[8 * 4];

	if (!emu_stack_span(e, 0 - 8 * size, 8 * size, ACC_WRITE, &span))
		return false;
	for (unsigned i = 0; i < 8 * size; i++) {
		unsigned n = 7 - i / size;

		buf[i] = (u8)(*emu_reg(e->tf, n) >> (8 * (i % size)));
	}
	gspan_write(e->vm, &span, buf);
	emu_stack_move(e, 0 - 8 * size);
	return true;
}

bool emu_popa(struct emu *e)
{
	unsigned size = e->in->opsize;
	u8 buf[8 * 4];

	if (!peek(e, 0, 8 * size, buf))
		return false;
	for (unsigned n = 0; n < 8; n++) {
		const u8 *at = &buf[(7 - n) * size];
		u32 value = at[0] | (u32)at[1] << 8;

		if (size == 4)
			value |= (u32)at[2] << 16 | (u32)at[3] << 24;
		if (n != GPR_ESP)
			emu_reg_set(e, n, size, value);
	}
	emu_stack_move(e, 8 * size);
	return true;
}

/* VM and RF read as zero: SDM vol. 2, PUSHF. */
bool emu_pushf(struct emu *e)
{
	return emu_push(e, cpu_flags(e->vm) & ~(u32)(FL_VM | FL_RF), e->in->opsize);
}

bool emu_popf(struct emu *e)
{
	unsigned size = e->in->opsize;
	u32 value = 0;

	if (!peek(e, 0, size, &value))
		return false;
	emu_stack_move(e, size);
	cpu_set_flags(e->vm, value, size == 4);
	return true;
}

/* Nested frames (level above 0) no compiler makes: left to the CPU. */
bool emu_enter(struct emu *e)
{
	unsigned size = e->in->opsize;
	u32 ebp = emu_reg_get(e, GPR_EBP, size);
	struct gspan frame;

	e->native = e->in->selector != 0;
	if (e->native)
		return true;
	if (!emu_stack_span(e, 0 - size, size, ACC_WRITE, &frame))
		return false;
	gspan_write(e->vm, &frame, &ebp);
	emu_stack_move(e, 0 - size);
	emu_reg_set(e, GPR_EBP, size, e->tf->esp);
	emu_stack_move(e, 0 - e->in->imm);
	return true;
}

bool emu_leave(struct emu *e)
{
	unsigned size = e->in->opsize;
	u32 old = e->tf->esp, value = 0;

	emu_stack_move(e, e->tf->ebp - e->tf->esp);
	if (!peek(e, 0, size, &value)) {
		e->tf->esp = old;
		return false;
	}
	emu_stack_move(e, size);
	emu_reg_set(e, GPR_EBP, size, value);
	return true;
}

bool emu_jcc(struct emu *e)
{
	if (!alu_condition(e->in->cond, e->tf->eflags))
		return true;
	return jump(e, e->next + e->in->imm);
}

/* Where a near jump or call goes: next + displacement, or the operand's value. */
static bool near_target(struct emu *e, u32 *target)
{
	const struct operand *o = &e->in->opd[0];

	if (o->kind != OPD_IMM)
		return emu_read(e, o, target);
	*target = e->next + e->in->imm;
	return true;
}

bool emu_jmp(struct emu *e)
{
	u32 target;

	return near_target(e, &target) && jump(e, target);
}

bool emu_call(struct emu *e)
{
	u32 target, back = e->next;

	return near_target(e, &target) && jump(e, target) &&
	       emu_push(e, back, e->in->opsize);
}

bool emu_ret(struct emu *e)
{
	unsigned size = e->in->opsize;
	bool more = e->in->opd[0].kind == OPD_IMM;
	u32 target = 0;

	if (!peek(e, 0, size, &target) || !jump(e, target))
		return false;
	emu_stack_move(e, size + (more ? e->in->imm : 0));
	return true;
}

/* loop, loope, loopne, jcxz; the count is CX or ECX by the address size. */
bool emu_loop(struct emu *e)
{
	u32 mask = emu_addr_mask(e), zf = e->tf->eflags & FL_ZF;
	u32 count = e->tf->ecx & mask;
	bool taken;

	if (e->in->op == OP_JCXZ) {
		taken = count == 0;
	} else {
		count = (count - 1) & mask;
		taken = count != 0 &&
			(e->in->op == OP_LOOP || (e->in->op == OP_LOOPE) == (zf != 0));
	}
	if (taken && !jump(e, e->next + e->in->imm))
		return false;
	e->tf->ecx = (e->tf->ecx & ~mask) | count;
	return true;
}

/* A far pointer from the instruction or from memory: offset first, then selector. */
static bool far_target(struct emu *e, u16 *selector, u32 *offset)
{
	const struct insn *in = e->in;
	unsigned size = in->opsize;
	struct gspan span;
	u8 buf[6] = {0};

	*selector = in->selector;
	*offset = in->imm;
	if (in->opd[0].kind == OPD_FAR)
		return true;
	if (!emu_span(e, in->mem.seg, emu_offset(e), size + 2, ACC_READ, &span))
		return false;
	gspan_read(e->vm, &span, buf);
	*offset = buf[0] | (u32)buf[1] << 8;
	if (size == 4)
		*offset |= (u32)buf[2] << 16 | (u32)buf[3] << 24;
	*selector = (u16)(buf[size] | buf[size + 1] << 8);
	return true;
}

bool emu_jmp_far(struct emu *e)
{
	u16 selector;
	u32 offset;

	e->own_eip = true;
	return far_target(e, &selector, &offset) &&
	       cpu_far_jump(e->vm, selector, offset, e->f);
}

bool emu_call_far(struct emu *e)
{
	u16 selector;
	u32 offset;

	e->own_eip = true;
	return far_target(e, &selector, &offset) &&
	       cpu_far_call(e->vm, selector, offset, e->in->opsize, e->next, e->f);
}

bool emu_ret_far(struct emu *e)
{
	bool more = e->in->opd[0].kind == OPD_IMM;

	e->own_eip = true;
	return cpu_far_ret(e->vm, e->in->opsize, more ? e->in->imm : 0, e->f);
}

bool emu_iret(struct emu *e)
{
	e->own_eip = true;
	return cpu_iret(e->vm, e->in->opsize, e->f);
}

/* int n, int3, into. */
bool emu_int(struct emu *e)
{
	unsigned n = e->in->imm;

	if (e->in->op == OP_INT3) {
		n = VEC_BP;
	} else if (e->in->op == OP_INTO) {
		if (!(e->tf->eflags & FL_OF))
			return true;
		n = VEC_OF;
	}
	e->own_eip = true;
	return cpu_soft_int(e->vm, n, e->next, e->f);
}
