/*
 * Names of addresses: the symbol table of an ELF32 image (System V ABI, "Object
 * Files"). Also used for guests' kernels, so nothing in the image is trusted: whatever
 * does not lie wholly inside it is not read. Pure.
 */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include "kernel/types.h"

struct symbols {
	const u8 *table; /* of 16-byte entries */
	u32 count;
	const char *names; /* ends with NUL */
	u32 names_size;
};

/*
 * Finds the symbol table of an image in memory, which must stay there. False: it has
 * none, or it is no ELF32 file for i386, or is damaged; `s` is then empty and knows no
 * names.
 */
bool symbols_init(struct symbols *s, const void *image, u32 size);

/*
 * The same from section headers that a multiboot loader left (Multiboot 0.6.96, 3.3):
 * `count` headers of `entry_size` bytes. `reach` gives the memory at a machine address,
 * or NULL where `size` bytes from there cannot all be read.
 */
bool symbols_from_loader(struct symbols *s, const void *headers, u32 count,
			 u32 entry_size, const void *(*reach)(u32 address, u32 size));

/*
 * The function or label that an address lies in, and how far; NULL when none is known.
 * The name belongs to the image.
 */
const char *symbol_at(const struct symbols *s, u32 address, u32 *offset);

/* The host's own, for backtraces. Empty until boot fills it. */
extern struct symbols host_symbols;

#endif
