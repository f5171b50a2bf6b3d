/*
 * What a multiboot 1 loader hands over (Multiboot Specification 0.6.96, 3.3). Used
 * twice: GRUB gives it to us, and we give it to our guests.
 */
#ifndef KERNEL_MULTIBOOT_H
#define KERNEL_MULTIBOOT_H

#include "kernel/types.h"

enum {
	MB_HEADER_MAGIC = 0x1BADB002,
	MB_LOADER_MAGIC = 0x2BADB002,
	MB_SEARCH = 8192, /* the header lies within so many bytes */
};

enum { MB_HEADER_ADDRESSES = 1u << 16 }; /* mb_header.flags: load by the header */

/* What a kernel says of itself; the addresses count only with MB_HEADER_ADDRESSES. */
struct mb_header {
	u32 magic, flags, checksum;
	u32 header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr;
};

/* Bits of mb_info.flags. */
enum {
	MBI_MEMORY = 1u << 0,
	MBI_CMDLINE = 1u << 2,
	MBI_MODULES = 1u << 3,
	MBI_ELF = 1u << 5,
	MBI_MMAP = 1u << 6,
};

struct mb_info {
	u32 flags;
	u32 mem_lower, mem_upper; /* KiB below 1 MiB / above it */
	u32 boot_device;
	u32 cmdline;
	u32 mods_count, mods_addr;
	u32 elf_num, elf_size, elf_addr, elf_shndx;
	u32 mmap_length, mmap_addr;
	u32 rest[9];
};

struct mb_module {
	u32 start, end; /* end: first byte beyond */
	u32 cmdline;
	u32 reserved;
};

enum { MB_RAM = 1 };

struct mb_range {
	u32 size; /* of the rest of this entry */
	u32 base, base_hi, length, length_hi;
	u32 type;
};

#endif
