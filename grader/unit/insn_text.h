/*
 * A decoded instruction as one line of text, so that the tests' table can say in a word
 * what a row of bytes must come out as:
 *
 *     lock add.4 d[ss:ebp+ecx*4+0x10] ebx
 *
 * The number is the width of the operation; b, w, d the size of a memory operand; names of
 * address registers tell the address size. Strings carry `a16` when it is 16 bits.
 */
#ifndef UNIT_INSN_TEXT_H
#define UNIT_INSN_TEXT_H

#include "vmm/insn.h"

void insn_text(const struct insn *in, char *buf, size_t size);

/* Reads "0f b6 08" into at most BYTES_MAX bytes; their number. */
enum { BYTES_MAX = 32 };
u32 insn_bytes(const char *text, u8 *out);

#endif
