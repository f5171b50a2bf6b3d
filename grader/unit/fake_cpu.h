/*
 * Included before everything else (-include) in tests of files that use instructions
 * which a program may not: the ones of kernel/asm.h become calls on a CPU that is a struct.
 */
#ifndef GRADER_UNIT_FAKE_CPU_H
#define GRADER_UNIT_FAKE_CPU_H

#include "kernel/asm.h"

struct fake_cpu {
	u32 cr0, cr3, cr4;
	u16 fs, gs;
	u32 gdt; /* lower half of the address of the GDT that is loaded; 0: the host's */
	u32 flushes;	   /* loads of CR3 */
	u32 pages_flushed; /* invlpg */
	u32 last_flushed;
	char x87[8]; /* what its registers hold: a name */
};
extern struct fake_cpu fake_cpu;

static inline u32 fake_read_cr0(void)
{
	return fake_cpu.cr0;
}

static inline void fake_write_cr0(u32 v)
{
	fake_cpu.cr0 = v;
}

static inline void fake_clts(void)
{
	fake_cpu.cr0 &= ~8u;
}

static inline u32 fake_read_cr3(void)
{
	return fake_cpu.cr3;
}

static inline void fake_write_cr3(u32 v)
{
	fake_cpu.cr3 = v;
	fake_cpu.flushes++;
}

static inline u32 fake_read_cr4(void)
{
	return fake_cpu.cr4;
}

static inline void fake_write_cr4(u32 v)
{
	fake_cpu.cr4 = v;
}

static inline void fake_invlpg(u32 va)
{
	fake_cpu.pages_flushed++;
	fake_cpu.last_flushed = va;
}

static inline void fake_lgdt_ref(const struct table_ref *r)
{
	fake_cpu.gdt = r->base;
}

static inline u16 fake_read_fs(void)
{
	return fake_cpu.fs;
}

static inline u16 fake_read_gs(void)
{
	return fake_cpu.gs;
}

void fake_fpu_save(void *area);
void fake_fpu_restore(const void *area);
void fake_fpu_init(void);

#define read_cr0 fake_read_cr0
#define write_cr0 fake_write_cr0
#define clts fake_clts
#define read_cr3 fake_read_cr3
#define write_cr3 fake_write_cr3
#define read_cr4 fake_read_cr4
#define write_cr4 fake_write_cr4
#define invlpg fake_invlpg
#define lgdt_ref fake_lgdt_ref
#define read_fs fake_read_fs
#define read_gs fake_read_gs
#define fpu_save fake_fpu_save
#define fpu_restore fake_fpu_restore
#define fpu_init fake_fpu_init

#endif
