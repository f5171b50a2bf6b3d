/*
 * Decoding: prefixes, opcode, ModRM, then the operands that the opcode's row asks for,
 * in the order in which their bytes stand (SDM vol. 2, figure 2-1). Bytes come through
 * a cursor that remembers the first reason to stop, so that the code between need not
 * ask after each byte: what is read after that is zero and thrown away.
 */
#include "vmm/cpu.h"
#include "vmm/decode.h"
#include "vmm/optable.h"

enum { NO_OVERRIDE = 0xFF, BYTE_ESCAPE = 0x0F /* opcodes of two bytes */ };

/* Fields of ModRM and SIB: SDM vol. 2, 2.1.3. */
enum { MOD_DISP0, MOD_DISP8, MOD_DISP_FULL, MOD_REG };
enum { RM_SIB = 4, RM_DISP32 = 5, RM_DISP16 = 6, SIB_NO_INDEX = 4, SIB_NO_BASE = 5 };

struct cursor {
	const u8 *bytes;
	u32 avail;
	u32 at;
	enum decoded state;
	u8 override;	 /* segment prefix, or NO_OVERRIDE */
	u8 mod, reg, rm; /* without ModRM: as if it named a register */
};

/* Fewer than `n` bytes are left. The first reason counts; nothing is read after it. */
static void run_out(struct cursor *c, u32 n)
{
	if (c->state == DECODE_OK)
		c->state = c->at + n > INSN_MAX ? DECODE_UNKNOWN : DECODE_SHORT;
	c->avail = 0;
}

/* The next `n` bytes, little endian; zero once there are no more. */
static u32 take(struct cursor *c, u32 n)
{
	u32 value = 0;

	if (c->at + n > c->avail) {
		run_out(c, n);
		return 0;
	}
	for (u32 i = 0; i < n; i++)
		value |= (u32)c->bytes[c->at + i] << (8 * i);
	c->at += n;
	return value;
}

/* The same, as a signed number of that size. */
static u32 take_signed(struct cursor *c, u32 n)
{
	u32 sign = 1u << (8 * n - 1);

	return (take(c, n) ^ sign) - sign;
}

/*
 * Notes one prefix; false when the byte is none. Of two of a kind the last one counts.
 */
static bool prefix(struct cursor *c, struct insn *in, u8 byte)
{
	switch (byte) {
	case 0x26:
	case 0x2E:
	case 0x36:
	case 0x3E:
		c->override = (byte >> 3) & 3; /* ES CS SS DS, as in a PUSH of them */
		return true;
	case 0x64:
		c->override = SEG_FS;
		return true;
	case 0x65:
		c->override = SEG_GS;
		return true;
	case 0x66:
		in->opsize = 2;
		return true;
	case 0x67:
		in->addrsize = 2;
		return true;
	case 0xF0:
		in->lock = true;
		return true;
	case 0xF2:
		in->rep = REP_NE;
		return true;
	case 0xF3:
		in->rep = REP_E;
		return true;
	default:
		return false;
	}
}

/* Prefixes and opcode; the row of the opcode. No prefix has a row. */
static const struct row *opcode(struct cursor *c, struct insn *in)
{
	u8 byte = (u8)take(c, 1);
	const struct row *r = &optable_one[byte];

	while (!r->op && prefix(c, in, byte)) {
		byte = (u8)take(c, 1);
		r = &optable_one[byte];
	}
	if (byte == BYTE_ESCAPE) {
		byte = (u8)take(c, 1);
		r = &optable_two[byte];
	}
	in->opcode = byte;
	in->cond = byte & 0xF;
	return r;
}

/* Addresses of 16 bits: SDM vol. 2, table 2-1. */
static void modrm16(struct cursor *c, struct mem *m)
{
	static const u8 base[8] = {GPR_EBX, GPR_EBX, GPR_EBP, GPR_EBP,
				   GPR_ESI, GPR_EDI, GPR_EBP, GPR_EBX};
	static const u8 index[8] = {GPR_ESI,  GPR_EDI,	GPR_ESI,  GPR_EDI,
				    GPR_NONE, GPR_NONE, GPR_NONE, GPR_NONE};

	if (c->mod == MOD_DISP0 && c->rm == RM_DISP16) {
		m->disp = take(c, 2);
		return;
	}
	m->base = base[c->rm];
	m->index = index[c->rm];
	if (c->mod == MOD_DISP8)
		m->disp = take_signed(c, 1);
	else if (c->mod == MOD_DISP_FULL)
		m->disp = take(c, 2);
}

/* The SIB byte: SDM vol. 2, table 2-3. */
static void sib(struct cursor *c, struct mem *m)
{
	u32 byte = take(c, 1);

	m->shift = (u8)(byte >> 6);
	if (((byte >> 3) & 7) != SIB_NO_INDEX)
		m->index = (byte >> 3) & 7;
	m->base = byte & 7;
	if (m->base == SIB_NO_BASE && c->mod == MOD_DISP0) {
		m->base = GPR_NONE;
		m->disp = take(c, 4);
	}
}

/* Addresses of 32 bits: SDM vol. 2, table 2-2. */
static void modrm32(struct cursor *c, struct mem *m)
{
	if (c->rm == RM_SIB) {
		sib(c, m);
	} else if (c->rm == RM_DISP32 && c->mod == MOD_DISP0) {
		m->disp = take(c, 4);
		return;
	} else {
		m->base = c->rm;
	}
	if (c->mod == MOD_DISP8)
		m->disp = take_signed(c, 1);
	else if (c->mod == MOD_DISP_FULL)
		m->disp = take(c, 4);
}

static bool in_modrm(enum where w)
{
	return w >= E && w <= D;
}

/* Does the row name an operand that ModRM holds? */
static bool has_modrm(const struct row *r)
{
	return in_modrm(r->where[0]) || in_modrm(r->where[1]) || r->flags & ROW_GROUP;
}

/* Reads the address bytes when ModRM names memory (mov cr never does). */
static void address(struct cursor *c, const struct row *r, struct insn *in)
{
	struct mem *m = &in->mem;

	if (c->mod == MOD_REG || r->where[0] == R || r->where[1] == R)
		return;
	if (in->addrsize == 2)
		modrm16(c, m);
	else
		modrm32(c, m);
	if (c->override == NO_OVERRIDE && (m->base == GPR_EBP || m->base == GPR_ESP))
		m->seg = SEG_SS;
}

/* Register or memory: the E forms and M. */
static struct operand rm_operand(struct cursor *c, u8 size, u8 mem_size)
{
	if (c->mod == MOD_REG)
		return (struct operand){OPD_REG, size, c->rm};
	return (struct operand){OPD_MEM, mem_size, 0};
}

static struct operand immediate(struct insn *in, u8 size, u32 value)
{
	in->imm = value;
	return (struct operand){OPD_IMM, size, 0};
}

/* The far pointer in the instruction: offset first, then the selector. */
static struct operand far_pointer(struct cursor *c, struct insn *in)
{
	in->imm = take(c, in->opsize);
	in->selector = (u16)take(c, 2);
	return (struct operand){OPD_FAR, in->opsize, 0};
}

static struct operand absolute(struct cursor *c, struct insn *in)
{
	in->mem.disp = take(c, in->addrsize);
	return (struct operand){OPD_MEM, in->width, 0};
}

/* Operands that ModRM names. */
static struct operand modrm_operand(struct cursor *c, struct insn *in, enum where w)
{
	switch (w) {
	case EB:
		return rm_operand(c, 1, 1);
	case EW:
		return rm_operand(c, 2, 2);
	case EX:
		return rm_operand(c, in->opsize, 2);
	case R:
		return (struct operand){OPD_REG, 4, c->rm};
	case G:
		return (struct operand){OPD_REG, in->width, c->reg};
	case S:
		return (struct operand){OPD_SREG, 2, c->reg};
	case C:
		return (struct operand){OPD_CR, 4, c->reg};
	case D:
		return (struct operand){OPD_DR, 4, c->reg};
	default:
		return rm_operand(c, in->width, in->width); /* E, M */
	}
}

/* Operands that follow ModRM or that the opcode implies. */
static struct operand other_operand(struct cursor *c, struct insn *in, enum where w)
{
	switch (w) {
	case Z:
		return (struct operand){OPD_REG, in->width, in->opcode & 7};
	case A:
		return (struct operand){OPD_REG, in->width, GPR_EAX};
	case CL:
		return (struct operand){OPD_REG, 1, GPR_ECX};
	case DX:
		return (struct operand){OPD_REG, 2, GPR_EDX};
	case ONE:
		return immediate(in, 1, 1);
	case I:
		return immediate(in, in->width, take(c, in->width));
	case IB:
		return immediate(in, 1, take(c, 1));
	case IS:
		return immediate(in, in->width, take_signed(c, 1));
	case IW:
		return immediate(in, 2, take(c, 2));
	case J:
		return immediate(in, in->opsize, take_signed(c, in->opsize));
	case JB:
		return immediate(in, in->opsize, take_signed(c, 1));
	case O:
		return absolute(c, in);
	case P:
		return far_pointer(c, in);
	case RES:
		return (struct operand){OPD_SREG, 2, SEG_ES};
	case RCS:
		return (struct operand){OPD_SREG, 2, SEG_CS};
	case RSS:
		return (struct operand){OPD_SREG, 2, SEG_SS};
	case RDS:
		return (struct operand){OPD_SREG, 2, SEG_DS};
	case RFS:
		return (struct operand){OPD_SREG, 2, SEG_FS};
	case RGS:
		return (struct operand){OPD_SREG, 2, SEG_GS};
	default:
		return (struct operand){OPD_NONE, 0, 0};
	}
}

/* Fills the operands that the row names and reads the immediates behind the address. */
static void operands(struct cursor *c, const struct row *r, struct insn *in)
{
	for (u32 i = 0; i < INSN_OPERANDS && r->where[i] != NONE; i++) {
		enum where w = r->where[i];

		in->opd[i] = in_modrm(w) ? modrm_operand(c, in, w)
					 : other_operand(c, in, w);
	}
	if (in->op == OP_ENTER)
		in->selector = (u16)take(c, 1);
}

/*
 * Registers that do not exist: SDM vol. 2, MOV-Move and MOV-Move to/from Control
 * Registers.
 */
static bool bad_register(const struct insn *in)
{
	for (u32 i = 0; i < 2; i++) {
		const struct operand *o = &in->opd[i];

		if (o->kind == OPD_CR && (o->reg == 1 || o->reg > 4))
			return true;
		if (o->kind == OPD_SREG && o->reg >= SEG_COUNT)
			return true;
	}
	return in->op == OP_MOV_SREG && in->opd[0].kind == OPD_SREG &&
	       in->opd[0].reg == SEG_CS;
}

/* Forms that the CPU answers with #UD: LOCK among them (SDM vol. 2, LOCK). */
static bool illegal(const struct cursor *c, const struct row *r, const struct insn *in)
{
	bool can_lock = (r->flags & ROW_LOCK) && in->opd[0].kind == OPD_MEM;
	bool memory_only = r->where[0] == M || r->where[1] == M;

	if ((in->lock && !can_lock) || (memory_only && c->mod == MOD_REG))
		return true;
	return (in->op == OP_MOV_CR || in->op == OP_MOV_SREG) && bad_register(in);
}

/*
 * Reads ModRM when the row has one. Of a group it picks the member, which takes over
 * what it does not say itself, in *member. Returns the row that counts.
 */
static const struct row *modrm(struct cursor *c, const struct row *r,
			       struct row *member)
{
	if (!has_modrm(r))
		return r;
	u32 byte = take(c, 1);
	c->mod = (u8)(byte >> 6);
	c->reg = (byte >> 3) & 7;
	c->rm = byte & 7;
	if (!(r->flags & ROW_GROUP))
		return r;
	*member = optable_group[r->op][c->reg];
	if (member->width == WN)
		member->width = r->width;
	if (member->where[0] == NONE)
		for (u32 i = 0; i < INSN_OPERANDS; i++)
			member->where[i] = r->where[i];
	return member;
}

/* Is this the encoding of another instruction, one that no table has? */
static bool another(const struct cursor *c, const struct row *r, const struct insn *in)
{
	if (r->op == OP_UNKNOWN)
		return true;
	if ((r->flags & ROW_OTHER) && (c->mod == MOD_REG || in->rep != REP_NONE))
		return true;
	return (r->flags & ROW_NOREP) && in->rep != REP_NONE;
}

enum decoded decode(const u8 *bytes, u32 avail, struct insn *out)
{
	struct cursor c = {.bytes = bytes,
			   .avail = min_u32(avail, INSN_MAX),
			   .state = DECODE_OK,
			   .override = NO_OVERRIDE,
			   .mod = MOD_REG};
	struct row member;

	*out = (struct insn){
		.opsize = 4,
		.addrsize = 4,
		.mem = {.seg = SEG_DS, .base = GPR_NONE, .index = GPR_NONE}};
	const struct row *row = modrm(&c, opcode(&c, out), &member);
	if (c.state != DECODE_OK)
		return c.state;
	if (c.override != NO_OVERRIDE)
		out->mem.seg = c.override;
	if (another(&c, row, out))
		return DECODE_UNKNOWN;
	out->op = row->op;
	out->width = row->width == WV ? out->opsize : row->width;
	address(&c, row, out);
	operands(&c, row, out);
	if (c.state != DECODE_OK)
		return c.state;
	out->length = (u8)c.at;
	if (illegal(&c, row, out))
		out->op = OP_UD;
	return DECODE_OK;
}
