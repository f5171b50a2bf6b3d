/*
 * The odd ports: the Bochs "Shutdown" port 0x8900, port 0x92, and the info port 0xBA10.
 * Write an index there, then read:
 *     0     0x424C5354 "BLST": this is a Ballast VM (a bare PC reads all ones)
 *     1, 2  ticks that the host was halted, low and high word, as of writing index 1
 *     3, 4  exits of this VM, low and high word, as of writing index 3
 *     5     the VM's id
 */
#ifndef VMM_VMISC_H
#define VMM_VMISC_H

#include "kernel/types.h"

struct vm;

enum { VMISC_MAGIC = 0x424C5354 };

struct vmisc {
	u8 shutdown; /* letters of "Shutdown" seen so far */
	u32 index;
	u64 halted, exits; /* latched */
};

void vmisc_init(struct vm *vm);
u32 vmisc_in(struct vm *vm, u16 port, unsigned size);
void vmisc_out(struct vm *vm, u16 port, unsigned size, u32 value);

#endif
