/*
 * Emulated system instructions: what makes a guest kernel trap. That CPL is 0 where the
 * manual asks for it has been checked before (emulate.c); here is what is left to
 * check.
 */
#include "vmm/emu.h"
#include "vmm/io.h"

/* EIP moves on first: the VM may sleep here, and an interrupt must return behind it. */
bool emu_hlt(struct emu *e)
{
	e->tf->eip = e->next;
	e->own_eip = true;
	cpu_hlt(e->vm);
	return true;
}

/* SDM vol. 2, CLI and STI: allowed when CPL <= IOPL. */
bool emu_cli(struct emu *e)
{
	if (emu_cpl(e) > emu_iopl(e))
		return emu_gp(e);
	cpu_cli(e->vm);
	return true;
}

bool emu_sti(struct emu *e)
{
	if (emu_cpl(e) > emu_iopl(e))
		return emu_gp(e);
	cpu_sti(e->vm);
	return true;
}

/* The port is an immediate or DX. */
static bool port(struct emu *e, const struct operand *o, u32 *out)
{
	return emu_read(e, o, out) &&
	       (cpu_io_allowed(e->vm, (u16)*out, e->in->width) || emu_gp(e));
}

bool emu_in(struct emu *e)
{
	unsigned size = e->in->width;
	u32 from;

	if (!port(e, &e->in->opd[1], &from))
		return false;
	emu_reg_set(e, GPR_EAX, size, io_in(e->vm, (u16)from, size));
	return true;
}

bool emu_out(struct emu *e)
{
	unsigned size = e->in->width;
	u32 to;

	if (!port(e, &e->in->opd[0], &to))
		return false;
	io_out(e->vm, (u16)to, size, emu_reg_get(e, GPR_EAX, size));
	return true;
}

bool emu_mov_cr(struct emu *e)
{
	const struct operand *dst = &e->in->opd[0], *src = &e->in->opd[1];

	if (dst->kind == OPD_CR)
		return cpu_write_cr(e->vm, dst->reg, emu_reg_get(e, src->reg, 4), e->f);
	emu_reg_set(e, dst->reg, 4, cpu_read_cr(e->vm, src->reg));
	return true;
}

/* DR4 and DR5 are DR6 and DR7, or nothing with CR4.DE: SDM vol. 3, 17.2.2. */
static bool debug_register(struct emu *e, unsigned *n)
{
	bool alias = *n == 4 || *n == 5;

	if (alias && e->vm->cpu.cr4 & CR4_DE)
		return emu_fault(e, VEC_UD);
	*n += alias ? 2 : 0;
	return true;
}

bool emu_mov_dr(struct emu *e)
{
	const struct operand *dst = &e->in->opd[0], *src = &e->in->opd[1];
	bool store = dst->kind == OPD_DR;
	unsigned n = store ? dst->reg : src->reg;

	if (!debug_register(e, &n))
		return false;
	if (store)
		cpu_write_dr(e->vm, n, emu_reg_get(e, src->reg, 4));
	else
		emu_reg_set(e, dst->reg, 4, cpu_read_dr(e->vm, n));
	return true;
}

/* In memory a table register is a limit of two bytes and a base of four, unaligned. */
enum { TABLE_BYTES = 6, BASE_286 = 0x00FFFFFF };

/* lgdt, lidt; with 16-bit operands the base has 24 bits: SDM vol. 2, LGDT/LIDT. */
bool emu_load_table(struct emu *e)
{
	const struct insn *in = e->in;
	struct gspan span;
	u8 buf[TABLE_BYTES];

	if (!emu_span(e, in->mem.seg, emu_offset(e), TABLE_BYTES, ACC_READ, &span))
		return false;
	gspan_read(e->vm, &span, buf);
	struct dtable t = {
		.base = buf[2] | (u32)buf[3] << 8 | (u32)buf[4] << 16 |
			(u32)buf[5] << 24,
		.limit = (u16)(buf[0] | buf[1] << 8),
	};
	if (in->opsize == 2)
		t.base &= BASE_286;
	if (in->op == OP_LGDT)
		cpu_lgdt(e->vm, t);
	else
		cpu_lidt(e->vm, t);
	return true;
}

/* SGDT SIDT SLDT STR SMSW are open to user code unless the guest sets its UMIP bit. */
static bool umip_allows(struct emu *e)
{
	return emu_cpl(e) == 0 || !(e->vm->cpu.cr4 & CR4_UMIP) || emu_gp(e);
}

bool emu_store_table(struct emu *e)
{
	const struct insn *in = e->in;
	struct dtable t = in->op == OP_SGDT ? e->vm->cpu.gdtr : e->vm->cpu.idtr;
	struct gspan span;

	if (!umip_allows(e) ||
	    !emu_span(e, in->mem.seg, emu_offset(e), TABLE_BYTES, ACC_WRITE, &span))
		return false;
	const u8 buf[TABLE_BYTES] = {
		(u8)t.limit,	   (u8)(t.limit >> 8), (u8)t.base,
		(u8)(t.base >> 8), (u8)(t.base >> 16), (u8)(t.base >> 24),
	};
	gspan_write(e->vm, &span, buf);
	return true;
}

/* sldt, str, smsw: 16 bits to memory, the operand size to a register. */
bool emu_store_selector(struct emu *e)
{
	u32 value;

	if (!umip_allows(e))
		return false;
	switch (e->in->op) {
	case OP_SLDT:
		value = e->vm->cpu.ldtr;
		break;
	case OP_STR:
		value = e->vm->cpu.tr;
		break;
	default: /* OP_SMSW */
		value = cpu_read_cr(e->vm, 0);
		break;
	}
	return emu_write(e, &e->in->opd[0], value);
}

bool emu_lldt(struct emu *e)
{
	u32 selector;

	return emu_read(e, &e->in->opd[0], &selector) &&
	       cpu_lldt(e->vm, (u16)selector, e->f);
}

bool emu_ltr(struct emu *e)
{
	u32 selector;

	return emu_read(e, &e->in->opd[0], &selector) &&
	       cpu_ltr(e->vm, (u16)selector, e->f);
}

bool emu_lmsw(struct emu *e)
{
	u32 value;

	if (!emu_read(e, &e->in->opd[0], &value))
		return false;
	cpu_lmsw(e->vm, (u16)value);
	return true;
}

bool emu_clts(struct emu *e)
{
	cpu_clts(e->vm);
	return true;
}

/* Only the address counts: neither limit nor page tables are looked at. */
bool emu_invlpg(struct emu *e)
{
	struct segment g;

	cpu_segment(e->vm, e->in->mem.seg, &g);
	cpu_invlpg(e->vm, gva(g.base + emu_offset(e)));
	return true;
}

bool emu_rdmsr(struct emu *e)
{
	return cpu_rdmsr(e->vm, e->f);
}

bool emu_wrmsr(struct emu *e)
{
	return cpu_wrmsr(e->vm, e->f);
}

/* The time-stamp counter is the machine's own; it traps only to be refused. */
bool emu_rdtsc(struct emu *e)
{
	if (emu_cpl(e) != 0 && e->vm->cpu.cr4 & CR4_TSD)
		return emu_gp(e);
	e->native = true;
	return true;
}

/* The virtual CPU has no counters: every index is a wrong one. */
bool emu_rdpmc(struct emu *e)
{
	return emu_gp(e);
}

bool emu_cpuid(struct emu *e)
{
	cpu_cpuid(e->vm);
	return true;
}

bool emu_ud(struct emu *e)
{
	return emu_fault(e, VEC_UD);
}
