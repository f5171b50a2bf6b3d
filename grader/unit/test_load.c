/*
 * The virtual boot loader on images that mean harm. A refused image leaves the VM without
 * anything beyond its memory touched; ASan guards the ends of the image.
 */
#include "grader/unit/core_model.h"
#include "kernel/elf.h"
#include "kernel/multiboot.h"
#include "vmm/load.h"
#include <stdlib.h>

enum { BASE = 0x100000, MEMORY = CORE_PAGES * PAGE_SIZE };
enum { PHDRS = 2, HEADER_AT = 0x80, TEXT_AT = 0x100, TEXT_SIZE = 64, SIZE = 0x200 };

/* A good image; tests spoil it. */
static struct image {
	struct elf_header eh;
	struct elf_phdr ph[PHDRS];
	u8 rest[SIZE];
} image;
static u32 image_size;

static u8 *byte_at(u32 offset)
{
	return (u8 *)&image + offset;
}

static void put_header(u32 at)
{
	u32 w[3] = {MB_HEADER_MAGIC, 3, 0u - MB_HEADER_MAGIC - 3};

	memcpy(byte_at(at), w, sizeof(w));
}

static void setup(void)
{
	core_init();
	memset(&image, 0, sizeof(image));
	image.eh = (struct elf_header){
		.ident = {0x7f, 'E', 'L', 'F', ELF_CLASS_32, ELF_LITTLE},
		.type = ELF_TYPE_EXEC,
		.machine = ELF_MACHINE_386,
		.entry = BASE + 4,
		.phoff = offsetof(struct image, ph),
		.phentsize = sizeof(struct elf_phdr),
		.phnum = PHDRS,
	};
	image.ph[0] = (struct elf_phdr){.type = ELF_PT_LOAD,
					.offset = TEXT_AT,
					.vaddr = BASE,
					.paddr = BASE,
					.filesz = TEXT_SIZE,
					.memsz = TEXT_SIZE + 100};
	for (u32 i = 0; i < TEXT_SIZE; i++)
		*byte_at(TEXT_AT + i) = (u8)(i + 1);
	put_header(HEADER_AT);
	image_size = SIZE;
}

TestSuite(load, .init = setup, .fini = core_done, .timeout = 20);

/* From a block of exactly its size. */
static const char *load(void)
{
	u8 *copy = malloc(image_size ? image_size : 1);
	const char *why;

	memcpy(copy, &image, image_size);
	why = load_guest(vm, copy, image_size, "a=1 b");
	free(copy);
	return why;
}

static void refused(const char *text)
{
	const char *why = load();

	cr_assert_not_null(why, "it was loaded, not refused: %s", text);
	cr_assert(strstr(why, text), "%s", why);
}

static void accepted(void)
{
	const char *why = load();

	cr_assert_null(why, "%s", why);
}

/* --- a good one ------------------------------------------------------------------------------ */

Test(load, the_image_and_its_zeroes)
{
	accepted();
	for (u32 i = 0; i < TEXT_SIZE; i++)
		cr_assert_eq(peek_byte(BASE + i), i + 1);
	for (u32 i = TEXT_SIZE; i < PAGE_SIZE; i++)
		cr_assert_eq(peek_byte(BASE + i), 0);
}

/* Multiboot 0.6.96, 3.2: the state of the machine. */
Test(load, registers_as_multiboot_promises)
{
	accepted();
	cr_assert_eq(vm->tf->eax, (u32)MB_LOADER_MAGIC);
	cr_assert_eq(vm->tf->eip, (u32)BASE + 4);
	cr_assert_eq(vm->tf->cs, (u32)SEL_CARRY_CODE);
	cr_assert_eq(vm->tf->ds, (u32)SEL_CARRY_DATA);
	cr_assert_eq(vm->tf->ss, (u32)SEL_CARRY_DATA);
	cr_assert_eq(vm->cpu.cr0 & (CR0_PE | CR0_PG), (u32)CR0_PE);
	cr_assert_eq(vm->cpu.mode, VMODE_KERNEL);
	cr_assert_not(vm->cpu.vif, "interrupts are off");
	cr_assert(vm->tf->eflags & FL_IF, "but the host's are on");
}

Test(load, what_the_guest_is_told)
{
	struct mb_info info;
	char line[8];
	u32 ram = 0;

	accepted();
	gpa_read(vm, gpa(vm->tf->ebx), &info, sizeof(info));
	cr_assert_eq(info.mem_lower, 640u);
	cr_assert_eq(info.mem_upper, (u32)MEMORY / KIB - 1024);
	gpa_read(vm, gpa(info.cmdline), line, sizeof(line));
	cr_assert_str_eq(line, "a=1 b");
	for (u32 at = info.mmap_addr; at < info.mmap_addr + info.mmap_length;) {
		struct mb_range r;

		gpa_read(vm, gpa(at), &r, sizeof(r));
		cr_assert_eq(r.type, (u32)MB_RAM);
		cr_assert(r.base + r.length <= 0xa0000 || r.base >= BASE);
		cr_assert_leq(r.base + r.length, (u32)MEMORY);
		ram += r.length;
		at += r.size + 4;
	}
	cr_assert_eq(ram, (u32)MEMORY - 0x60000);
}

Test(load, a_command_line_too_long_is_cut_and_ends)
{
	char line[2000];
	struct mb_info info;
	u32 n = 0;

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	cr_assert_null(load_guest(vm, &image, image_size, line));
	gpa_read(vm, gpa(vm->tf->ebx), &info, sizeof(info));
	while (peek_byte(info.cmdline + n) == 'x')
		n++;
	cr_assert_eq(peek_byte(info.cmdline + n), 0);
	cr_assert_lt(n, 512u, "%u", n);
}

Test(load, an_entry_by_virtual_address)
{
	image.ph[0].vaddr = 0xc0100000;
	image.eh.entry = 0xc0100010;
	accepted();
	cr_assert_eq(vm->tf->eip, (u32)BASE + 0x10);
}

Test(load, two_segments_and_what_is_no_segment)
{
	image.ph[1] = image.ph[0];
	image.ph[1].paddr = image.ph[1].vaddr = 0x1000;
	accepted();
	cr_assert_eq(peek_byte(0x1000), 1);
	image.ph[1].type = 2;
	image.ph[1].offset = 0xffffffff;
	accepted();
	image.ph[1] = (struct elf_phdr){.type = ELF_PT_LOAD, .offset = 0xffffffff};
	accepted();
}

/* --- trap 25: headers ------------------------------------------------------------------------- */

/* Cut anywhere: refused with a reason, and nothing is read beyond the end. */
Test(load, trap25_truncated_anywhere)
{
	for (image_size = 0; image_size < TEXT_AT + TEXT_SIZE; image_size++)
		cr_assert_not_null(load(), "%u bytes are enough?", image_size);
	image_size = TEXT_AT + TEXT_SIZE;
	accepted();
}

Test(load, no_multiboot_header)
{
	memset(byte_at(HEADER_AT), 0, 12);
	refused("multiboot");
	put_header(HEADER_AT + 2);
	refused("multiboot"); /* not aligned */
	put_header(HEADER_AT + 4);
	accepted();
	*byte_at(HEADER_AT + 4 + 8) ^= 1;
	refused("multiboot"); /* the checksum */
}

Test(load, a_header_too_late)
{
	static u8 big[MB_SEARCH + 64];
	u32 w[3] = {MB_HEADER_MAGIC, 0, 0u - MB_HEADER_MAGIC};

	memset(byte_at(HEADER_AT), 0, 12);
	memcpy(big, &image, SIZE);
	memcpy(big + MB_SEARCH - 12, w, sizeof(w));
	cr_assert_null(load_guest(vm, big, sizeof(big), ""));
	memset(big + MB_SEARCH - 12, 0, 12);
	memcpy(big + MB_SEARCH - 8, w, sizeof(w));
	cr_assert_not_null(load_guest(vm, big, sizeof(big), ""));
}

Test(load, not_an_elf_file_that_we_know)
{
	struct elf_header good = image.eh;

	image.eh.ident[0] = 0;
	refused("ELF");
	image.eh = good;
	image.eh.ident[4] = 2; /* 64 bits */
	refused("ELF");
	image.eh = good;
	image.eh.ident[5] = 2; /* big-endian */
	refused("ELF");
	image.eh = good;
	image.eh.type = 3; /* position-independent */
	refused("ELF");
	image.eh = good;
	image.eh.machine = 62;
	refused("ELF");
	image.eh = good;
	image.eh.phentsize--;
	refused("ELF");
}

Test(load, trap25_program_headers_outside_the_file)
{
	static const u32 where[] = {SIZE - 2 * sizeof(struct elf_phdr) + 1,
				    SIZE,
				    SIZE + 1,
				    0x7fffffff,
				    0xffffffe0,
				    0xffffffff};

	for (u32 i = 0; i < ARRAY_LEN(where); i++) {
		image.eh.phoff = where[i];
		refused("ELF");
	}
	image.eh.phoff = sizeof(struct elf_header);
	image.eh.phnum = 0xffff;
	refused("ELF");
}

/* --- trap 25: segments ---------------------------------------------------------------------------- */

Test(load, trap25_a_segment_outside_the_file)
{
	struct elf_phdr good = image.ph[0];
	static const u32 where[] = {SIZE - TEXT_SIZE + 1, SIZE,		  SIZE + 1,
				    0xffffffff,		  0u - TEXT_SIZE, 0x80000000};

	for (u32 i = 0; i < ARRAY_LEN(where); i++) {
		image.ph[0].offset = where[i];
		refused("outside the file");
	}
	image.ph[0] = good;
	image.ph[0].filesz = image.ph[0].memsz = 0xffffffff;
	refused("outside the file");
	image.ph[0].filesz = 0u - TEXT_AT;
	refused("outside the file");
	image.ph[0] = good;
	image.ph[0].memsz = TEXT_SIZE - 1;
	refused("outside the file");
	image.ph[0].offset = SIZE - TEXT_SIZE;
	image.ph[0].memsz = TEXT_SIZE;
	accepted();
}

static void place(u32 paddr, u32 memsz)
{
	image.ph[0].paddr = image.ph[0].vaddr = paddr;
	image.ph[0].memsz = memsz;
	image.eh.entry = paddr;
}

Test(load, trap25_a_segment_outside_memory)
{
	static const u32 where[][2] = {
		{MEMORY, 100},	       {MEMORY - 99, 100},	 {MEMORY - 100, 101},
		{0xffffff00, 100},     {0xffffffff, 100},	 {0x80000000, 100},
		{BASE, MEMORY},	       {BASE, 0xffffffff},	 {BASE, 0u - BASE},
		{BASE, 0u - BASE + 1}, {MEMORY, 0xffffffff},	 {0xa0000, 100},
		{0xa0000 - 99, 100},   {BASE - 1, 100},		 {0xb8000, 100},
		{0, MEMORY},	       {0x1000, 0xfffff000 + 1},
	};

	for (u32 i = 0; i < ARRAY_LEN(where); i++) {
		place(where[i][0], where[i][1]);
		refused("does not fit");
	}
}

Test(load, segments_that_just_fit)
{
	static const u32 where[][2] = {{MEMORY - 100, 100},
				       {0xa0000 - 100, 100},
				       {BASE, MEMORY - BASE},
				       {0x10000, 0x90000}};

	for (u32 i = 0; i < ARRAY_LEN(where); i++) {
		place(where[i][0], where[i][1]);
		accepted();
	}
}

Test(load, trap25_an_entry_outside_memory)
{
	static const u32 entry[] = {MEMORY, 0xffffffff, 0xa0000, 0xfffff};

	for (u32 i = 0; i < ARRAY_LEN(entry); i++) {
		image.eh.entry = entry[i];
		refused("entry");
	}
	image.eh.entry = MEMORY - 1;
	accepted();
}

/* The sum of entry and address wraps around. */
Test(load, trap25_an_entry_that_wraps)
{
	image.ph[0].vaddr = 0xfffff000;
	image.ph[0].memsz = 0x2000;
	image.eh.entry = 0xfffffff0;
	accepted();
	cr_assert_eq(vm->tf->eip, (u32)BASE + 0xff0);
	image.ph[0].vaddr = 0;
	image.ph[0].memsz = MEMORY - BASE;
	image.eh.entry = MEMORY - BASE - 1;
	accepted();
	cr_assert_eq(vm->tf->eip, (u32)MEMORY - 1);
}

/* A few thousand images with some bytes changed: each is loaded or refused, no more. */
Test(load, trap25_any_bytes)
{
	u32 seed = 4711, loaded = 0;

	for (u32 round = 0; round < 3000; round++) {
		struct image good = image;

		for (u32 i = 0; i < 3; i++) {
			seed = seed * 1664525 + 1013904223;
			*byte_at(seed >> 8 & 0x7f) = (u8)(seed >> 24);
		}
		loaded += load() == NULL;
		image = good;
	}
	cr_assert_gt(loaded, 0u);
	cr_assert_lt(loaded, 3000u);
}
