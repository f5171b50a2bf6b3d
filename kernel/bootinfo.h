/*
 * What the boot loader left us: its memory map and modules, found once at boot.
 */
#ifndef KERNEL_BOOTINFO_H
#define KERNEL_BOOTINFO_H

#include "kernel/types.h"

/*
 * Reads what the loader left and builds memory from it: page tables, frames, heap.
 * First thing of all.
 */
void boot_memory(u32 magic, u32 info);

/*
 * A boot module by the word on its command line, in low memory, for ever; NULL: not
 * there.
 */
const void *boot_module(const char *name, u32 *size);

/* Machine memory in bytes, as the options allow; the mapped low part of it. */
u32 boot_mem_bytes(void);
u32 boot_low_bytes(void);

#endif
