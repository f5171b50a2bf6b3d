/*
 * Loading a guest. The image is a file from a disk: nothing in it is believed.
 */
#include "vmm/load.h"
#include "kernel/elf.h"
#include "kernel/lib.h"
#include "kernel/multiboot.h"
#include "vmm/vm.h"

/* Where the loader leaves its own data: below 640 KiB, where no kernel is loaded. */
enum { INFO_AT = 0x9000, MMAP_AT = 0x9100, CMDLINE_AT = 0x9200, CMDLINE_MAX = 512 };
enum { LOWER_END = 0xA0000, UPPER_START = 0x100000, STACK_TOP = 0x8000 };

/* A piece of guest memory that a segment may go to: plain RAM, not the hole. */
static bool is_ram(const struct vm *vm, u32 at, u32 n)
{
	u32 end = vm->mem_pages << PAGE_SHIFT;

	if (at > end || n > end - at)
		return false;
	return at >= UPPER_START || (at < LOWER_END && n <= LOWER_END - at);
}

/* Where the multiboot header stands in the file; false: nowhere. */
static bool find_header(const u8 *image, u32 size, u32 *header_at)
{
	u32 limit = min_u32(size, MB_SEARCH);

	for (u32 at = 0; at + 12 <= limit; at += 4) {
		u32 w[3];

		memcpy(w, image + at, sizeof w);
		if (w[0] == MB_HEADER_MAGIC && w[0] + w[1] + w[2] == 0) {
			*header_at = at;
			return true;
		}
	}
	return false;
}

static const char *load_segment(struct vm *vm, const u8 *image, u32 size,
				const struct elf_phdr *ph)
{
	if (ph->filesz > ph->memsz || ph->offset > size ||
	    ph->filesz > size - ph->offset)
		return "a segment lies outside the file";
	if (!is_ram(vm, ph->paddr, ph->memsz))
		return "a segment does not fit into the VM's memory";
	/* The rest of memsz is zero already: fresh pages are. */
	gpa_write(vm, gpa(ph->paddr), image + ph->offset, ph->filesz);
	return NULL;
}

/*
 * The entry is a virtual address when it lies in a segment's virtual range, as for
 * GRUB.
 */
static u32 entry_address(const struct elf_phdr *ph, u32 entry)
{
	if (entry >= ph->vaddr && entry - ph->vaddr < ph->memsz)
		return entry - ph->vaddr + ph->paddr;
	return 0;
}

static const char *load_elf(struct vm *vm, const u8 *image, u32 size, u32 *entry)
{
	struct elf_header eh;

	if (size < sizeof eh)
		return "too short for an ELF file";
	memcpy(&eh, image, sizeof eh);
	if (!elf_header_ok(&eh, size))
		return "not a 32-bit x86 ELF executable";
	*entry = eh.entry;
	for (u32 i = 0; i < eh.phnum; i++) {
		struct elf_phdr ph;
		const char *why;

		memcpy(&ph, image + eh.phoff + i * sizeof ph, sizeof ph);
		if (ph.type != ELF_PT_LOAD || ph.memsz == 0)
			continue;
		why = load_segment(vm, image, size, &ph);
		if (why)
			return why;
		if (entry_address(&ph, eh.entry))
			*entry = entry_address(&ph, eh.entry);
	}
	return NULL;
}

/*
 * Addresses from the header itself (Multiboot 0.6.96, 3.1.3): for files that are no ELF,
 * or that ask not to be read as one. An end of 0 is the end of the file, or no bss.
 */
static const char *load_by_header(struct vm *vm, const u8 *image, u32 size,
				  u32 header_at, u32 *entry)
{
	struct mb_header h;
	struct elf_phdr all = {0};

	if (size - header_at < sizeof h)
		return "its multiboot header is cut short";
	memcpy(&h, image + header_at, sizeof h);
	if (h.header_addr < h.load_addr || h.header_addr - h.load_addr > header_at)
		return "its multiboot header is not where it says";
	all.offset = header_at - (h.header_addr - h.load_addr);
	all.paddr = h.load_addr;
	all.filesz = h.load_end_addr ? h.load_end_addr - h.load_addr
				     : size - all.offset;
	all.memsz = h.bss_end_addr ? h.bss_end_addr - h.load_addr : all.filesz;
	*entry = h.entry_addr;
	return load_segment(vm, image, size, &all);
}

/* Cut to what there is room for; it always ends. */
static void put_command_line(struct vm *vm, const char *line)
{
	u32 n = min_u32((u32)strlen(line), CMDLINE_MAX - 1);

	gpa_write(vm, gpa(CMDLINE_AT), line, n);
	gpa_write(vm, gpa(CMDLINE_AT + n), "", 1);
}

static void put_info(struct vm *vm, const char *cmdline)
{
	u32 end = vm->mem_pages << PAGE_SHIFT;
	struct mb_range map[2] = {
		{.size = sizeof map[0] - 4, .length = LOWER_END, .type = MB_RAM},
		{.size = sizeof map[0] - 4,
		 .base = UPPER_START,
		 .length = end - UPPER_START,
		 .type = MB_RAM},
	};
	struct mb_info info = {
		.flags = MBI_MEMORY | MBI_CMDLINE | MBI_MMAP,
		.mem_lower = LOWER_END / KIB,
		.mem_upper = (end - UPPER_START) / KIB,
		.cmdline = CMDLINE_AT,
		.mmap_addr = MMAP_AT,
		.mmap_length = sizeof map,
	};

	gpa_write(vm, gpa(INFO_AT), &info, sizeof info);
	gpa_write(vm, gpa(MMAP_AT), map, sizeof map);
	put_command_line(vm, cmdline);
}

/* Registers as multiboot promises; the segments are flat and in no table yet. */
static void set_registers(struct vm *vm, u32 entry)
{
	memset(vm->tf, 0, sizeof *vm->tf);
	vm->tf->eax = MB_LOADER_MAGIC;
	vm->tf->ebx = INFO_AT;
	vm->tf->eip = entry;
	vm->tf->esp = STACK_TOP;
	vm->tf->cs = SEL_CARRY_CODE;
	vm->tf->ds = vm->tf->es = vm->tf->ss = SEL_CARRY_DATA;
	vm->tf->eflags = FL_ONE | FL_IF;
	vm->cpu = (struct cpu){.mode = VMODE_KERNEL,
			       .cr0 = CR0_PE | CR0_ET,
			       .idtr = {0, 0},
			       .gdtr = {0, 0}};
}

const char *load_guest(struct vm *vm, const void *image, u32 size, const char *cmdline)
{
	const char *why;
	u32 entry, header_at, flags;

	if (!find_header(image, size, &header_at))
		return "no multiboot header";
	memcpy(&flags, (const u8 *)image + header_at + sizeof(u32), sizeof flags);
	why = flags & MB_HEADER_ADDRESSES
		      ? load_by_header(vm, image, size, header_at, &entry)
		      : load_elf(vm, image, size, &entry);
	if (!why && !is_ram(vm, entry, 1))
		why = "its entry lies outside memory";
	if (why)
		return why;
	put_info(vm, cmdline);
	set_registers(vm, entry);
	return NULL;
}
