/*
 * The clock chip and its battery-backed memory, ports 0x70 and 0x71 (Motorola
 * MC146818A). The clock starts at 2002-12-09 00:00:00 whenever the machine does, and
 * follows machine time. No alarm, periodic or update interrupts: IRQ 8 never comes,
 * status C reads 0.
 */
#ifndef VMM_VCMOS_H
#define VMM_VCMOS_H

#include "kernel/types.h"

struct vm;

enum { VCMOS_SIZE = 128 };

struct vcmos {
	u8 index;
	/* the clock's bytes hold what was set, while status B says SET */
	u8 ram[VCMOS_SIZE];
	s64 offset_s; /* guest's clock minus ours */
};

void vcmos_init(struct vm *vm);
u32 vcmos_in(struct vm *vm, u16 port, unsigned size);
void vcmos_out(struct vm *vm, u16 port, unsigned size, u32 value);

#endif
