/*
 * The arithmetic of emulated instructions. Carries are found from the result by the
 * rules of a full adder, so that one line serves CF, AF and OF for every size.
 */
#include "kernel/lib.h"
#include "kernel/trap.h"
#include "vmm/alu.h"

enum { FL_ARITH = FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_OF };
enum { COUNT_MASK = 31, AF_BIT = 3 };

static unsigned bits(unsigned size)
{
	return 8 * size;
}

u32 alu_mask(unsigned size)
{
	return size == 4 ? ~0u : (1u << bits(size)) - 1;
}

u32 alu_sign(unsigned size)
{
	return 1u << (bits(size) - 1);
}

u32 alu_sign_extend(u32 value, unsigned size)
{
	u32 sign = alu_sign(size);

	return ((value & alu_mask(size)) ^ sign) - sign;
}

static u32 flag_if(bool on, u32 flag)
{
	return on ? flag : 0;
}

/* PF is set when the low byte has an even number of ones. */
static bool even_parity(u32 r)
{
	r ^= r >> 4;
	return (0x9669 >> (r & 0xF)) & 1;
}

static u32 result_flags(u32 r, unsigned size)
{
	return flag_if(r == 0, FL_ZF) | flag_if(r & alu_sign(size), FL_SF) |
	       flag_if(even_parity(r), FL_PF);
}

/* Flags of a sum or difference: `carry` has the carry out of each bit. */
static void set_arith(u32 *flags, u32 r, u32 carry, bool overflow, unsigned size)
{
	*flags = (*flags & ~(u32)FL_ARITH) | result_flags(r, size) |
		 flag_if(carry & alu_sign(size), FL_CF) |
		 flag_if((carry >> AF_BIT) & 1, FL_AF) | flag_if(overflow, FL_OF);
}

static u32 add(u32 a, u32 b, u32 carry_in, unsigned size, u32 *flags)
{
	u32 r = (a + b + carry_in) & alu_mask(size);

	set_arith(flags, r, (a & b) | ((a | b) & ~r),
		  (a ^ r) & (b ^ r) & alu_sign(size), size);
	return r;
}

static u32 sub(u32 a, u32 b, u32 borrow_in, unsigned size, u32 *flags)
{
	u32 r = (a - b - borrow_in) & alu_mask(size);

	set_arith(flags, r, (~a & b) | (~(a ^ b) & r),
		  (a ^ b) & (a ^ r) & alu_sign(size), size);
	return r;
}

static u32 logic(u32 r, unsigned size, u32 *flags)
{
	set_arith(flags, r, 0, false, size);
	return r;
}

u32 alu_binary(enum op op, u32 a, u32 b, unsigned size, u32 *flags)
{
	u32 carry = *flags & FL_CF;

	switch (op) {
	case OP_ADD:
		return add(a, b, 0, size, flags);
	case OP_ADC:
		return add(a, b, carry, size, flags);
	case OP_SUB:
		return sub(a, b, 0, size, flags);
	case OP_SBB:
		return sub(a, b, carry, size, flags);
	case OP_AND:
		return logic(a & b, size, flags);
	case OP_OR:
		return logic(a | b, size, flags);
	case OP_XOR:
		return logic(a ^ b, size, flags);
	case OP_TEST:
		logic(a & b, size, flags);
		return a;
	default: /* OP_CMP */
		sub(a, b, 0, size, flags);
		return a;
	}
}

u32 alu_unary(enum op op, u32 a, unsigned size, u32 *flags)
{
	u32 carry = *flags & FL_CF;
	u32 r;

	switch (op) {
	case OP_NOT:
		return ~a & alu_mask(size);
	case OP_NEG:
		return sub(0, a, 0, size, flags);
	case OP_INC:
		r = add(a, 1, 0, size, flags);
		break;
	default: /* OP_DEC */
		r = sub(a, 1, 0, size, flags);
		break;
	}
	*flags = (*flags & ~(u32)FL_CF) | carry; /* inc and dec leave CF alone */
	return r;
}

/* One step of a shift or rotate: the bit that leaves goes to CF. */
static u32 shift_once(enum op op, u32 a, u32 sign, u32 *carry)
{
	u32 mask = sign | (sign - 1);
	bool left = op == OP_ROL || op == OP_RCL || op == OP_SHL || op == OP_SAL;
	u32 out = left ? (a & sign) != 0 : a & 1;
	u32 in = 0;

	if (op == OP_ROL || op == OP_ROR)
		in = out;
	else if (op == OP_RCL || op == OP_RCR)
		in = *carry;
	else if (op == OP_SAR)
		in = (a & sign) != 0;
	*carry = out;
	return left ? ((a << 1) | in) & mask : (a >> 1) | (in ? sign : 0);
}

/*
 * SDM vol. 2, SAL/SAR/SHL/SHR and RCL/RCR/ROL/ROR: the count is taken modulo 32, zero
 * changes no flag, rotates touch CF and OF only. OF is defined for a count of 1; it is
 * what the last step would give.
 */
u32 alu_shift(enum op op, u32 a, u32 count, unsigned size, u32 *flags)
{
	u32 sign = alu_sign(size), carry = *flags & FL_CF, before = a;
	bool rotate = op == OP_ROL || op == OP_ROR || op == OP_RCL || op == OP_RCR;

	count &= COUNT_MASK;
	if (count == 0)
		return a;
	for (u32 i = 0; i < count; i++) {
		before = a;
		a = shift_once(op, a, sign, &carry);
	}
	if (rotate)
		*flags &= ~(u32)(FL_CF | FL_OF);
	else
		*flags = (*flags & ~(u32)FL_ARITH) | result_flags(a, size);
	*flags |= flag_if(carry, FL_CF) | flag_if((a ^ before) & sign, FL_OF);
	return a;
}

u32 alu_double_shift(enum op op, u32 a, u32 b, u32 count, unsigned size, u32 *flags)
{
	u32 n = bits(size), last = a;

	count &= COUNT_MASK;
	if (count == 0)
		return a;
	u64 both = op == OP_SHLD ? (u64)a << n | b : (u64)b << n | a;
	if (size ==
	    2) /* a count above 16 is undefined: hardware goes on with a again */
		both = op == OP_SHLD ? both << 16 | a : both | (u64)a << 32;
	u32 width = size == 2 ? 48 : 64;
	u64 moved = op == OP_SHLD ? both << count >> (width - n) : both >> count;
	u64 lost = op == OP_SHLD ? both >> (width - count) : both >> (count - 1);
	u64 almost = op == OP_SHLD ? both << (count - 1) >> (width - n) : lost;
	last = (u32)almost & alu_mask(size);
	a = (u32)moved & alu_mask(size);
	*flags = (*flags & ~(u32)FL_ARITH) | result_flags(a, size) |
		 flag_if(lost & 1, FL_CF) | flag_if((a ^ last) & alu_sign(size), FL_OF);
	return a;
}

u32 alu_bit(enum op op, u32 a, u32 n, u32 *flags)
{
	u32 bit = 1u << (n & 31);

	*flags = (*flags & ~(u32)FL_CF) | flag_if(a & bit, FL_CF);
	switch (op) {
	case OP_BTS:
		return a | bit;
	case OP_BTR:
		return a & ~bit;
	case OP_BTC:
		return a ^ bit;
	default: /* OP_BT */
		return a;
	}
}

bool alu_scan(enum op op, u32 a, u32 *out, u32 *flags)
{
	*flags = (*flags & ~(u32)FL_ZF) | flag_if(a == 0, FL_ZF);
	if (a == 0)
		return false;
	*out = (u32)(op == OP_BSF ? __builtin_ctz(a) : 31 - __builtin_clz(a));
	return true;
}

u32 alu_mul(u32 a, u32 b, unsigned size, u32 *high, u32 *flags)
{
	u64 r = (u64)a * b;

	*high = (u32)(r >> bits(size)) & alu_mask(size);
	*flags &= ~(u32)(FL_CF | FL_OF);
	*flags |= flag_if(*high != 0, FL_CF | FL_OF);
	return (u32)r & alu_mask(size);
}

u32 alu_imul(u32 a, u32 b, unsigned size, u32 *high, u32 *flags)
{
	s64 r = (s64)(s32)alu_sign_extend(a, size) * (s32)alu_sign_extend(b, size);
	u32 low = (u32)r & alu_mask(size);
	bool fits = (s32)alu_sign_extend(low, size) == r;

	*high = (u32)((u64)r >> bits(size)) & alu_mask(size);
	*flags &= ~(u32)(FL_CF | FL_OF);
	*flags |= flag_if(!fits, FL_CF | FL_OF);
	return low;
}

bool alu_div(struct dividend n, u32 d, unsigned size, u32 *quotient, u32 *rest)
{
	u32 r;

	if (d == 0 || n.high >= d) /* the quotient would not fit: SDM vol. 2, DIV */
		return false;
	*quotient = (u32)div_u64((u64)n.high << bits(size) | n.low, d, &r);
	*rest = r;
	return true;
}

/*
 * Divides magnitudes; the quotient rounds to zero and the rest has the dividend's sign.
 */
bool alu_idiv(struct dividend n, u32 d, unsigned size, u32 *quotient, u32 *rest)
{
	bool minus = n.high & alu_sign(size), d_minus = d & alu_sign(size);
	u64 all = size == 4 ? ~0ull : (1ull << 2 * bits(size)) - 1;
	u64 whole = (u64)n.high << bits(size) | n.low;
	u32 mask = alu_mask(size), limit = alu_sign(size), r;

	if (minus)
		whole = (0 - whole) & all;
	if (d_minus)
		d = (0 - d) & mask;
	if (d == 0)
		return false;
	u64 q = div_u64(whole, d, &r);
	if (q > limit || (q == limit && minus == d_minus))
		return false;
	*quotient = (minus != d_minus ? 0 - (u32)q : (u32)q) & mask;
	*rest = (minus ? 0 - r : r) & mask;
	return true;
}

/* SDM vol. 1, appendix B: pairs of a condition and its opposite. */
bool alu_condition(unsigned cond, u32 flags)
{
	bool cf = flags & FL_CF, zf = flags & FL_ZF;
	bool less = !(flags & FL_SF) != !(flags & FL_OF);
	const bool holds[8] = {
		(flags & FL_OF) != 0, cf,   zf,	       cf || zf, (flags & FL_SF) != 0,
		(flags & FL_PF) != 0, less, less || zf};

	return holds[cond >> 1] != (cond & 1);
}
