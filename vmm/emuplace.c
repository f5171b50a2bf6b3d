/*
 * Where operands live. A register place costs nothing; a memory place is a span that
 * segmentation and the guest's page tables have let through, so that reading and
 * writing it later cannot fail.
 */
#include "kernel/panic.h"
#include "vmm/emu.h"

bool emu_fault(struct emu *e, enum vector v)
{
	*e->f = (struct gfault){.vector = v};
	return false;
}

bool emu_fault_code(struct emu *e, enum vector v, u32 code)
{
	*e->f = (struct gfault){.vector = v, .has_error = true, .error = code};
	return false;
}

bool emu_gp(struct emu *e)
{
	return emu_fault_code(e, VEC_GP, 0);
}

/* The guest runs in ring 3: its ESP is the one that the CPU pushed. */
u32 *emu_reg(struct trapframe *tf, unsigned n)
{
	static const u8 where[8] = {
		offsetof(struct trapframe, eax), offsetof(struct trapframe, ecx),
		offsetof(struct trapframe, edx), offsetof(struct trapframe, ebx),
		offsetof(struct trapframe, esp), offsetof(struct trapframe, ebp),
		offsetof(struct trapframe, esi), offsetof(struct trapframe, edi),
	};

	ASSERT(n < ARRAY_LEN(where));
	return (u32 *)((u8 *)tf + where[n]);
}

u32 emu_reg_get(struct emu *e, unsigned n, unsigned size)
{
	if (size == 1)
		return n < 4 ? *emu_reg(e->tf, n) & 0xFF
			     : (*emu_reg(e->tf, n - 4) >> 8) & 0xFF;
	return *emu_reg(e->tf, n) & alu_mask(size);
}

void emu_reg_set(struct emu *e, unsigned n, unsigned size, u32 value)
{
	bool high = size == 1 && n >= 4;
	u32 *r = emu_reg(e->tf, high ? n - 4 : n);
	unsigned shift = high ? 8 : 0;
	u32 mask = alu_mask(size) << shift;

	*r = (*r & ~mask) | ((value << shift) & mask);
}

u32 emu_addr_mask(const struct emu *e)
{
	return alu_mask(e->in->addrsize);
}

unsigned emu_cpl(const struct emu *e)
{
	return e->vm->cpu.mode == VMODE_USER ? 3 : 0;
}

unsigned emu_iopl(const struct emu *e)
{
	return (e->vm->cpu.vflags & FL_IOPL) / (FL_IOPL & -FL_IOPL);
}

u32 emu_offset(struct emu *e)
{
	const struct mem *m = &e->in->mem;
	u32 offset = m->disp;

	if (m->base != GPR_NONE)
		offset += *emu_reg(e->tf, m->base);
	if (m->index != GPR_NONE)
		offset += *emu_reg(e->tf, m->index) << m->shift;
	return offset & emu_addr_mask(e);
}

/* SDM vol. 3, 5.5: what the type of a segment lets one do. */
static bool type_allows(const struct segment *g, unsigned acc)
{
	if (!g->present)
		return false;
	return acc & ACC_WRITE ? g->writable : !g->code || g->readable;
}

/* SDM vol. 3, 5.3: the limit. A flat segment wraps around at 4 GiB, as on Bochs. */
static bool inside(const struct segment *g, u32 first, u32 last)
{
	if (g->expand_down)
		return last >= first && first > g->limit && (g->big || last <= 0xFFFF);
	return g->limit == ~0u || (last >= first && last <= g->limit);
}

bool emu_linear(struct emu *e, unsigned s, u32 offset, u32 n, unsigned acc, gva_t *out)
{
	struct segment g;

	ASSERT(n > 0 && s < SEG_COUNT);
	cpu_segment(e->vm, s, &g);
	if (!type_allows(&g, acc) || !inside(&g, offset, offset + (n - 1)))
		return emu_fault_code(e, s == SEG_SS ? VEC_SS : VEC_GP, 0);
	*out = gva(g.base + offset);
	return true;
}

bool emu_span(struct emu *e, unsigned s, u32 offset, u32 n, unsigned acc,
	      struct gspan *span)
{
	gva_t v;

	return emu_linear(e, s, offset, n, acc, &v) &&
	       gspan_check(e->vm, v, n, acc, span, e->f);
}

bool emu_place(struct emu *e, const struct operand *o, unsigned acc, struct place *p)
{
	p->kind = o->kind;
	p->size = o->size;
	p->reg = o->reg;
	p->value = e->in->imm;
	if (o->kind != OPD_MEM)
		return true;
	return emu_span(e, e->in->mem.seg, emu_offset(e), o->size, acc, &p->span);
}

u32 emu_get(struct emu *e, const struct place *p)
{
	u32 value = 0;

	switch (p->kind) {
	case OPD_REG:
		return emu_reg_get(e, p->reg, p->size);
	case OPD_IMM:
		return p->value & alu_mask(p->size);
	default:
		ASSERT(p->kind == OPD_MEM && p->size <= sizeof(value));
		gspan_read(e->vm, &p->span, &value);
		return value;
	}
}

void emu_put(struct emu *e, const struct place *p, u32 value)
{
	if (p->kind == OPD_REG) {
		emu_reg_set(e, p->reg, p->size, value);
		return;
	}
	ASSERT(p->kind == OPD_MEM && p->size <= sizeof(value));
	gspan_write(e->vm, &p->span, &value);
}

bool emu_read(struct emu *e, const struct operand *o, u32 *value)
{
	struct place p;

	if (!emu_place(e, o, ACC_READ, &p))
		return false;
	*value = emu_get(e, &p);
	return true;
}

bool emu_write(struct emu *e, const struct operand *o, u32 value)
{
	struct place p;

	if (!emu_place(e, o, ACC_WRITE, &p))
		return false;
	emu_put(e, &p, value);
	return true;
}

/* SDM vol. 1, 6.2.3: SS.B says whether the stack pointer is ESP or SP. */
static u32 stack_mask(struct emu *e)
{
	struct segment g;

	cpu_segment(e->vm, SEG_SS, &g);
	return g.big ? ~0u : 0xFFFF;
}

bool emu_stack_span(struct emu *e, u32 delta, u32 n, unsigned acc, struct gspan *span)
{
	u32 offset = (e->tf->esp + delta) & stack_mask(e);

	return emu_span(e, SEG_SS, offset, n, acc, span);
}

void emu_stack_move(struct emu *e, u32 delta)
{
	u32 mask = stack_mask(e);

	e->tf->esp = (e->tf->esp & ~mask) | ((e->tf->esp + delta) & mask);
}

bool emu_push(struct emu *e, u32 value, unsigned size)
{
	struct gspan span;

	if (!emu_stack_span(e, 0 - size, size, ACC_WRITE, &span))
		return false;
	gspan_write(e->vm, &span, &value);
	emu_stack_move(e, 0 - size);
	return true;
}
