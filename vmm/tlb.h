/*
 * The hardware's TLB. A permission that shrinks must be flushed by us (TRAPS 12); one
 * that grows need not be.
 */
#ifndef VMM_TLB_H
#define VMM_TLB_H

#include "vmm/addr.h"

/* Forgets one page / everything of the address space that is loaded. */
void tlb_flush_page(gva_t v);
void tlb_flush(void);

/* Leaves the guest's root for the host's own, as all shadows are about to go. */
void tlb_park(void);

#endif
