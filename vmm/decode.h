/*
 * The instruction decoder: a table from opcode to what it is. It knows 32-bit code with
 * 16-bit prefixes, every instruction that can trap on this VMM, and the common ones
 * that write memory (for traced pages and device pages). Pure: bytes in, struct out.
 */
#ifndef VMM_DECODE_H
#define VMM_DECODE_H

#include "kernel/types.h"

enum { INSN_MAX = 15 };

#include "vmm/insn.h"

enum decoded {
	DECODE_OK,
	DECODE_SHORT,	/* the instruction goes on beyond `avail` */
	DECODE_UNKNOWN, /* valid or not, we do not know it */
};

/*
 * Decodes one instruction of 32-bit code at `bytes`, of which `avail` (at most
 * INSN_MAX) can be read. Longer than 15 bytes is DECODE_UNKNOWN.
 */
enum decoded decode(const u8 *bytes, u32 avail, struct insn *out);

/*
 * The same, sooner for what was decoded lately: for the exits' path. Keeps state, so
 * not pure.
 */
enum decoded decode_recall(const u8 *bytes, u32 avail, struct insn *out);

#endif
