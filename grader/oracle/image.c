/*
 * Reading an ELF file: headers, load segments and the symbol table, all bounded by the
 * file's size.
 */
#include "grader/oracle/image.h"

#include <string.h>

static bool read_at(const struct image *im, u64 at, void *to, size_t len)
{
	if (at > im->size || len > im->size - at)
		return false;
	memcpy(to, im->bytes + at, len);
	return true;
}

static bool section(const struct image *im, u32 index, Elf32_Shdr *sh)
{
	return index < im->head.e_shnum &&
	       read_at(im, (u64)im->head.e_shoff + (u64)index * sizeof *sh, sh,
		       sizeof *sh);
}

static bool segment(const struct image *im, u32 index, Elf32_Phdr *ph)
{
	return index < im->head.e_phnum &&
	       read_at(im, (u64)im->head.e_phoff + (u64)index * sizeof *ph, ph,
		       sizeof *ph);
}

const char *image_load(struct image *im, const char *path)
{
	struct dump file;

	memset(im, 0, sizeof *im);
	if (!dump_load(&file, path))
		return "cannot be read";
	im->bytes = file.bytes;
	im->size = file.size;
	if (!read_at(im, 0, &im->head, sizeof im->head) ||
	    memcmp(im->head.e_ident, ELFMAG, SELFMAG) != 0 ||
	    im->head.e_ident[EI_CLASS] != ELFCLASS32 || im->head.e_machine != EM_386)
		return "is not a 32-bit x86 ELF file";
	return NULL;
}

/* Whether the string at an offset of a string table is this one. */
static bool named(const struct image *im, const Elf32_Shdr *strings, u32 offset,
		  const char *name)
{
	size_t len = strlen(name) + 1;
	u64 at = (u64)strings->sh_offset + offset;

	return at <= im->size && len <= im->size - at &&
	       memcmp(im->bytes + at, name, len) == 0;
}

bool image_symbol(const struct image *im, const char *name, u32 *va)
{
	Elf32_Shdr table, strings;
	Elf32_Sym sym;

	for (u32 i = 0; section(im, i, &table); i++) {
		if (table.sh_type != SHT_SYMTAB ||
		    !section(im, table.sh_link, &strings))
			continue;
		for (u32 at = 0; at < table.sh_size; at += sizeof sym) {
			if (!read_at(im, (u64)table.sh_offset + at, &sym, sizeof sym))
				return false;
			if (named(im, &strings, sym.st_name, name)) {
				*va = sym.st_value;
				return true;
			}
		}
	}
	return false;
}

bool image_physical(const struct image *im, u32 va, u32 *pa)
{
	Elf32_Phdr ph;

	for (u32 i = 0; segment(im, i, &ph); i++) {
		if (ph.p_type != PT_LOAD || va < ph.p_vaddr ||
		    va - ph.p_vaddr >= ph.p_memsz)
			continue;
		*pa = va - ph.p_vaddr + ph.p_paddr;
		return true;
	}
	return false;
}

/* One segment against the dump. */
static bool segment_same(const struct image *im, const struct dump *d,
			 const Elf32_Phdr *ph, u32 *at)
{
	for (u32 i = 0; i < ph->p_filesz; i++) {
		u8 want, got;

		*at = ph->p_vaddr + i;
		if (!read_at(im, (u64)ph->p_offset + i, &want, 1) ||
		    !dump_read(d, (u64)ph->p_paddr + i, &got, 1) || want != got)
			return false;
	}
	return true;
}

bool image_same(const struct image *im, const struct dump *d, u32 *at)
{
	Elf32_Phdr ph;

	for (u32 i = 0; segment(im, i, &ph); i++) {
		if (ph.p_type != PT_LOAD || ph.p_flags & PF_W)
			continue;
		if (!segment_same(im, d, &ph, at))
			return false;
	}
	return true;
}

bool image_read(const struct image *im, u32 va, void *to, u32 len)
{
	Elf32_Phdr ph;

	for (u32 i = 0; segment(im, i, &ph); i++)
		if (ph.p_type == PT_LOAD && va >= ph.p_vaddr &&
		    va - ph.p_vaddr < ph.p_filesz &&
		    len <= ph.p_filesz - (va - ph.p_vaddr))
			return read_at(im, (u64)ph.p_offset + (va - ph.p_vaddr), to,
				       len);
	return false;
}

static bool is_code(const Elf32_Phdr *ph)
{
	return ph->p_type == PT_LOAD && !(ph->p_flags & PF_W) && ph->p_filesz;
}

u32 image_code(const struct image *im, u32 page, u8 to[PAGE_SIZE], u32 *from)
{
	Elf32_Phdr ph;

	for (u32 i = 0; segment(im, i, &ph); i++) {
		u32 start = ph.p_vaddr > page ? ph.p_vaddr : page;
		u64 end = (u64)ph.p_vaddr + ph.p_filesz;

		if (end > (u64)page + PAGE_SIZE)
			end = (u64)page + PAGE_SIZE;
		if (!is_code(&ph) || start >= end)
			continue;
		*from = start - page;
		return read_at(im, (u64)ph.p_offset + (start - ph.p_vaddr), to + *from,
			       end - start)
			       ? (u32)(end - start)
			       : 0;
	}
	return 0;
}

bool image_code_range(const struct image *im, u32 *first, u32 *end)
{
	Elf32_Phdr ph;

	*first = ~0u;
	*end = 0;
	for (u32 i = 0; segment(im, i, &ph); i++) {
		if (!is_code(&ph))
			continue;
		if (ph.p_vaddr < *first)
			*first = ph.p_vaddr;
		if (ph.p_vaddr + ph.p_filesz > *end)
			*end = ph.p_vaddr + ph.p_filesz;
	}
	return *end > *first;
}
