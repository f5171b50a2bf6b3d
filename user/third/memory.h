/*
 * Paging in 4 KiB pages, and all of memory.
 */
#ifndef THIRD_MEMORY_H
#define THIRD_MEMORY_H

#include <stdint.h>

enum { PTE_P = 0x001, PTE_W = 0x002, PTE_U = 0x004, PAGE_SIZE = 4096 };

/* Leaves the boot directory for one of 4 KiB pages that maps all memory at KERNBASE. */
void memory_init(void);

/* A zeroed page, by physical address. There is no way to give it back. */
uint32_t page_take(void);

/* Maps one page into the address space; the page there before, if any, is gone. */
void map_page(uint32_t address, uint32_t page, uint32_t rights);

/* Writes to every page that is not in use, and checks what it finds there later. */
void memory_check(void);

#endif
