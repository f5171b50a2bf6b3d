/*
 * A new root takes over the leaves that it shares with the root before it: the directories
 * of one kernel's processes are alike where they map the kernel. Without this each of them
 * comes by a fault.
 */
#ifndef VMM_ADOPT_H
#define VMM_ADOPT_H

#include "vmm/vm.h"

/*
 * The guest has loaded CR3, and the root now in use is empty; `before` is the number of the
 * one that was, or STABLE_NONE. Never sleeps.
 */
void adopt_leaves(struct vm *vm, u16 before);

#endif
