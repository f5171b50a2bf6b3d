/*
 * The pristine kernel: the ELF file that was built, not what runs. It says where the
 * checkpoint record lies and what the code must look like.
 */
#ifndef GRADER_ORACLE_IMAGE_H
#define GRADER_ORACLE_IMAGE_H

#include "grader/oracle/dump.h"

#include <elf.h>

struct image {
	u8 *bytes;
	u64 size;
	Elf32_Ehdr head;
};

/* Reads a kernel file. NULL when it is good, else what is wrong with it. */
const char *image_load(struct image *im, const char *path);

/* The linked address of a symbol. False when there is none. */
bool image_symbol(const struct image *im, const char *name, u32 *va);

/* A linked address becomes a machine address through its load segment. */
bool image_physical(const struct image *im, u32 va, u32 *pa);

/*
 * Compares the segments that nobody may write (code, constants) with the dump. True when
 * they are equal; else *at is the linked address of the first byte that differs.
 */
bool image_same(const struct image *im, const struct dump *d, u32 *at);

#endif
