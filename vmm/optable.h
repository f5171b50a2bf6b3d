/*
 * The shape of the opcode tables: what one row says. Letters for operands are those of
 * the opcode maps in SDM vol. 2, appendix A.2.1. Only the decoder includes this.
 */
#ifndef VMM_OPTABLE_H
#define VMM_OPTABLE_H

#include "vmm/insn.h"

/* clang-format off */
/* Where an operand is found. */
enum where {
	NONE,
	E,  /* ModRM.rm: register or memory */
	EB, /* the same, always a byte */
	EW, /* the same, always 16 bits */
	/*
	 * 16 bits in memory, the operand size in a register (sldt, mov from a segment)
	 */
	EX,
	M, /* ModRM.rm, memory only: the register form is #UD */
	R, /* ModRM.rm, a register whatever ModRM.mod says (mov cr) */
	G, /* ModRM.reg: general register */
	S, /* ModRM.reg: segment register */
	C, /* ModRM.reg: control register */
	D, /* ModRM.reg: debug register */
	Z, /* low three bits of the opcode: general register */
	A, /* the accumulator */
	CL,
	DX,
	ONE, /* the constant 1 */
	I,   /* immediate as wide as the operation */
	IB,  /* immediate byte, zero-extended */
	IS,  /* immediate byte, sign-extended */
	IW,  /* immediate 16 bits */
	J,   /* displacement of a jump, operand size */
	JB,  /* displacement of a jump, a byte, sign-extended */
	O,   /* memory at an absolute offset, address size */
	P,   /* far pointer in the instruction */
	RES, RCS, RSS, RDS, RFS, RGS, /* a segment register named by the opcode */
};

/* Width of the operation: a number of bytes, or that of the operand size. */
enum width { WN, WB = 1, WW = 2, WD = 4, WV = 8 };

enum row_flags {
	ROW_LOCK = 1,  /* may carry LOCK when its first operand is memory */
	ROW_GROUP = 2, /* `op` is an enum group: ModRM.reg goes on */
	/* the register form is another instruction (VEX, vmcall): unknown */
	ROW_OTHER = 4,
	ROW_NOREP = 8, /* with F2 or F3 it is another instruction (tzcnt): unknown */
};

/* clang-format on */
struct row {
	u8 op; /* enum op or enum group */
	u8 width;
	u8 flags;
	u8 where[INSN_OPERANDS];
};

/* clang-format off */
enum group {
	GROUP_NONE, GROUP_ALU, GROUP_POP, GROUP_SHIFT, GROUP_MOV, GROUP_UNARY, GROUP_INC_BYTE,
	GROUP_INC, GROUP_SELECTORS, GROUP_TABLES, GROUP_BITS, GROUP_CMPXCHG8B, GROUP_COUNT,
};
/* clang-format on */

/* One row a byte; an empty one has op OP_UNKNOWN. */
extern const struct row optable_one[256]; /* opcodes of one byte */
extern const struct row optable_two[256]; /* opcodes 0F xx */

/* By ModRM.reg. A row without operands takes those of the row that led here. */
extern const struct row optable_group[GROUP_COUNT][8];

#endif
