/*
 * Guest memory through the guest's own mappings, with the MMU as the judge: what the
 * shadow tables do not allow fails here, and the caller takes the long way
 * (vmm/gmem.h). The address must be below HOST_BASE - 4: the caller checks, these do
 * not.
 */
#ifndef KERNEL_PEEK_H
#define KERNEL_PEEK_H

#include "kernel/cpu.h"

bool peek32(u32 va, u32 *out); /* entry.S */
bool peek8(u32 va, u32 *out);
bool poke32(u32 va, u32 value);

/*
 * Between these two, and nowhere else, ring 0 can touch ring 3 pages (SDM vol. 3, 4.6).
 */
static inline void peek_open(void)
{
	if (cpu_features.smap)
		__asm__ volatile("stac" : : : "memory", "cc");
}

static inline void peek_close(void)
{
	if (cpu_features.smap)
		__asm__ volatile("clac" : : : "memory", "cc");
}

#endif
