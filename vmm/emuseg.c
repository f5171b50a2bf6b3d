/*
 * Emulated segment instructions. Selectors and descriptors are the guest's own, not
 * those of the shadow GDTs: what it reads back is what it wrote.
 */
#include "kernel/gdt.h"
#include "vmm/emu.h"

enum { SELECTOR_RPL = 3 };

/* Loads a segment register; after SS no interrupt comes before the next instruction. */
static bool load(struct emu *e, enum sreg s, u16 selector)
{
	if (!cpu_load_segment(e->vm, s, selector, e->f))
		return false;
	if (s == SEG_SS)
		e->vm->cpu.shadow = true;
	return true;
}

bool emu_mov_sreg(struct emu *e)
{
	const struct operand *dst = &e->in->opd[0], *src = &e->in->opd[1];
	u32 value;

	if (dst->kind != OPD_SREG)
		return emu_write(e, dst, cpu_selector(e->vm, src->reg));
	return emu_read(e, src, &value) && load(e, dst->reg, (u16)value);
}

/* ESP moves by the operand size, but two bytes are written: SDM vol. 2, PUSH. */
bool emu_push_sreg(struct emu *e)
{
	u16 selector = cpu_selector(e->vm, e->in->opd[0].reg);
	u32 delta = 0u - e->in->opsize;
	struct gspan span;

	if (!emu_stack_span(e, delta, sizeof(selector), ACC_WRITE, &span))
		return false;
	gspan_write(e->vm, &span, &selector);
	emu_stack_move(e, delta);
	return true;
}

bool emu_pop_sreg(struct emu *e)
{
	u32 old = e->tf->esp;
	struct gspan span;
	u16 selector;

	if (!emu_stack_span(e, 0, sizeof(selector), ACC_READ, &span))
		return false;
	gspan_read(e->vm, &span, &selector);
	emu_stack_move(e, e->in->opsize);
	if (load(e, e->in->opd[0].reg, selector))
		return true;
	e->tf->esp = old;
	return false;
}

/* les lds lss lfs lgs: a far pointer to a segment register and a general one. */
bool emu_load_far(struct emu *e)
{
	unsigned size = e->in->opsize;
	struct gspan span;
	u8 buf[6] = {0};

	if (!emu_span(e, e->in->mem.seg, emu_offset(e), size + 2, ACC_READ, &span))
		return false;
	gspan_read(e->vm, &span, buf);
	u16 selector = (u16)(buf[size] | buf[size + 1] << 8);
	u32 offset = buf[0] | (u32)buf[1] << 8;
	if (size == 4)
		offset |= (u32)buf[2] << 16 | (u32)buf[3] << 24;
	if (!cpu_load_segment(e->vm, e->in->opd[2].reg, selector, e->f))
		return false;
	emu_reg_set(e, e->in->opd[0].reg, size, offset);
	return true;
}

/* Type field of a system descriptor: SDM vol. 3, table 3-2. */
static unsigned system_type(struct descriptor d)
{
	return (d.hi >> 8) & 0xF;
}

/* Is the segment visible from here? Conforming code always is. */
static bool privilege_allows(struct emu *e, struct descriptor d, u16 selector)
{
	const u32 conforming = DESC_SEGMENT | DESC_CODE | DESC_CONFORMING;
	unsigned dpl = (d.hi & DESC_DPL) >> DESC_DPL_SHIFT;

	if ((d.hi & conforming) == conforming)
		return true;
	return dpl >= emu_cpl(e) && dpl >= (selector & SELECTOR_RPL);
}

/*
 * Reads the selector operand and its descriptor. *found is false, which is no fault,
 * where ZF shall say that it cannot be used; types: a bit for each system type that
 * can.
 */
static bool look_up(struct emu *e, const struct operand *o, u32 types,
		    struct descriptor *d, bool *found)
{
	u32 selector;

	if (!emu_read(e, o, &selector))
		return false;
	*found = segs_guest(e->vm, (u16)selector, d) &&
		 (d->hi & DESC_SEGMENT || types >> system_type(*d) & 1) &&
		 privilege_allows(e, *d, (u16)selector);
	return true;
}

static bool set_zf(struct emu *e, bool on)
{
	e->tf->eflags = (e->tf->eflags & ~(u32)FL_ZF) | (on ? FL_ZF : 0);
	return true;
}

/* System types that LAR and LSL know: SDM vol. 2, tables 3-53 and 3-59. */
enum { LSL_TYPES = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 11 };
enum { LAR_TYPES = LSL_TYPES | 1 << 4 | 1 << 5 | 1 << 12 };
enum { LAR_MASK = 0x00FFFF00 };

bool emu_lar(struct emu *e)
{
	struct descriptor d;
	bool found;

	if (!look_up(e, &e->in->opd[1], LAR_TYPES, &d, &found))
		return false;
	if (found)
		emu_reg_set(e, e->in->opd[0].reg, e->in->opsize, d.hi & LAR_MASK);
	return set_zf(e, found);
}

bool emu_lsl(struct emu *e)
{
	struct descriptor d;
	bool found;

	if (!look_up(e, &e->in->opd[1], LSL_TYPES, &d, &found))
		return false;
	if (found)
		emu_reg_set(e, e->in->opd[0].reg, e->in->opsize, desc_limit(d));
	return set_zf(e, found);
}

/* verr, verw. */
bool emu_verr(struct emu *e)
{
	struct descriptor d;
	bool found;

	if (!look_up(e, &e->in->opd[0], 0, &d, &found))
		return false;
	bool code = found && d.hi & DESC_CODE;
	if (e->in->op == OP_VERR)
		return set_zf(e, found && (!code || d.hi & DESC_READABLE));
	return set_zf(e, found && !code && d.hi & DESC_WRITABLE);
}
