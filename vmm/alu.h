/*
 * Arithmetic as the CPU does it, on values of 1, 2 or 4 bytes, with EFLAGS. Pure.
 * `flags` is the whole of EFLAGS: in with the old ones, out with those changed that the
 * operation defines (SDM vol. 1, appendix A); what it leaves undefined stays as it was,
 * or follows the simplest hardware. Values come and go zero-extended.
 */
#ifndef VMM_ALU_H
#define VMM_ALU_H

#include "vmm/insn.h"

/* All ones for a size; its sign bit. */
u32 alu_mask(unsigned size);
u32 alu_sign(unsigned size);
u32 alu_sign_extend(u32 value, unsigned size); /* to 32 bits */

/*
 * OP_ADD .. OP_CMP and OP_TEST: what the destination becomes (cmp, test: is left at).
 */
u32 alu_binary(enum op op, u32 a, u32 b, unsigned size, u32 *flags);

/* OP_INC, OP_DEC, OP_NOT, OP_NEG. */
u32 alu_unary(enum op op, u32 a, unsigned size, u32 *flags);

/* OP_ROL .. OP_SAR; count as the instruction has it, before masking. */
u32 alu_shift(enum op op, u32 a, u32 count, unsigned size, u32 *flags);

/* OP_SHLD, OP_SHRD: shifts `a`, bits of `b` come in. */
u32 alu_double_shift(enum op op, u32 a, u32 b, u32 count, unsigned size, u32 *flags);

/* OP_BT, OP_BTS, OP_BTR, OP_BTC on bit `n` of a. */
u32 alu_bit(enum op op, u32 a, u32 n, u32 *flags);

/* OP_BSF, OP_BSR: the number of the bit; false, and ZF set, when there is none. */
bool alu_scan(enum op op, u32 a, u32 *out, u32 *flags);

/* The product of two values, double width: low in the result, high in *high. */
u32 alu_mul(u32 a, u32 b, unsigned size, u32 *high, u32 *flags);
u32 alu_imul(u32 a, u32 b, unsigned size, u32 *high, u32 *flags);

/*
 * high:low / d. False where the CPU raises #DE; then *quotient and *rest are untouched.
 */
struct dividend {
	u32 high, low;
};
bool alu_div(struct dividend n, u32 d, unsigned size, u32 *quotient, u32 *rest);
bool alu_idiv(struct dividend n, u32 d, unsigned size, u32 *quotient, u32 *rest);

/*
 * Does the condition of a jcc, setcc or cmovcc hold? cond: low four bits of the opcode.
 */
bool alu_condition(unsigned cond, u32 flags);

#endif
