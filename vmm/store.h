/*
 * Plain stores of a word to the page directory in use: what compilers make of `table[i] =
 * entry`, decoded at once and done. Every other form, and every prefix, is the decoder's
 * (decode.h).
 *
 *      89 /r  mov r32,m32      C7 /0  mov imm32,m32      A3  mov eax,moffs32
 */
#ifndef VMM_STORE_H
#define VMM_STORE_H

#include "vmm/vm.h"

enum { STORE_REG = 0x89, STORE_IMM = 0xC7, STORE_EAX = 0xA3 };
enum { STORE_CODE = 8, STORE_WORD = 4, STORE_EAX_LENGTH = 5 };

/* Opcode, ModRM, SIB and displacement, by mod and r/m. 0: no memory, but a register. */
extern const u8 store_to_address[4][8];

/*
 * The same; 0, too, for a SIB without a base, which has another displacement (SDM vol. 2,
 * tables 2-2 and 2-3).
 */
ALWAYS_INLINE u32 store_address_length(u32 lo)
{
	enum {
		MOD_RM = 0xc700,
		SIB_ALONE = 0x0400,
		BASE = 0x070000,
		NO_BASE = 0x050000
	};

	if ((lo & MOD_RM) == SIB_ALONE && (lo & BASE) == NO_BASE)
		return 0;
	return store_to_address[lo >> 14 & 3][lo >> 8 & 7];
}

/*
 * The length of the instruction whose first STORE_CODE bytes are lo and hi, of 32-bit code,
 * and the value that it stores. 0: it is no such store, is longer than that, or stores ESP
 * (what stands for that in the frame is not the guest's). Where it stores is not looked at.
 */
ALWAYS_INLINE u32 store_decode(const struct trapframe *tf, u32 lo, u32 hi, u32 *value)
{
	enum { REG_ESP = 4, REG_LAST = 7 };
	u32 reg = lo >> 11 & 7, at;

	if ((u8)lo == STORE_REG) {
		*value = *(&tf->edi + (REG_LAST - reg)); /* pusha's order */
		return reg == REG_ESP ? 0 : store_address_length(lo);
	}
	if ((u8)lo == STORE_EAX) {
		*value = tf->eax;
		return STORE_EAX_LENGTH;
	}
	at = store_address_length(lo);
	if ((u8)lo != STORE_IMM || reg || !at || at > STORE_CODE - STORE_WORD)
		return 0;
	*value = (u32)(((u64)hi << 32 | lo) >> at * 8);
	return at + STORE_WORD;
}

/*
 * The guest's kernel stores a word at v, a multiple of 4, and faulted although v is mapped. If
 * that is in the directory in use, traced and allowed, it is written there, and what was made
 * from the entry goes. False: nothing was done. Never sleeps.
 */
bool store_to_directory(struct vm *vm, gva_t v, u32 value);

#endif
