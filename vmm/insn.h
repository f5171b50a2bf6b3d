/*
 * One x86 instruction as the decoder understands it: what it does, to which operands,
 * and how long it is. The decoder fills it in, the emulator reads it; nobody keeps it.
 *
 * An illegal form that the CPU would answer with #UD (LOCK where it may not stand, a
 * register where only memory may) decodes as OP_UD.
 */
#ifndef VMM_INSN_H
#define VMM_INSN_H

#include "kernel/types.h"

/* clang-format off */
/*
 * Numbers of the general registers, SDM vol. 2, table 2-2. As bytes 4..7 are AH CH DH
 * BH.
 */
enum gpr { GPR_EAX, GPR_ECX, GPR_EDX, GPR_EBX, GPR_ESP, GPR_EBP, GPR_ESI, GPR_EDI, GPR_NONE };

/* Operations. ADD.. and ROL.. stand in the order of their ModRM.reg field. */
enum op {
	OP_UNKNOWN, /* an empty row of a table; no decoded instruction has it */
	OP_ADD, OP_OR, OP_ADC, OP_SBB, OP_AND, OP_SUB, OP_XOR, OP_CMP,
	OP_ROL, OP_ROR, OP_RCL, OP_RCR, OP_SHL, OP_SHR, OP_SAL, OP_SAR,

	/* data */
	OP_TEST, OP_NOT, OP_NEG, OP_MUL, OP_IMUL, OP_DIV, OP_IDIV, OP_IMUL_REG, OP_INC, OP_DEC,
	OP_MOV, OP_MOVZX, OP_MOVSX, OP_LEA, OP_XCHG, OP_XADD, OP_CMPXCHG, OP_CMPXCHG8B,
	OP_BSWAP, OP_BT, OP_BTS, OP_BTR, OP_BTC, OP_BSF, OP_BSR, OP_SHLD, OP_SHRD,
	OP_SETCC, OP_CMOVCC, OP_CWDE, OP_CDQ, OP_SAHF, OP_LAHF, OP_CLC, OP_STC, OP_CMC,
	OP_CLD, OP_STD, OP_XLAT, OP_NOP,

	/* strings */
	OP_MOVS, OP_CMPS, OP_STOS, OP_LODS, OP_SCAS, OP_INS, OP_OUTS,

	/* stack and flow */
	OP_PUSH, OP_POP, OP_PUSHA, OP_POPA, OP_PUSHF, OP_POPF, OP_ENTER, OP_LEAVE,
	OP_JCC, OP_JMP, OP_CALL, OP_RET, OP_LOOPNE, OP_LOOPE, OP_LOOP, OP_JCXZ,
	OP_JMP_FAR, OP_CALL_FAR, OP_RET_FAR, OP_IRET, OP_INT, OP_INT3, OP_INTO, OP_UD,

	/* segments */
	OP_MOV_SREG, OP_PUSH_SREG, OP_POP_SREG, OP_LOAD_FAR,
	OP_LAR, OP_LSL, OP_VERR, OP_VERW,

	/* the machine */
	OP_HLT, OP_CLI, OP_STI, OP_IN, OP_OUT, OP_MOV_CR, OP_MOV_DR,
	OP_LGDT, OP_LIDT, OP_SGDT, OP_SIDT, OP_LLDT, OP_SLDT, OP_LTR, OP_STR, OP_LMSW, OP_SMSW,
	OP_CLTS, OP_INVLPG, OP_INVD, OP_WBINVD, OP_RDMSR, OP_WRMSR, OP_RDTSC, OP_RDPMC,
	OP_CPUID,

	OP_COUNT,
};

/* clang-format on */
enum operand_kind {
	OPD_NONE,
	OPD_REG,  /* general register `reg`, `size` bytes of it */
	OPD_MEM,  /* `size` bytes at insn.mem */
	OPD_IMM,  /* insn.imm; of a near jump: the displacement */
	OPD_SREG, /* segment register `reg` (enum sreg) */
	OPD_CR,	  /* control register `reg` */
	OPD_DR,	  /* debug register `reg` */
	OPD_FAR,  /* insn.selector : insn.imm */
};

struct operand {
	u8 kind; /* enum operand_kind */
	u8 size; /* bytes */
	u8 reg;
};

/* A memory operand: seg:[base + (index << shift) + disp], modulo the address size. */
struct mem {
	u8 seg;		/* enum sreg, the default or the override */
	u8 base, index; /* GPR_NONE when absent */
	u8 shift;
	u32 disp;
};

enum rep { REP_NONE, REP_E /* F3 */, REP_NE /* F2 */ };

enum { INSN_OPERANDS = 3 };

struct insn {
	enum op op;
	u8 length;   /* bytes, 1..15 */
	u8 opcode;   /* last byte of it */
	u8 opsize;   /* 2 or 4 */
	u8 addrsize; /* 2 or 4 */
	u8 width;    /* bytes that the operation works on: 1, 2 or 4 */
	u8 cond;     /* of jcc, setcc, cmovcc: SDM vol. 1, appendix B */
	u8 rep;	     /* enum rep; means something for strings alone */
	bool lock;
	struct operand opd[INSN_OPERANDS]; /* destination first */
	struct mem mem; /* moffs, ModRM; of strings: the segment of ESI */
	u32 imm;	/* sign- or zero-extended as the instruction does it */
	u16 selector;	/* of a far pointer; of enter: the nesting level */
};

#endif
