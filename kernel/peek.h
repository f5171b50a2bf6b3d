/*
 * Guest memory through the guest's own mappings, with the MMU as the judge: what the
 * shadow tables do not allow fails here, and the caller takes the long way
 * (vmm/gmem.h). What is touched must lie wholly below HOST_BASE: the caller checks,
 * these do not.
 */
#ifndef KERNEL_PEEK_H
#define KERNEL_PEEK_H

#include "kernel/cpu.h"

bool peek8(u32 va, u32 *out); /* entry.S */
bool peek_words(u32 va, u32 *to, u32 words);
bool poke_words(u32 va, const u32 *from, u32 words);

/*
 * Between these two, and nowhere else, ring 0 can touch ring 3 pages (SDM vol. 3, 4.6).
 */
static inline void peek_open(void)
{
	if (cpu_features.smap)
		__asm__ volatile("stac" : : : "memory", "cc");
}

static inline void peek_close(void)
{
	if (cpu_features.smap)
		__asm__ volatile("clac" : : : "memory", "cc");
}

/*
 * One word or byte, inline, between peek_open and peek_close: goes to `failed` when the
 * MMU says no. `off` is a constant. For where a call would cost more than the access.
 * PEEK_OR has an output and a label, which gcc knows from version 11 on; the output must
 * be a variable of its own (as a member of a struct it crashes gcc 12).
 */
#define PEEK_OR(va, off, to, failed)                           \
	__asm__ volatile goto("1: movl %c2(%1), %0\n\t"        \
			      ".pushsection .fixup, \"a\"\n\t" \
			      ".long 1b, %l3\n\t"              \
			      ".popsection"                    \
			      : "=r"(to)                       \
			      : "r"(va), "i"(off)              \
			      :                                \
			      : failed)

#define POKE_OR(va, off, value, failed)                        \
	__asm__ volatile goto("1: movl %2, %c1(%0)\n\t"        \
			      ".pushsection .fixup, \"a\"\n\t" \
			      ".long 1b, %l3\n\t"              \
			      ".popsection"                    \
			      :                                \
			      : "r"(va), "i"(off), "r"(value)  \
			      :                                \
			      : failed)

/* Goes to `failed` when the word is not `value`, or cannot be read. */
#define PEEK_IS_OR(va, off, value, failed)                     \
	__asm__ volatile goto("1: cmpl %2, %c1(%0)\n\t"        \
			      "jne %l3\n\t"                    \
			      ".pushsection .fixup, \"a\"\n\t" \
			      ".long 1b, %l3\n\t"              \
			      ".popsection"                    \
			      :                                \
			      : "r"(va), "i"(off), "ri"(value) \
			      : "cc"                           \
			      : failed)

/* Goes to `failed` when the byte is another one, or cannot be read. */
#define PEEK_BYTE_IS_OR(va, byte, failed)                      \
	__asm__ volatile goto("1: cmpb %1, (%0)\n\t"           \
			      "jne %l2\n\t"                    \
			      ".pushsection .fixup, \"a\"\n\t" \
			      ".long 1b, %l2\n\t"              \
			      ".popsection"                    \
			      :                                \
			      : "r"(va), "i"(byte)             \
			      : "cc"                           \
			      : failed)

#endif
