/*
 * The virtual boot loader on kernels that are loaded by the addresses in their multiboot
 * header (Multiboot 0.6.96, 3.1.3): the good ones, and headers that mean harm.
 */
#include "grader/unit/core_model.h"
#include "kernel/multiboot.h"
#include "vmm/load.h"
#include <stdlib.h>

enum { BASE = 0x100000, MEMORY = CORE_PAGES * PAGE_SIZE };
enum { HEADER_AT = 0x40, SIZE = 0x180, FLAGS = MB_HEADER_ADDRESSES | 3 };

static u8 file[SIZE];
static u32 size;
static struct mb_header h;

/* The header stands where the file is loaded from its first byte on. */
static void setup(void)
{
	core_init();
	size = SIZE;
	for (u32 i = 0; i < SIZE; i++)
		file[i] = (u8)(i + 1);
	h = (struct mb_header){
		.magic = MB_HEADER_MAGIC,
		.flags = FLAGS,
		.checksum = 0u - MB_HEADER_MAGIC - FLAGS,
		.header_addr = BASE + HEADER_AT,
		.load_addr = BASE,
		.load_end_addr = BASE + SIZE,
		.bss_end_addr = BASE + SIZE + 100,
		.entry_addr = BASE + 4,
	};
}

TestSuite(kludge, .init = setup, .fini = core_done, .timeout = 20);

/* From a block of exactly its size. */
static const char *load(void)
{
	u8 *copy = malloc(size);
	const char *why;

	memcpy(file + HEADER_AT, &h, sizeof(h));
	memcpy(copy, file, size);
	why = load_guest(vm, copy, size, "");
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

Test(kludge, the_whole_file)
{
	accepted();
	for (u32 i = 0; i < SIZE; i++)
		cr_assert_eq(peek_byte(BASE + i), file[i], "byte %u", i);
	cr_assert_eq(peek_byte(BASE + SIZE), 0);
	cr_assert_eq(vm->tf->eip, (u32)BASE + 4);
	cr_assert_eq(vm->tf->eax, (u32)MB_LOADER_MAGIC);
}

/* An end of 0 is the end of the file; no bss is no bss. */
Test(kludge, ends_that_are_not_told)
{
	h.load_end_addr = h.bss_end_addr = 0;
	accepted();
	cr_assert_eq(peek_byte(BASE + SIZE - 1), file[SIZE - 1]);
	cr_assert_eq(peek_byte(BASE + SIZE), 0);
}

Test(kludge, a_piece_of_the_file)
{
	h.load_addr = h.header_addr - 0x10;
	h.load_end_addr = h.load_addr + 0x60;
	h.bss_end_addr = 0;
	h.entry_addr = h.load_addr;
	accepted();
	for (u32 i = 0; i < 0x60; i++)
		cr_assert_eq(peek_byte(h.load_addr + i), file[HEADER_AT - 0x10 + i]);
	cr_assert_eq(peek_byte(h.load_addr - 1), 0);
	cr_assert_eq(peek_byte(h.load_addr + 0x60), 0);
}

Test(kludge, trap25_a_header_that_lies_about_its_place)
{
	static const u32 where[] = {BASE - 1, 0, BASE + HEADER_AT + 1, 0xffffffff};

	for (u32 i = 0; i < ARRAY_LEN(where); i++) {
		h.header_addr = where[i];
		refused("not where it says");
	}
	h.header_addr = 0x10;
	h.load_addr = 0xfffffff0;
	refused("not where it says");
}

Test(kludge, trap25_cut_short)
{
	for (size = HEADER_AT + 12; size < HEADER_AT + sizeof(h); size++)
		refused("cut short");
	refused("outside the file");
}

Test(kludge, trap25_ends_outside_the_file)
{
	static const u32 ends[] = {BASE + SIZE + 1, BASE - 1, 1, 0x80000000,
				   0xffffffff};

	for (u32 i = 0; i < ARRAY_LEN(ends); i++) {
		h.load_end_addr = ends[i];
		h.bss_end_addr = 0;
		refused("outside the file");
	}
	h.load_end_addr = BASE + SIZE;
	h.bss_end_addr = BASE + SIZE - 1;
	refused("outside the file");
}

Test(kludge, trap25_a_place_outside_memory)
{
	static const u32 where[] = {MEMORY,  MEMORY - SIZE, 0xffffff00, 0x80000000,
				    0xa0000, 0xa0000 - 1,   0xfffff};

	for (u32 i = 0; i < ARRAY_LEN(where); i++) {
		h.load_addr = where[i];
		h.header_addr = where[i] + HEADER_AT;
		h.load_end_addr = where[i] + SIZE;
		h.bss_end_addr = where[i] + SIZE + 100;
		cr_assert_not_null(load(), "at 0x%x", where[i]);
	}
	h.load_addr = BASE;
	h.header_addr = BASE + HEADER_AT;
	h.load_end_addr = BASE + SIZE;
	h.bss_end_addr = MEMORY + 1;
	refused("does not fit");
	h.bss_end_addr = 0xffffffff;
	refused("does not fit");
	h.bss_end_addr = MEMORY;
	accepted();
}

Test(kludge, trap25_an_entry_outside_memory)
{
	static const u32 entry[] = {MEMORY, 0xffffffff, 0xa0000, 0xfffff};

	for (u32 i = 0; i < ARRAY_LEN(entry); i++) {
		h.entry_addr = entry[i];
		refused("entry");
	}
}
