/*
 * The balloon's device: port 0xBA11, 32 bits wide, absent on a bare PC. The guest's
 * driver writes a command, bits 31..24, with its argument, bits 23..0; it is done at once;
 * then reads the answer (balloon.h).
 *
 *     0  HELLO            0x4E4C4C42 ("BLLN"): there is a balloon device
 *     1  START bound      bound: the biggest balloon that the guest allows, in pages
 *     2  TARGET           the size wanted, in pages; or the answer RESET
 *     3  INFLATE ppn
 *     4  DEFLATE ppn
 *     5  SWAPPED          how many of the VM's pages are on the host's disk
 *
 * Anything else: ~0.
 */
#ifndef VMM_VBALLOON_H
#define VMM_VBALLOON_H

#include "kernel/types.h"

struct vm;

enum { VBALLOON_MAGIC = 0x4E4C4C42 };

/* A life begins: no driver, no command. */
void vballoon_init(struct vm *vm);

u32 vballoon_in(struct vm *vm, u16 port, unsigned size);
void vballoon_out(struct vm *vm, u16 port, unsigned size, u32 value);

#endif
