/*
 * Reading machine memory from a file, by machine address or through the host's own page
 * tables.
 */
#include "grader/oracle/dump.h"
#include "kernel/paging.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PDE_SHIFT = 22, TABLE_INDEX = 0x3FF, LARGE_MASK = (1 << PDE_SHIFT) - 1 };

/* The size of an open file, or -1. */
static long file_size(FILE *file)
{
	if (fseek(file, 0, SEEK_END) != 0)
		return -1;
	return ftell(file);
}

bool dump_load(struct dump *d, const char *path)
{
	FILE *file = fopen(path, "rb");
	long size;

	memset(d, 0, sizeof *d);
	if (!file)
		return false;
	size = file_size(file);
	if (size < PAGE_SIZE) {
		fclose(file);
		errno = EINVAL;
		return false;
	}
	rewind(file);
	d->bytes = malloc((size_t)size);
	if (d->bytes && fread(d->bytes, 1, (size_t)size, file) == (size_t)size)
		d->size = (u64)size;
	fclose(file);
	return d->size != 0;
}

bool dump_read(const struct dump *d, u64 at, void *to, size_t len)
{
	if (at > d->size || len > d->size - at)
		return false;
	memcpy(to, d->bytes + at, len);
	return true;
}

bool dump_entry(const struct dump *d, u32 table, u32 index, u32 *entry)
{
	return dump_read(d, (u64)(table & ~(u32)PAGE_MASK) + 4 * (u64)index, entry,
			 sizeof *entry);
}

bool dump_translate(const struct dump *d, u32 va, u64 *pa)
{
	u32 pde, pte;

	if (!dump_entry(d, d->host_cr3, va >> PDE_SHIFT, &pde) || !(pde & PTE_P))
		return false;
	if (pde & PTE_PS) {
		*pa = (pde & ~(u32)LARGE_MASK) | (va & LARGE_MASK);
		return true;
	}
	if (!dump_entry(d, pde, va >> PAGE_SHIFT & TABLE_INDEX, &pte) || !(pte & PTE_P))
		return false;
	*pa = (pte & ~(u32)PAGE_MASK) | (va & PAGE_MASK);
	return true;
}

bool dump_read_virtual(const struct dump *d, u32 va, void *to, size_t len)
{
	u8 *out = to;

	while (len) {
		size_t part = PAGE_SIZE - (va & PAGE_MASK);
		u64 pa;

		if (part > len)
			part = len;
		if (!dump_translate(d, va, &pa) || !dump_read(d, pa, out, part))
			return false;
		va += part;
		out += part;
		len -= part;
	}
	return true;
}
