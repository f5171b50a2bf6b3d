/*
 * What is made of the boot loader's memory map and modules: which frames are given out, and
 * which must not be.
 */
#include "kernel/bootinfo.h"
#include "kernel/frame.h"
#include "kernel/heap.h"
#include "kernel/multiboot.h"
#include "kernel/paging.h"
#include "kernel/symbols.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

enum {
	INFO = 0x1000,
	MMAP = 0x2000,
	MODULES = 0x3000,
	TEXT = 0x4000,
	FRAMES = 1 << 17
};
enum { FIRST_FREE = FAKE_IMAGE_END >> PAGE_SHIFT };

const u8 image_end[1];
u8 fake_low[LOWMAP_MAX];
struct symbols host_symbols;

static bool given[FRAMES];
static u32 frame_total, low_frames, table_first, table_pages, mapped_low, text_at;
static u32 symbol_sections;

void paging_init(u32 low_bytes)
{
	mapped_low = low_bytes;
}

void heap_init(mpn_t first, u32 pages)
{
	table_first = first.n;
	table_pages = pages;
}

void frame_init(struct frame *table, u32 count, u32 low)
{
	(void)table;
	frame_total = count;
	low_frames = low;
}

void frame_add(mpn_t first, u32 count)
{
	for (u32 n = first.n; n < first.n + count; n++) {
		cr_assert_lt(n, frame_total);
		cr_assert_not(given[n], "frame 0x%x twice", n);
		given[n] = true;
	}
}

void *phys_to_virt(mpa_t a)
{
	cr_assert_lt(a.a, mapped_low);
	return fake_low + a.a;
}

bool symbols_from_loader(struct symbols *s, const void *sections, u32 count,
			 u32 entry_size, const void *(*reach)(u32 address, u32 size))
{
	(void)s;
	cr_assert_eq(entry_size, 40u);
	cr_assert_not_null(sections);
	cr_assert_null(reach(mapped_low, 1));
	cr_assert_null(reach(mapped_low - 1, 2));
	cr_assert_null(reach(8, 0xffffffff));
	symbol_sections = count;
	return true;
}

/* --- what the loader leaves ------------------------------------------------------------------ */

static struct mb_info *info(void)
{
	return (struct mb_info *)(fake_low + INFO);
}

static void add_range(u32 base, u32 length, u32 type)
{
	struct mb_range r = {
		.size = sizeof(r) - 4, .base = base, .length = length, .type = type};

	memcpy(fake_low + MMAP + info()->mmap_length, &r, sizeof(r));
	info()->mmap_length += sizeof(r);
}

static u32 text(const char *s)
{
	u32 at = text_at;

	strcpy((char *)fake_low + at, s);
	text_at += (u32)strlen(s) + 1;
	return at;
}

static void add_module(u32 start, u32 end, const char *line)
{
	struct mb_module *m = (struct mb_module *)(fake_low + MODULES);

	m[info()->mods_count++] =
		(struct mb_module){.start = start, .end = end, .cmdline = text(line)};
	info()->flags |= MBI_MODULES;
}

static void options(const char *line)
{
	info()->cmdline = text(line);
	info()->flags |= MBI_CMDLINE;
}

/* A PC of 64 MiB. */
static void setup(void)
{
	text_at = TEXT;
	*info() = (struct mb_info){
		.flags = MBI_MMAP, .mmap_addr = MMAP, .mods_addr = MODULES};
	add_range(0, 0x9fc00, MB_RAM);
	add_range(0xf0000, 0x10000, 2);
	add_range(0x100000, 63 * MIB, MB_RAM);
}

TestSuite(bootinfo, .init = setup, .timeout = 10);

static void boot(void)
{
	boot_memory(MB_LOADER_MAGIC, INFO);
}

static void expect_given(u32 first, u32 end)
{
	for (u32 n = 0; n < FRAMES; n++)
		cr_assert_eq(given[n], n >= first && n < end, "frame 0x%x", n);
}

/* --- memory ------------------------------------------------------------------------------------ */

Test(bootinfo, a_plain_pc)
{
	boot();
	cr_assert_eq(boot_mem_bytes(), 64u * MIB);
	cr_assert_eq(boot_low_bytes(), 32u * MIB);
	cr_assert_eq(mapped_low, 32u * MIB);
	cr_assert_eq(frame_total, 64u * PAGES_PER_MIB);
	cr_assert_eq(low_frames, 32u * PAGES_PER_MIB);
	cr_assert_eq(table_first + table_pages, frame_total, "the table is at the top");
	cr_assert_geq(table_pages * PAGE_SIZE, frame_total * sizeof(struct frame));
	expect_given(FIRST_FREE, table_first);
}

Test(bootinfo, mem_and_low_take_away)
{
	options("kernel.elf mem=24 low=16");
	boot();
	cr_assert_eq(boot_mem_bytes(), 24u * MIB);
	cr_assert_eq(boot_low_bytes(), 16u * MIB);
	expect_given(FIRST_FREE, table_first);
	cr_assert_lt(table_first, 24u * PAGES_PER_MIB);
}

Test(bootinfo, mem_cannot_add)
{
	options("kernel.elf mem=512");
	boot();
	cr_assert_eq(boot_mem_bytes(), 64u * MIB);
}

Test(bootinfo, trap25_a_range_that_wraps)
{
	info()->mmap_length = 0;
	add_range(0x100000, 0xffffffff, MB_RAM);
	boot();
	cr_assert_eq(boot_mem_bytes(), 512u * MIB, "what we take at most");
	expect_given(FIRST_FREE, table_first);
}

Test(bootinfo, memory_above_4_gib_is_not_ours)
{
	struct mb_range high = {.size = sizeof(high) - 4,
				.base_hi = 1,
				.length = 0x40000000,
				.type = MB_RAM};

	memcpy(fake_low + MMAP + info()->mmap_length, &high, sizeof(high));
	info()->mmap_length += sizeof(high);
	boot();
	cr_assert_eq(boot_mem_bytes(), 64u * MIB);
	expect_given(FIRST_FREE, table_first);
}

/* Parts of a page at the ends of a range are no page. */
Test(bootinfo, ranges_that_are_not_whole_pages)
{
	info()->mmap_length = 0;
	add_range(0x400001, 0x2000, MB_RAM);
	add_range(0x1000000, 16 * MIB, MB_RAM);
	boot();
	for (u32 n = 0; n < 0x1000; n++)
		cr_assert_eq(given[n], n == 0x401, "frame 0x%x", n);
}

Test(bootinfo, more_ranges_than_we_keep)
{
	for (u32 i = 0; i < 60; i++)
		add_range(0xc0000 + i * 0x1000, 0x1000, MB_RAM);
	boot();
	expect_given(FIRST_FREE, table_first);
}

/* The frame table would cover the hole's end: it goes where there is memory. */
Test(bootinfo, a_hole_in_the_middle)
{
	add_range(0x5000000, 16 * MIB, MB_RAM);
	boot();
	cr_assert_eq(boot_mem_bytes(), 0x6000000u);
	cr_assert_eq(table_first + table_pages, 0x6000u);
	for (u32 n = 0x4000; n < 0x5000; n++)
		cr_assert_not(given[n], "0x%x is a hole", n);
	cr_assert(given[0x3fff] && given[0x5000]);
}

/* --- modules -------------------------------------------------------------------------------------- */

Test(bootinfo, modules_by_the_last_word)
{
	u32 size;

	add_module(0x400000, 0x400123, "/boot/guest.elf a guest");
	add_module(0x500000, 0x500800, "patches");
	boot();
	cr_assert_eq(boot_module("guest", &size), fake_low + 0x400000);
	cr_assert_eq(size, 0x123u);
	cr_assert_eq(boot_module("patches", &size), fake_low + 0x500000);
	cr_assert_null(boot_module("a", &size));
	cr_assert_null(boot_module("", &size));
	expect_given(0x501, table_first);
}

Test(bootinfo, more_modules_than_we_keep)
{
	u32 size;

	for (u32 i = 0; i < 60; i++)
		add_module(0x400000, 0x400000 + i, i ? "m" : "first");
	boot();
	cr_assert_not_null(boot_module("first", &size));
}

Test(bootinfo, symbols_are_kept_out_of_the_free_frames)
{
	u32 *section = (u32 *)(fake_low + 0x8000);

	info()->flags |= MBI_ELF;
	info()->elf_num = 3;
	info()->elf_size = 40;
	info()->elf_addr = 0x8000;
	section[10 + 3] = 0x600000; /* sh_addr and sh_size of the second */
	section[10 + 5] = 0x1234;
	boot();
	cr_assert_eq(symbol_sections, 3u);
	expect_given(0x602, table_first);
}

/* --- what we cannot go on with --------------------------------------------------------------------- */

Test(bootinfo, another_loader, .signal = SIGABRT)
{
	boot_memory(0x12345678, INFO);
}

Test(bootinfo, no_memory_map, .signal = SIGABRT)
{
	info()->flags = 0;
	boot();
}

Test(bootinfo, an_empty_memory_map, .signal = SIGABRT)
{
	info()->mmap_length = 0;
	boot();
}

Test(bootinfo, modules_that_leave_no_low_memory, .signal = SIGABRT)
{
	add_module(0x400000, 0x1ffffff, "big");
	options("kernel.elf low=16");
	boot();
}

Test(bootinfo, something_left_beyond_low_memory, .signal = SIGABRT)
{
	info()->mmap_addr = LOWMAP_MAX;
	boot();
}
