/*
 * From the boot loader's word to memory of our own. The memory map says what there is,
 * `mem=` cuts it, the image and the modules are kept out, the frame table takes the
 * top, and the rest is free.
 */
#include "kernel/bootinfo.h"
#include "kernel/elf.h"
#include "kernel/frame.h"
#include "kernel/heap.h"
#include "kernel/layout.h"
#include "kernel/lib.h"
#include "kernel/multiboot.h"
#include "kernel/options.h"
#include "kernel/paging.h"
#include "kernel/panic.h"
#include "kernel/symbols.h"

enum { MODULES_MAX = 40, RANGES_MAX = 16, MODULE_NAME = 32 };
enum { MEM_MIN_MIB = 16, MEM_MAX_MIB = 512, LOW_MIN_MIB = 8, LOW_MAX_MIB = 32 };

struct range {
	u32 first, end; /* pages */
};

struct module {
	char name[MODULE_NAME];
	u32 start, size;
};

extern const u8 image_end[];

static struct range ranges[RANGES_MAX];
static unsigned range_count;
static struct module modules[MODULES_MAX];
static unsigned module_count;
static u32 mem_bytes, low_bytes;
static u32 symbols_end, section_headers, section_count;

/* Low memory before there are tables of our own: the boot directory maps all of it. */
static const void *early(u32 machine_address)
{
	if (machine_address >= LOWMAP_MAX)
		panic("the boot loader left something at 0x%08x, beyond low memory",
		      machine_address);
	return (const void *)(uintptr_t)(LOWMAP_BASE + machine_address);
}

static void add_range(u32 base, u32 length)
{
	u32 end = base + length < base ? ~0u : base + length;

	if (range_count == RANGES_MAX)
		return;
	ranges[range_count++] = (struct range){
		.first = (base >> PAGE_SHIFT) + ((base & PAGE_MASK) != 0),
		.end = end >> PAGE_SHIFT,
	};
}

static void read_memory_map(const struct mb_info *mb)
{
	u32 at = mb->mmap_addr, end = mb->mmap_addr + mb->mmap_length;

	if (!(mb->flags & MBI_MMAP))
		panic("the boot loader gave no memory map");
	while (at < end) {
		const struct mb_range *r = early(at);

		if (r->type == MB_RAM && r->base_hi == 0)
			add_range(r->base, r->length_hi ? ~0u : r->length);
		at += r->size + sizeof r->size;
	}
}

/* The last word of a module's command line is its name. */
static void read_modules(const struct mb_info *mb)
{
	const struct mb_module *m;

	if (!(mb->flags & MBI_MODULES))
		return;
	m = early(mb->mods_addr);
	for (u32 i = 0; i < mb->mods_count && module_count < MODULES_MAX; i++) {
		struct module *mod = &modules[module_count++];
		const char *name = early(m[i].cmdline), *space;

		while ((space = strchr(name, ' ')))
			name = space + 1;
		format(mod->name, sizeof mod->name, "%s", name);
		mod->start = m[i].start;
		mod->size = m[i].end - m[i].start;
	}
}

/*
 * Sections of our own file that are not part of the image (symbols); GRUB left them
 * above it.
 */
static void read_symbols(const struct mb_info *mb)
{
	const struct elf_shdr *sh;

	if (!(mb->flags & MBI_ELF) || mb->elf_size != sizeof *sh)
		return;
	sh = early(mb->elf_addr);
	symbols_end = mb->elf_addr + mb->elf_num * (u32)sizeof *sh;
	for (u32 i = 0; i < mb->elf_num; i++)
		if (sh[i].addr && sh[i].addr < LOWMAP_MAX)
			symbols_end = max_u32(symbols_end, sh[i].addr + sh[i].size);
	section_headers = mb->elf_addr;
	section_count = mb->elf_num;
}

/* The first page that neither the image nor a module nor their like is in. */
static u32 first_free_page(void)
{
	u32 end = max_u32((u32)(uintptr_t)image_end - IMAGE_BASE, symbols_end);

	for (unsigned i = 0; i < module_count; i++)
		end = max_u32(end, modules[i].start + modules[i].size);
	return (end + PAGE_MASK) >> PAGE_SHIFT;
}

static u32 top_page(void)
{
	u32 top = 0;

	for (unsigned i = 0; i < range_count; i++)
		top = max_u32(top, ranges[i].end);
	return top;
}

/* mem= can only take away. Ranges shrink with it. */
static void choose_sizes(void)
{
	u32 limit = option_u32("mem", MEM_MAX_MIB, MEM_MIN_MIB, MEM_MAX_MIB);
	u32 pages = min_u32(top_page(), limit * PAGES_PER_MIB);
	u32 low = option_u32("low", LOW_MAX_MIB, LOW_MIN_MIB, LOW_MAX_MIB);

	for (unsigned i = 0; i < range_count; i++) {
		ranges[i].end = min_u32(ranges[i].end, pages);
		ranges[i].first = min_u32(ranges[i].first, ranges[i].end);
	}
	mem_bytes = pages << PAGE_SHIFT;
	low_bytes = min_u32(low * MIB, mem_bytes);
	if (first_free_page() >= low_bytes >> PAGE_SHIFT)
		panic("low=%u: the image and its modules need more", low);
}

/* The frame table lies at the end of the last range. */
static u32 take_table(u32 table_pages)
{
	for (unsigned i = 0; i < range_count; i++) {
		struct range *r = &ranges[i];

		if (r->end == mem_bytes >> PAGE_SHIFT &&
		    r->end - r->first > table_pages) {
			r->end -= table_pages;
			return r->end;
		}
	}
	panic("no room for the frame table");
}

static void build_frames(void)
{
	u32 count = mem_bytes >> PAGE_SHIFT, first = first_free_page();
	u32 pages = (count * sizeof(struct frame) + PAGE_MASK) >> PAGE_SHIFT;

	heap_init(mpn(take_table(pages)), pages);
	frame_init((struct frame *)HEAP_BASE, count, low_bytes >> PAGE_SHIFT);
	for (unsigned i = 0; i < range_count; i++) {
		u32 from = max_u32(ranges[i].first, first);

		if (from < ranges[i].end)
			frame_add(mpn(from), ranges[i].end - from);
	}
}

static const void *reach(u32 address, u32 size)
{
	if (address >= low_bytes || size > low_bytes - address)
		return NULL;
	return phys_to_virt((mpa_t){address});
}

void boot_memory(u32 magic, u32 info)
{
	const struct mb_info *mb = early(info);

	if (magic != MB_LOADER_MAGIC)
		panic("not started by a multiboot loader (magic 0x%08x)", magic);
	options_init(mb->flags & MBI_CMDLINE ? early(mb->cmdline) : "");
	read_memory_map(mb);
	read_modules(mb);
	read_symbols(mb);
	choose_sizes();
	paging_init(low_bytes);
	if (section_count)
		symbols_from_loader(&host_symbols, reach(section_headers, 0),
				    section_count, sizeof(struct elf_shdr), reach);
	build_frames(); /* a panic in there has names already */
}

const void *boot_module(const char *name, u32 *size)
{
	for (unsigned i = 0; i < module_count; i++) {
		if (strcmp(modules[i].name, name) == 0) {
			*size = modules[i].size;
			return phys_to_virt((mpa_t){modules[i].start});
		}
	}
	return NULL;
}

u32 boot_mem_bytes(void)
{
	return mem_bytes;
}

u32 boot_low_bytes(void)
{
	return low_bytes;
}
