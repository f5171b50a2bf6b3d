/*
 * The PC below the small test guests: descriptor tables, identity-mapped paging, the
 * serial line, the power switch, and the instructions that C has no words for.
 */
#ifndef MINI_MACHINE_H
#define MINI_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"

enum {
	PTE_P = 0x001,
	PTE_W = 0x002,
	PTE_U = 0x004,
	PTE_A = 0x020,
	PTE_D = 0x040,
	PTE_PS = 0x080,

	CR0_PE = 0x00000001,
	CR0_WP = 0x00010000,
	CR4_PSE = 0x00000010,

	VECTOR_PF = 14,

	PAGE_SIZE = 4096,
	PAGE_WORDS = 1024,
	LARGE_PAGE = 4 << 20,
	MIB = 1 << 20,
};
#define CR0_PG 0x80000000u

struct table_pointer {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

extern uint32_t mini_mem_upper; /* KiB above 1 MiB */
extern char mini_cmdline[CMDLINE_MAX];

/* Our own GDT, IDT and TSS, loaded anew: whatever they were before. */
void tables_load(void);
/* Their places, a page each: nothing that is written often stands beside them. */
extern uint64_t mini_gdt[], mini_idt[];
enum { GDT_ENTRIES = 6, IDT_ENTRIES = 256, TSS_WORDS = 26, TABLE_ROOM = 4096 };
extern uint32_t mini_tss[];

/* An interrupt gate (SDM vol. 3A, 6.11) to the stub of `vector`. */
uint64_t gate_to_stub(uint32_t vector, uint32_t dpl);

/* Maps the first `mib` MiB of memory one to one: 4 KiB pages, with these rights. */
void identity_map(uint32_t *directory, uint32_t *tables, uint32_t mib, uint32_t rights);

/* The number behind KEY= in the command line (the last one counts), or `otherwise`. */
uint32_t option(const char *key, uint32_t otherwise);

void serial_init(void);
/* Enough of printf: %s, %c, %u, %x; a digit after the % pads with zeroes to that width. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Switches the machine off, as emulators understand it. */
_Noreturn void power_off(void);

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void outw(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline void write_cr0(uint32_t value)
{
	__asm__ volatile("movl %0, %%cr0" : : "r"(value) : "memory");
}

static inline uint32_t read_cr0(void)
{
	uint32_t value;

	__asm__ volatile("movl %%cr0, %0" : "=r"(value));
	return value;
}

static inline void write_cr2(uint32_t value)
{
	__asm__ volatile("movl %0, %%cr2" : : "r"(value));
}

static inline void write_cr3(uint32_t value)
{
	__asm__ volatile("movl %0, %%cr3" : : "r"(value) : "memory");
}

static inline void write_cr4(uint32_t value)
{
	__asm__ volatile("movl %0, %%cr4" : : "r"(value) : "memory");
}

static inline void invlpg(uint32_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

#endif
