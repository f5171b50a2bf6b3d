/*
 * The kernel's half of every address space: the direct map of RAM, and the
 * kernel stacks. Its directory entries are made at boot and never change.
 */
#ifndef KERNMAP_H
#define KERNMAP_H

#include <stdbool.h>
#include <stdint.h>

/* Maps all RAM, drops boot.S's identity map, and frees the pages from
 * first_free_page on. At boot, after the low pages are free; panics if they
 * are too few. */
void kernmap_boot(uint32_t first_free_page);

/* Gives a slot its stack, once for all; false when memory is out. May sleep. */
bool kstack_map(uint32_t slot);

/* The address just above a slot's stack. */
uint32_t kstack_top(uint32_t slot);

#endif
