/*
 * 32-bit ELF files, as far as we read them: program headers of a guest, symbols of
 * anyone (System V ABI, chapter 4; i386 supplement).
 */
#ifndef KERNEL_ELF_H
#define KERNEL_ELF_H

#include "kernel/types.h"

struct elf_header {
	u8 ident[16];
	u16 type, machine;
	u32 version, entry, phoff, shoff, flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_phdr {
	u32 type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

struct elf_shdr {
	u32 name, type, flags, addr, offset, size, link, info, addralign, entsize;
};

enum { ELF_PT_LOAD = 1, ELF_MACHINE_386 = 3, ELF_TYPE_EXEC = 2 };
enum { ELF_IDENT = 0x464c457f, ELF_CLASS_32 = 1, ELF_LITTLE = 1 };

/* A 32-bit x86 executable whose program headers lie within `size` bytes. */
static inline bool elf_header_ok(const struct elf_header *h, u32 size)
{
	u32 ident = (u32)h->ident[0] | (u32)h->ident[1] << 8 | (u32)h->ident[2] << 16 |
		    (u32)h->ident[3] << 24;
	u32 table = h->phnum * (u32)sizeof(struct elf_phdr);

	return ident == ELF_IDENT && h->ident[4] == ELF_CLASS_32 &&
	       h->ident[5] == ELF_LITTLE && h->type == ELF_TYPE_EXEC &&
	       h->machine == ELF_MACHINE_386 &&
	       h->phentsize == sizeof(struct elf_phdr) && h->phoff <= size &&
	       table <= size - h->phoff;
}

#endif
