/*
 * The instructions that C has no words for. Each helper is one instruction.
 * All ports and control registers are named where they are used.
 */
#ifndef X86_H
#define X86_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"

/* One byte from a port. */
static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* One byte to a port. */
static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

/* Four bytes from a port. */
static inline uint32_t inl(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* Four bytes to a port. */
static inline void outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

/* Reads `words` 16-bit words from a port, as PIO disks want it. */
static inline void insw(uint16_t port, void *to, uint32_t words)
{
	__asm__ volatile("rep insw" : "+D"(to), "+c"(words) : "d"(port) : "memory");
}

/* Writes `words` 16-bit words to a port. */
static inline void outsw(uint16_t port, const void *from, uint32_t words)
{
	__asm__ volatile("rep outsw" : "+S"(from), "+c"(words) : "d"(port) : "memory");
}

/* The time-stamp counter. */
static inline uint64_t rdtsc(void)
{
	uint64_t value;

	__asm__ volatile("rdtsc" : "=A"(value));
	return value;
}

/* Loads a page directory (physical address); flushes the TLB. */
static inline void load_cr3(uint32_t physical)
{
	__asm__ volatile("movl %0, %%cr3" : : "r"(physical) : "memory");
}

/* The address of the last page fault. */
static inline uint32_t read_cr2(void)
{
	uint32_t value;

	__asm__ volatile("movl %%cr2, %0" : "=r"(value));
	return value;
}

/* Forgets the translation of one address. */
static inline void invlpg(uint32_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* Masks interrupts; the kernel runs so anyway, but for its idle place. */
static inline void cli(void)
{
	__asm__ volatile("cli" : : : "memory");
}

/* Masks interrupts and tells how they were; pairs with irq_restore. */
static inline uint32_t irq_save(void)
{
	uint32_t flags;

	__asm__ volatile("pushfl; popl %0; cli" : "=r"(flags) : : "memory");
	return flags;
}

/* Puts back what irq_save returned. */
static inline void irq_restore(uint32_t flags)
{
	__asm__ volatile("pushl %0; popfl" : : "r"(flags) : "memory", "cc");
}

/* Fills a page with zeroes. */
static inline void page_clear(void *page)
{
	uint32_t count = PAGE_SIZE / 4;

	__asm__ volatile("rep stosl" : "+D"(page), "+c"(count) : "a"(0) : "memory");
}

/* Copies a page. */
static inline void page_copy(void *to, const void *from)
{
	uint32_t count = PAGE_SIZE / 4;

	__asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

#endif
