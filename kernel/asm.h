/*
 * The instructions that C has no words for, one inline function each.
 */
#ifndef KERNEL_ASM_H
#define KERNEL_ASM_H

#include "kernel/tableref.h"

static inline u64 rdtsc(void)
{
	u64 v;
	__asm__ volatile("rdtsc" : "=A"(v));
	return v;
}

static inline void cpuid(u32 leaf, u32 sub, u32 r[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "a"(leaf), "c"(sub));
}

static inline void invlpg(u32 va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

#define CR_ACCESSORS(n)                                                    \
	static inline u32 read_cr##n(void)                                 \
	{                                                                  \
		u32 v;                                                     \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v));          \
		return v;                                                  \
	}                                                                  \
	static inline void write_cr##n(u32 v)                              \
	{                                                                  \
		__asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory"); \
	}
CR_ACCESSORS(0)
CR_ACCESSORS(2)
CR_ACCESSORS(3)
CR_ACCESSORS(4)

static inline void clts(void)
{
	__asm__ volatile("clts");
}

static inline void lgdt(u32 base, u16 limit)
{
	struct table_ref r = {limit, base};
	__asm__ volatile("lgdt %0" : : "m"(r) : "memory");
}

static inline void lgdt_ref(const struct table_ref *r)
{
	__asm__ volatile("lgdt %0" : : "m"(*r) : "memory");
}

static inline void lidt(u32 base, u16 limit)
{
	struct table_ref r = {limit, base};
	__asm__ volatile("lidt %0" : : "m"(r) : "memory");
}

static inline void ltr(u16 sel)
{
	__asm__ volatile("ltr %0" : : "r"(sel) : "memory");
}

static inline void lldt(u16 sel)
{
	__asm__ volatile("lldt %0" : : "r"(sel) : "memory");
}

static inline u16 read_fs(void)
{
	u16 v;
	__asm__ volatile("mov %%fs, %0" : "=r"(v));
	return v;
}

static inline u16 read_gs(void)
{
	u16 v;
	__asm__ volatile("mov %%gs, %0" : "=r"(v));
	return v;
}

/* Interrupts open for exactly one hlt: the CPU takes none between sti and hlt. */
static inline void sti_hlt_cli(void)
{
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

static inline void fpu_save(void *area108)
{
	__asm__ volatile("fnsave (%0)" : : "r"(area108) : "memory");
}

static inline void fpu_restore(const void *area108)
{
	__asm__ volatile("frstor (%0)" : : "r"(area108) : "memory");
}

static inline void fpu_init(void)
{
	__asm__ volatile("fninit");
}

#endif
