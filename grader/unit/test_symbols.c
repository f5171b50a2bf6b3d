/*
 * Symbols of ELF images: good ones, and every way to lie in a header. Images stand in
 * memory of exactly their size, so the sanitizer sees a read beyond.
 */
#include <criterion/criterion.h>
#include <elf.h>
#include "kernel/lib.h"
#include "kernel/symbols.h"

/* A tiny image: header, three section headers, symbols, names. */
static struct image {
	Elf32_Ehdr header;
	Elf32_Shdr section[3];
	Elf32_Sym symbol[6];
	char names[32];
} good, bad;

static struct symbols symbols;

static Elf32_Sym make_symbol(u32 name, u32 value, u32 size, u8 type)
{
	return (Elf32_Sym){.st_name = name,
			   .st_value = value,
			   .st_size = size,
			   .st_info = ELF32_ST_INFO(STB_GLOBAL, type),
			   .st_shndx = 1};
}

static void make_good(void)
{
	memset(&good, 0, sizeof(good));
	memcpy(good.header.e_ident, ELFMAG, SELFMAG);
	good.header.e_ident[EI_CLASS] = ELFCLASS32;
	good.header.e_ident[EI_DATA] = ELFDATA2LSB;
	good.header.e_machine = EM_386;
	good.header.e_shoff = offsetof(struct image, section);
	good.header.e_shentsize = sizeof(Elf32_Shdr);
	good.header.e_shnum = 3;
	good.section[1] = (Elf32_Shdr){.sh_type = SHT_SYMTAB,
				       .sh_offset = offsetof(struct image, symbol),
				       .sh_size = sizeof(good.symbol),
				       .sh_link = 2,
				       .sh_entsize = sizeof(Elf32_Sym)};
	good.section[2] = (Elf32_Shdr){.sh_type = SHT_STRTAB,
				       .sh_offset = offsetof(struct image, names),
				       .sh_size = sizeof(good.names)};
	memcpy(good.names, "\0main\0loop\0label\0data", 22);
	good.symbol[1] = make_symbol(1, 0x1000, 0x100, STT_FUNC);
	good.symbol[2] = make_symbol(6, 0x1100, 0x20, STT_FUNC);
	good.symbol[3] = make_symbol(11, 0x1200, 0, STT_NOTYPE);
	good.symbol[4] = make_symbol(17, 0x1010, 4, STT_OBJECT);
	good.symbol[5] = make_symbol(11, 0x1008, 0, STT_NOTYPE);
	bad = good;
}

/* Loads the first `size` bytes of an image, in memory of that size, and asks it all. */
static bool load(const struct image *image, u32 size)
{
	u8 *copy = malloc(size ? size : 1);
	u32 offset;
	bool loaded;

	memcpy(copy, image, size);
	loaded = symbols_init(&symbols, copy, size);
	for (u32 address = 0xF00; loaded && address < 0x1400; address += 4) {
		const char *name = symbol_at(&symbols, address, &offset);

		if (name)
			cr_assert_lt(strlen(name), sizeof(image->names));
	}
	free(copy);
	return loaded;
}

static void check_name(u32 address, const char *name, u32 at)
{
	u32 offset;
	const char *got = symbol_at(&symbols, address, &offset);

	cr_assert_not_null(got, "0x%x has no name", address);
	cr_assert_str_eq(got, name);
	cr_assert_eq(offset, at);
}

TestSuite(symbols, .init = make_good);

Test(symbols, finds_functions)
{
	cr_assert(symbols_init(&symbols, &good, sizeof(good)));
	check_name(0x1000, "main", 0);
	check_name(0x10ff, "main", 0xff);
	check_name(0x1100, "loop", 0);
	check_name(0x111f, "loop", 0x1f);
}

Test(symbols, a_function_wins_over_a_label_inside_it)
{
	cr_assert(symbols_init(&symbols, &good, sizeof(good)));
	check_name(0x1010, "main", 0x10);
}

Test(symbols, labels_without_a_size_reach_on)
{
	cr_assert(symbols_init(&symbols, &good, sizeof(good)));
	check_name(0x1204, "label", 4);
}

Test(symbols, nothing_before_the_first_or_far_behind_the_last)
{
	u32 offset;

	cr_assert(symbols_init(&symbols, &good, sizeof(good)));
	cr_assert_null(symbol_at(&symbols, 0xfff, &offset));
	cr_assert_null(symbol_at(&symbols, 0, &offset));
	cr_assert_null(symbol_at(&symbols, 0x1200 + 64 * 1024, &offset));
	cr_assert_null(symbol_at(&symbols, 0xffffffff, &offset));
}

Test(symbols, an_empty_table_knows_no_names)
{
	struct symbols none = {.count = 0};
	u32 offset;

	cr_assert_null(symbol_at(&none, 0x1000, &offset));
}

Test(symbols, every_truncation_is_refused)
{
	u32 needed = offsetof(struct image, names) + sizeof(good.names);

	for (u32 size = 0; size < needed; size++)
		cr_assert_not(load(&good, size), "took %u of %u bytes", size, needed);
	cr_assert(load(&good, needed));
}

Test(symbols, not_an_elf_of_ours)
{
	bad.header.e_ident[0] = 'X';
	cr_assert_not(load(&bad, sizeof(bad)));
	bad = good;
	bad.header.e_ident[EI_CLASS] = ELFCLASS64;
	cr_assert_not(load(&bad, sizeof(bad)));
	bad = good;
	bad.header.e_ident[EI_DATA] = ELFDATA2MSB;
	cr_assert_not(load(&bad, sizeof(bad)));
	bad = good;
	bad.header.e_machine = EM_X86_64;
	cr_assert_not(load(&bad, sizeof(bad)));
}

Test(symbols, section_headers_outside)
{
	bad.header.e_shoff = sizeof(bad);
	cr_assert_not(load(&bad, sizeof(bad)));
	bad.header.e_shoff = 0xffffffff;
	cr_assert_not(load(&bad, sizeof(bad)));
	bad.header.e_shoff = 0xfffffff0;
	cr_assert_not(load(&bad, sizeof(bad)));
	bad = good;
	bad.header.e_shnum = 0xffff;
	cr_assert_not(load(&bad, sizeof(bad)));
	bad = good;
	bad.header.e_shentsize = sizeof(Elf32_Shdr) - 1;
	cr_assert_not(load(&bad, sizeof(bad)));
	bad.header.e_shentsize = 0xffff;
	cr_assert_not(load(&bad, sizeof(bad)));
	bad.header.e_shentsize = 0;
	cr_assert_not(load(&bad, sizeof(bad)));
}

Test(symbols, tables_outside)
{
	for (int i = 1; i < 3; i++) {
		bad = good;
		bad.section[i].sh_offset = sizeof(bad) + 1;
		cr_assert_not(load(&bad, sizeof(bad)));
		bad.section[i].sh_offset = 0xffffffff;
		cr_assert_not(load(&bad, sizeof(bad)));
		bad = good;
		bad.section[i].sh_size = 0xffffffff;
		cr_assert_not(load(&bad, sizeof(bad)));
		bad.section[i].sh_size = sizeof(bad);
		cr_assert_not(load(&bad, sizeof(bad)));
	}
}

Test(symbols, bad_links)
{
	bad.section[1].sh_link = 3;
	cr_assert_not(load(&bad, sizeof(bad)));
	bad.section[1].sh_link = 0xffffffff;
	cr_assert_not(load(&bad, sizeof(bad)));
	bad.section[1].sh_link = 1;
	cr_assert_not(load(&bad, sizeof(bad)));
	bad = good;
	bad.section[1].sh_entsize = 0;
	cr_assert_not(load(&bad, sizeof(bad)));
}

Test(symbols, names_must_end)
{
	memset(bad.names, 'x', sizeof(bad.names));
	cr_assert_not(load(&bad, sizeof(bad)));
	bad = good;
	bad.section[2].sh_size = 0;
	cr_assert_not(load(&bad, sizeof(bad)));
}

Test(symbols, names_outside_are_no_names)
{
	u32 offset;

	bad.symbol[1].st_name = sizeof(bad.names);
	bad.symbol[2].st_name = 0xffffffff;
	cr_assert(symbols_init(&symbols, &bad, sizeof(bad)));
	cr_assert_str_eq(symbol_at(&symbols, 0x1000 + 8, &offset), "label");
	cr_assert_null(symbol_at(&symbols, 0x1004, &offset));
}

Test(symbols, a_symbol_that_wraps_covers_nothing_below_it)
{
	u32 offset;

	bad.symbol[1] = make_symbol(1, 0xfffffff0, 0xffffffff, STT_FUNC);
	cr_assert(symbols_init(&symbols, &bad, sizeof(bad)));
	cr_assert_null(symbol_at(&symbols, 0x1004, &offset));
	check_name(0xfffffffc, "main", 12);
}

/* Any single byte may be wrong; the sanitizer watches. */
Test(symbols, every_damaged_byte_is_survived)
{
	for (u32 i = 0; i < offsetof(struct image, names); i++) {
		static const u8 values[] = {0, 1, 0x7f, 0x80, 0xff};

		for (size_t v = 0; v < ARRAY_LEN(values); v++) {
			bad = good;
			((u8 *)&bad)[i] = values[v];
			load(&bad, sizeof(bad));
		}
	}
}

/* The loader's way: sections wherever they are in machine memory. */
static const void *reach(u32 address, u32 size)
{
	if (address > sizeof(good) || size > sizeof(good) - address)
		return NULL;
	return (const u8 *)&good + address;
}

Test(symbols, from_a_loader)
{
	good.section[1].sh_addr = good.section[1].sh_offset;
	good.section[2].sh_addr = good.section[2].sh_offset;
	cr_assert(symbols_from_loader(&symbols, good.section, 3, sizeof(Elf32_Shdr),
				      reach));
	check_name(0x1000, "main", 0);
	good.section[2].sh_addr = 0xffffff00;
	cr_assert_not(symbols_from_loader(&symbols, good.section, 3, sizeof(Elf32_Shdr),
					  reach));
	cr_assert_not(symbols_from_loader(&symbols, good.section, 3, 0, reach));
	cr_assert_not(symbols_from_loader(&symbols, good.section, 1, sizeof(Elf32_Shdr),
					  reach));
}
