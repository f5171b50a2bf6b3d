/*
 * The opcode tables: SDM vol. 2, appendix A, as far as this VMM wants to know it. A row
 * reads like the manual: operation, width, operands. What is missing is either never
 * trapped and never writes memory, or so rare in kernels that the caller of the decoder
 * deals with it (x87 and vector instructions above all).
 */
#include "vmm/optable.h"

/* clang-format off */

#define ROW(operation, w, ...) \
	{.op = OP_##operation, .width = (w), .where = {__VA_ARGS__}}
#define FLAGGED(f, operation, w, ...) \
	{.op = OP_##operation, .width = (w), .flags = (f), .where = {__VA_ARGS__}}
#define GROUP(name, w, ...) \
	{.op = GROUP_##name, .width = (w), .flags = ROW_GROUP, .where = {__VA_ARGS__}}
#define LOCKED(...) FLAGGED(ROW_LOCK, __VA_ARGS__)

/* The six forms that all eight of ADD..CMP have; `f` is ROW_LOCK but for CMP. */
#define ALU(at, f, operation)                           \
	[(at) + 0] = FLAGGED(f, operation, WB, E, G),   \
	[(at) + 1] = FLAGGED(f, operation, WV, E, G),   \
	[(at) + 2] = ROW(operation, WB, G, E),          \
	[(at) + 3] = ROW(operation, WV, G, E),          \
	[(at) + 4] = ROW(operation, WB, A, I),          \
	[(at) + 5] = ROW(operation, WV, A, I)

/* The byte form at an even opcode and the wide form after it. */
#define PAIR(at, operation, ...)                        \
	[(at) + 0] = ROW(operation, WB, __VA_ARGS__),   \
	[(at) + 1] = ROW(operation, WV, __VA_ARGS__)
#define LOCKED_PAIR(at, operation, ...)                 \
	[(at) + 0] = LOCKED(operation, WB, __VA_ARGS__), \
	[(at) + 1] = LOCKED(operation, WV, __VA_ARGS__)
#define GROUP_PAIR(at, name, ...)                       \
	[(at) + 0] = GROUP(name, WB, __VA_ARGS__),      \
	[(at) + 1] = GROUP(name, WV, __VA_ARGS__)

const struct row optable_one[256] = {
	ALU(0x00, ROW_LOCK, ADD),
	[0x06] = ROW(PUSH_SREG, WV, RES),
	[0x07] = ROW(POP_SREG, WV, RES),
	ALU(0x08, ROW_LOCK, OR),
	[0x0E] = ROW(PUSH_SREG, WV, RCS),
	ALU(0x10, ROW_LOCK, ADC),
	[0x16] = ROW(PUSH_SREG, WV, RSS),
	[0x17] = ROW(POP_SREG, WV, RSS),
	ALU(0x18, ROW_LOCK, SBB),
	[0x1E] = ROW(PUSH_SREG, WV, RDS),
	[0x1F] = ROW(POP_SREG, WV, RDS),
	ALU(0x20, ROW_LOCK, AND),
	ALU(0x28, ROW_LOCK, SUB),
	ALU(0x30, ROW_LOCK, XOR),
	ALU(0x38, 0, CMP),
	[0x40 ... 0x47] = ROW(INC, WV, Z),
	[0x48 ... 0x4F] = ROW(DEC, WV, Z),
	[0x50 ... 0x57] = ROW(PUSH, WV, Z),
	[0x58 ... 0x5F] = ROW(POP, WV, Z),
	[0x60] = ROW(PUSHA, WV),
	[0x61] = ROW(POPA, WV),
	[0x68] = ROW(PUSH, WV, I),
	[0x69] = ROW(IMUL_REG, WV, G, E, I),
	[0x6A] = ROW(PUSH, WV, IS),
	[0x6B] = ROW(IMUL_REG, WV, G, E, IS),
	PAIR(0x6C, INS),
	PAIR(0x6E, OUTS),
	[0x70 ... 0x7F] = ROW(JCC, WV, JB),
	[0x80] = GROUP(ALU, WB, E, I),
	[0x81] = GROUP(ALU, WV, E, I),
	[0x82] = GROUP(ALU, WB, E, I),
	[0x83] = GROUP(ALU, WV, E, IS),
	PAIR(0x84, TEST, E, G),
	LOCKED_PAIR(0x86, XCHG, E, G),
	PAIR(0x88, MOV, E, G),
	PAIR(0x8A, MOV, G, E),
	[0x8C] = ROW(MOV_SREG, WV, EX, S),
	[0x8D] = ROW(LEA, WV, G, M),
	[0x8E] = ROW(MOV_SREG, WV, S, EW),
	[0x8F] = GROUP(POP, WV, E),
	[0x90] = ROW(NOP, WV),
	[0x91 ... 0x97] = ROW(XCHG, WV, Z, A),
	[0x98] = ROW(CWDE, WV),
	[0x99] = ROW(CDQ, WV),
	[0x9A] = ROW(CALL_FAR, WV, P),
	[0x9C] = ROW(PUSHF, WV),
	[0x9D] = ROW(POPF, WV),
	[0x9E] = ROW(SAHF, WB),
	[0x9F] = ROW(LAHF, WB),
	PAIR(0xA0, MOV, A, O),
	PAIR(0xA2, MOV, O, A),
	PAIR(0xA4, MOVS),
	PAIR(0xA6, CMPS),
	PAIR(0xA8, TEST, A, I),
	PAIR(0xAA, STOS),
	PAIR(0xAC, LODS),
	PAIR(0xAE, SCAS),
	[0xB0 ... 0xB7] = ROW(MOV, WB, Z, I),
	[0xB8 ... 0xBF] = ROW(MOV, WV, Z, I),
	GROUP_PAIR(0xC0, SHIFT, E, IB),
	[0xC2] = ROW(RET, WV, IW),
	[0xC3] = ROW(RET, WV),
	[0xC4] = FLAGGED(ROW_OTHER, LOAD_FAR, WV, G, M, RES),
	[0xC5] = FLAGGED(ROW_OTHER, LOAD_FAR, WV, G, M, RDS),
	GROUP_PAIR(0xC6, MOV, E, I),
	[0xC8] = ROW(ENTER, WV, IW),
	[0xC9] = ROW(LEAVE, WV),
	[0xCA] = ROW(RET_FAR, WV, IW),
	[0xCB] = ROW(RET_FAR, WV),
	[0xCC] = ROW(INT3, WV),
	[0xCD] = ROW(INT, WV, IB),
	[0xCE] = ROW(INTO, WV),
	[0xCF] = ROW(IRET, WV),
	GROUP_PAIR(0xD0, SHIFT, E, ONE),
	GROUP_PAIR(0xD2, SHIFT, E, CL),
	[0xD7] = ROW(XLAT, WB),
	[0xE0] = ROW(LOOPNE, WV, JB),
	[0xE1] = ROW(LOOPE, WV, JB),
	[0xE2] = ROW(LOOP, WV, JB),
	[0xE3] = ROW(JCXZ, WV, JB),
	PAIR(0xE4, IN, A, IB),
	PAIR(0xE6, OUT, IB, A),
	[0xE8] = ROW(CALL, WV, J),
	[0xE9] = ROW(JMP, WV, J),
	[0xEA] = ROW(JMP_FAR, WV, P),
	[0xEB] = ROW(JMP, WV, JB),
	PAIR(0xEC, IN, A, DX),
	PAIR(0xEE, OUT, DX, A),
	[0xF4] = ROW(HLT, WN),
	[0xF5] = ROW(CMC, WN),
	GROUP_PAIR(0xF6, UNARY, E),
	[0xF8] = ROW(CLC, WN),
	[0xF9] = ROW(STC, WN),
	[0xFA] = ROW(CLI, WN),
	[0xFB] = ROW(STI, WN),
	[0xFC] = ROW(CLD, WN),
	[0xFD] = ROW(STD, WN),
	[0xFE] = GROUP(INC_BYTE, WB, E),
	[0xFF] = GROUP(INC, WV, E),
};

const struct row optable_two[256] = {
	[0x00] = GROUP(SELECTORS, WV),
	[0x01] = GROUP(TABLES, WV),
	[0x02] = ROW(LAR, WV, G, EW),
	[0x03] = ROW(LSL, WV, G, EW),
	[0x06] = ROW(CLTS, WN),
	[0x08] = ROW(INVD, WN),
	[0x09] = ROW(WBINVD, WN),
	[0x0B] = ROW(UD, WN),
	[0x0D] = ROW(NOP, WV, E),
	[0x18 ... 0x1F] = ROW(NOP, WV, E),
	[0x20] = ROW(MOV_CR, WD, R, C),
	[0x21] = ROW(MOV_DR, WD, R, D),
	[0x22] = ROW(MOV_CR, WD, C, R),
	[0x23] = ROW(MOV_DR, WD, D, R),
	[0x30] = ROW(WRMSR, WN),
	[0x31] = ROW(RDTSC, WN),
	[0x32] = ROW(RDMSR, WN),
	[0x33] = ROW(RDPMC, WN),
	[0x40 ... 0x4F] = ROW(CMOVCC, WV, G, E),
	[0x80 ... 0x8F] = ROW(JCC, WV, J),
	[0x90 ... 0x9F] = ROW(SETCC, WB, E),
	[0xA0] = ROW(PUSH_SREG, WV, RFS),
	[0xA1] = ROW(POP_SREG, WV, RFS),
	[0xA2] = ROW(CPUID, WN),
	[0xA3] = ROW(BT, WV, E, G),
	[0xA4] = ROW(SHLD, WV, E, G, IB),
	[0xA5] = ROW(SHLD, WV, E, G, CL),
	[0xA8] = ROW(PUSH_SREG, WV, RGS),
	[0xA9] = ROW(POP_SREG, WV, RGS),
	[0xAB] = LOCKED(BTS, WV, E, G),
	[0xAC] = ROW(SHRD, WV, E, G, IB),
	[0xAD] = ROW(SHRD, WV, E, G, CL),
	[0xAF] = ROW(IMUL_REG, WV, G, E),
	LOCKED_PAIR(0xB0, CMPXCHG, E, G),
	[0xB2] = ROW(LOAD_FAR, WV, G, M, RSS),
	[0xB3] = LOCKED(BTR, WV, E, G),
	[0xB4] = ROW(LOAD_FAR, WV, G, M, RFS),
	[0xB5] = ROW(LOAD_FAR, WV, G, M, RGS),
	[0xB6] = ROW(MOVZX, WV, G, EB),
	[0xB7] = ROW(MOVZX, WV, G, EW),
	[0xB9] = ROW(UD, WV, E),
	[0xBA] = GROUP(BITS, WV, E, IB),
	[0xBB] = LOCKED(BTC, WV, E, G),
	[0xBC] = FLAGGED(ROW_NOREP, BSF, WV, G, E),
	[0xBD] = FLAGGED(ROW_NOREP, BSR, WV, G, E),
	[0xBE] = ROW(MOVSX, WV, G, EB),
	[0xBF] = ROW(MOVSX, WV, G, EW),
	LOCKED_PAIR(0xC0, XADD, E, G),
	[0xC3] = FLAGGED(ROW_NOREP, MOV, WD, M, G),
	[0xC7] = GROUP(CMPXCHG8B, WV),
	[0xC8 ... 0xCF] = ROW(BSWAP, WV, Z),
	[0xFF] = ROW(UD, WV, E),
};

const struct row optable_group[GROUP_COUNT][8] = {
	[GROUP_ALU] = {
		LOCKED(ADD, WN), LOCKED(OR, WN), LOCKED(ADC, WN), LOCKED(SBB, WN),
		LOCKED(AND, WN), LOCKED(SUB, WN), LOCKED(XOR, WN), ROW(CMP, WN),
	},
	[GROUP_POP] = {[0] = ROW(POP, WN)},
	[GROUP_SHIFT] = {
		ROW(ROL, WN), ROW(ROR, WN), ROW(RCL, WN), ROW(RCR, WN),
		ROW(SHL, WN), ROW(SHR, WN), ROW(SAL, WN), ROW(SAR, WN),
	},
	[GROUP_MOV] = {[0] = ROW(MOV, WN)},
	[GROUP_UNARY] = {
		ROW(TEST, WN, E, I), ROW(TEST, WN, E, I), LOCKED(NOT, WN), LOCKED(NEG, WN),
		ROW(MUL, WN), ROW(IMUL, WN), ROW(DIV, WN), ROW(IDIV, WN),
	},
	[GROUP_INC_BYTE] = {LOCKED(INC, WN), LOCKED(DEC, WN)},
	[GROUP_INC] = {
		LOCKED(INC, WN), LOCKED(DEC, WN), ROW(CALL, WN), ROW(CALL_FAR, WN, M),
		ROW(JMP, WN), ROW(JMP_FAR, WN, M), ROW(PUSH, WN),
	},
	[GROUP_SELECTORS] = {
		ROW(SLDT, WN, EX), ROW(STR, WN, EX), ROW(LLDT, WN, EW), ROW(LTR, WN, EW),
		ROW(VERR, WN, EW), ROW(VERW, WN, EW),
	},
	[GROUP_TABLES] = {
		[0] = FLAGGED(ROW_OTHER, SGDT, WN, M),
		[1] = FLAGGED(ROW_OTHER, SIDT, WN, M),
		[2] = FLAGGED(ROW_OTHER, LGDT, WN, M),
		[3] = FLAGGED(ROW_OTHER, LIDT, WN, M),
		[4] = ROW(SMSW, WN, EX),
		[6] = ROW(LMSW, WN, EW),
		[7] = FLAGGED(ROW_OTHER, INVLPG, WN, M),
	},
	[GROUP_BITS] = {
		[4] = ROW(BT, WN), [5] = LOCKED(BTS, WN), [6] = LOCKED(BTR, WN),
		[7] = LOCKED(BTC, WN),
	},
	[GROUP_CMPXCHG8B] = {[1] = LOCKED(CMPXCHG8B, WN, M)},
};
