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

/* Bytes of the file that are linked at an address. False: not all are in one segment. */
bool image_read(const struct image *im, u32 va, void *to, u32 len);

/*
 * The code (any segment that nobody may write) of the page at an address: copied to where
 * it stands in the page. Returns how many bytes, 0 for none; *from: the first.
 */
u32 image_code(const struct image *im, u32 page, u8 to[PAGE_SIZE], u32 *from);

/* From where to where there is code. False: nowhere. */
bool image_code_range(const struct image *im, u32 *first, u32 *end);

#endif
