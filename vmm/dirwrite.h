/*
 * The quick way of a write to the page directory in use. It stays traced, so each write to
 * it faults; a kernel does that whenever a process gets or loses a page table.
 */
#ifndef VMM_DIRWRITE_H
#define VMM_DIRWRITE_H

#include "vmm/addr.h"

struct vm;

/*
 * A write at v, below HOST_BASE, faulted although v is mapped. True: it was a store to the
 * directory and is done. False: nothing was done. Never sleeps.
 */
bool dirwrite(struct vm *vm, gva_t v);

#endif
