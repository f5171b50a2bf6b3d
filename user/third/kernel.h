/*
 * What all parts of this kernel use: text out, the end, and the CPU's instructions.
 */
#ifndef THIRD_KERNEL_H
#define THIRD_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

enum {
	CR4_PSE = 0x10,
	EFLAGS_ONE = 0x002,
	EFLAGS_IF = 0x200,
};

struct table_pointer {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

/* To the text screen and the serial line. %s, %c, %u and %x. */
void console_init(void);
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints why, and switches the machine off. */
_Noreturn void stop(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void power_off(void);

/*
 * Critical sections that nest: each hold() turns interrupts off, the release() that ends
 * the outermost one turns them on if they were on before it.
 */
void hold(void);
void release(void);

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

static inline uint32_t read_cr2(void)
{
	uint32_t value;

	__asm__ volatile("movl %%cr2, %0" : "=r"(value));
	return value;
}

static inline void write_cr3(uint32_t value)
{
	__asm__ volatile("movl %0, %%cr3" : : "r"(value) : "memory");
}

static inline uint32_t read_cr4(void)
{
	uint32_t value;

	__asm__ volatile("movl %%cr4, %0" : "=r"(value));
	return value;
}

static inline void write_cr4(uint32_t value)
{
	__asm__ volatile("movl %0, %%cr4" : : "r"(value) : "memory");
}

static inline void invlpg(uint32_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline uint32_t read_eflags(void)
{
	uint32_t value;

	__asm__ volatile("pushfl; popl %0" : "=r"(value) : : "memory");
	return value;
}

static inline void write_eflags(uint32_t value)
{
	__asm__ volatile("pushl %0; popfl" : : "r"(value) : "memory", "cc");
}

static inline void cli(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline void sti(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void sti_hlt(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

#endif
