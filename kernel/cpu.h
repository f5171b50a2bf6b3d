/*
 * What this CPU can do, found once at boot and then switched on: SMEP and SMAP (a NULL
 * or a guest's pointer used by mistake stops in our code, instead of reading the
 * guest), UMIP (sgdt and its like trap in ring 3), PVI (cli and sti cost the guest
 * nothing).
 */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

#include "kernel/types.h"

struct cpu_features {
	bool smep, smap, umip, pvi;
	u32 cr4;     /* as the host runs, and a guest's user mode */
	u32 cr4_pvi; /* and a guest's kernel: with PVI where there is PVI */
	char vendor[13];
};
extern struct cpu_features cpu_features;

/*
 * Panics without UMIP: the guest could see host tables. Options: smap=off pvi=off
 * smep=off.
 */
void cpu_init(void);

#endif
