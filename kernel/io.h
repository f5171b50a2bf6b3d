/*
 * Port I/O: one inline function an instruction (SDM vol. 1, chapter 19).
 */
#ifndef KERNEL_IO_H
#define KERNEL_IO_H

#include "kernel/types.h"

static inline u8 inb(u16 port)
{
	u8 v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline u16 inw(u16 port)
{
	u16 v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline u32 inl(u16 port)
{
	u32 v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outb(u16 port, u8 v)
{
	__asm__ volatile("outb %0, %1" ::"a"(v), "Nd"(port));
}

static inline void outw(u16 port, u16 v)
{
	__asm__ volatile("outw %0, %1" ::"a"(v), "Nd"(port));
}

static inline void outl(u16 port, u32 v)
{
	__asm__ volatile("outl %0, %1" ::"a"(v), "Nd"(port));
}

/* Reads `words` 16-bit words from one port to memory. */
static inline void insw(u16 port, void *dst, u32 words)
{
	__asm__ volatile("rep insw" : "+D"(dst), "+c"(words) : "d"(port) : "memory");
}

/* Writes `words` 16-bit words from memory to one port. */
static inline void outsw(u16 port, const void *src, u32 words)
{
	__asm__ volatile("rep outsw" : "+S"(src), "+c"(words) : "d"(port) : "memory");
}

#endif
