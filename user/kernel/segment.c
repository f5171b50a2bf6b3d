/*
 * Segments: five flat descriptors and a TSS, each table on a page of its own,
 * since whoever watches writes to the GDT would see every one beside it.
 */
#include "segment.h"

#include "layout.h"

enum {
	GDT_ENTRIES = 7, /* null, four segments, TSS (one entry), one spare */
	TSS_WORDS = 26,
	TSS_ESP0 = 1, /* word index */
	TSS_SS0 = 2,
	TSS_IOMAP = 25,
};

/* Access bytes: SDM vol. 3A, 3.4.5. The accessed bit is set from the start. */
enum {
	ACCESS_KCODE = 0x9B,
	ACCESS_KDATA = 0x93,
	ACCESS_UCODE = 0xFB,
	ACCESS_UDATA = 0xF3,
	ACCESS_TSS = 0x89,
	FLAT_FLAGS = 0xCF, /* 4 KiB granules, 32 bit, limit 19:16 */
};

static uint64_t gdt[PAGE_SIZE / 8]
	__attribute__((section(".bss.tables"), aligned(PAGE_SIZE)));
static uint32_t tss[PAGE_SIZE / 4]
	__attribute__((section(".bss.tables"), aligned(PAGE_SIZE)));

/* A flat 4 GiB segment. */
static uint64_t flat(uint8_t access)
{
	return (uint64_t)FLAT_FLAGS << 48 | (uint64_t)access << 40 | 0xFFFF;
}

/* An available 32-bit TSS. */
static uint64_t tss_descriptor(uint32_t base, uint32_t limit)
{
	return (uint64_t)(base >> 24) << 56 | (uint64_t)ACCESS_TSS << 40 |
	       (uint64_t)(base & 0xFFFFFF) << 16 | limit;
}

/* Reloads every segment register with our selectors. */
static void load(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) pointer = {GDT_ENTRIES * 8 - 1, (uint32_t)gdt};

	__asm__ volatile("lgdt %0\n\t"
			 "ljmp %1, $1f\n"
			 "1:\tmovl %2, %%ds\n\t"
			 "movl %2, %%es\n\t"
			 "movl %2, %%ss\n\t"
			 "movl %3, %%fs\n\t"
			 "movl %3, %%gs"
			 :
			 : "m"(pointer), "i"(SEL_KCODE), "r"(SEL_KDATA), "r"(0)
			 : "memory");
}

/* Called with the boot stack; the first switch sets the TSS's. */
void segment_init(void)
{
	gdt[SEL_KCODE / 8] = flat(ACCESS_KCODE);
	gdt[SEL_KDATA / 8] = flat(ACCESS_KDATA);
	gdt[SEL_UCODE / 8] = flat(ACCESS_UCODE);
	gdt[SEL_UDATA / 8] = flat(ACCESS_UDATA);
	gdt[SEL_TSS / 8] = tss_descriptor((uint32_t)tss, TSS_WORDS * 4 - 1);
	tss[TSS_SS0] = SEL_KDATA;
	tss[TSS_IOMAP] = TSS_WORDS * 4u << 16; /* beyond the limit: no ports */
	load();
	__asm__ volatile("ltr %w0" : : "r"(SEL_TSS));
}

/* At each switch of processes. */
void segment_set_stack(uint32_t top)
{
	tss[TSS_ESP0] = top;
}
