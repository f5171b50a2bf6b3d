/*
 * Descriptor tables, paging one to one, and the launch pad of attempts.
 */
#include "machine.h"

#include "attempt.h"

enum {
	ACCESS_KCODE = 0x9B, /* SDM vol. 3A, 3.4.5 */
	ACCESS_KDATA = 0x93,
	ACCESS_UCODE = 0xFB,
	ACCESS_UDATA = 0xF3,
	ACCESS_TSS = 0x89,
	FLAT_FLAGS = 0xCF, /* 4 KiB granules, 32 bit, limit 19:16 */
	GATE_INTERRUPT = 0x8E00,
	GATE_DPL_SHIFT = 13,
	TSS_ESP0 = 1,
	TSS_SS0 = 2,
	TSS_IOMAP = 25,
	TRAP_STACK = 4096,
};

uint64_t mini_gdt[TABLE_ROOM / 8] __attribute__((aligned(PAGE_SIZE)));
uint64_t mini_idt[TABLE_ROOM / 8] __attribute__((aligned(PAGE_SIZE)));
uint32_t mini_tss[TABLE_ROOM / 4] __attribute__((aligned(PAGE_SIZE)));
static uint8_t trap_stack[TRAP_STACK] __attribute__((aligned(PAGE_SIZE)));

extern const uint32_t vector_table[IDT_ENTRIES];
extern uint32_t launch_data, launch_frame;

/* EIP, CS, EFLAGS, ESP, SS: what iret takes. */
static uint32_t outer_frame[5];

static uint64_t flat(uint8_t access)
{
	return (uint64_t)FLAT_FLAGS << 48 | (uint64_t)access << 40 | 0xFFFF;
}

static uint64_t tss_descriptor(uint32_t base, uint32_t limit)
{
	return (uint64_t)(base >> 24) << 56 | (uint64_t)ACCESS_TSS << 40 |
	       (uint64_t)(base & 0xFFFFFF) << 16 | limit;
}

uint64_t gate_to_stub(uint32_t vector, uint32_t dpl)
{
	uint32_t at = vector_table[vector];
	uint32_t flags = GATE_INTERRUPT | dpl << GATE_DPL_SHIFT;

	return (uint64_t)((at & 0xFFFF0000) | flags) << 32 | SEL_KCODE << 16 |
	       (at & 0xFFFF);
}

/* All that tables_load loads, written afresh: someone may have scribbled on it. */
static void fill_tables(void)
{
	mini_gdt[0] = 0;
	mini_gdt[SEL_KCODE / 8] = flat(ACCESS_KCODE);
	mini_gdt[SEL_KDATA / 8] = flat(ACCESS_KDATA);
	mini_gdt[SEL_UCODE / 8] = flat(ACCESS_UCODE);
	mini_gdt[SEL_UDATA / 8] = flat(ACCESS_UDATA);
	mini_gdt[SEL_TSS / 8] = tss_descriptor((uint32_t)mini_tss, TSS_WORDS * 4 - 1);
	for (uint32_t i = 0; i < IDT_ENTRIES; i++)
		mini_idt[i] = gate_to_stub(i, 0);
	mini_idt[VECTOR_DONE] = gate_to_stub(VECTOR_DONE, 3);
	mini_tss[TSS_ESP0] = (uint32_t)trap_stack + TRAP_STACK;
	mini_tss[TSS_SS0] = SEL_KDATA;
	mini_tss[TSS_IOMAP] = TSS_WORDS * 4u << 16; /* beyond the limit: no ports */
}

void tables_load(void)
{
	struct table_pointer gdt = {GDT_ENTRIES * 8 - 1, (uint32_t)mini_gdt};
	struct table_pointer idt = {IDT_ENTRIES * 8 - 1, (uint32_t)mini_idt};

	fill_tables();
	__asm__ volatile("lgdt %0\n\t"
			 "ljmp %2, $1f\n"
			 "1:\tmovl %3, %%ds\n\t"
			 "movl %3, %%es\n\t"
			 "movl %3, %%ss\n\t"
			 "movl %4, %%fs\n\t"
			 "movl %4, %%gs\n\t"
			 "lidt %1\n\t"
			 "ltr %w5"
			 :
			 : "m"(gdt), "m"(idt), "i"(SEL_KCODE), "r"(SEL_KDATA), "r"(0),
			   "r"(SEL_TSS)
			 : "memory");
}

void identity_map(uint32_t *directory, uint32_t *tables, uint32_t mib, uint32_t rights)
{
	uint32_t pages = mib * (MIB / PAGE_SIZE);

	for (uint32_t i = 0; i < pages; i++)
		tables[i] = i * PAGE_SIZE | rights | PTE_P;
	for (uint32_t i = 0; i * PAGE_WORDS < pages; i++)
		directory[i] = (uint32_t)&tables[i * PAGE_WORDS] | PTE_P | PTE_W |
			       PTE_U;
}

void attempt_prepare(bool user, uint32_t eip, uint32_t esp, uint32_t eflags)
{
	uint32_t *frame = user ? outer_frame : (uint32_t *)esp - 3;

	launch_data = user ? SEL_UDATA : SEL_KDATA;
	launch_frame = (uint32_t)frame;
	frame[0] = eip;
	frame[1] = user ? SEL_UCODE : SEL_KCODE;
	frame[2] = eflags;
	if (!user)
		return;
	frame[3] = esp;
	frame[4] = SEL_UDATA;
}
