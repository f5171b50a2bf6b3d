/*
 * kmap: any machine page, mapped for a moment. Low pages are mapped for ever and cost
 * nothing. High ones go through a slot: slot number = MPN mod KMAP_SLOTS, next ones
 * when that is held. A slot keeps its page after kunmap, so a page that is asked for
 * again (a guest page table, say) costs a compare and no TLB flush.
 */
#ifndef KERNEL_KMAP_H
#define KERNEL_KMAP_H

#include "kernel/types.h"

/*
 * The page's address, until kunmap. At most KMAP_SLOTS high pages are held at once:
 * more is our bug.
 */
void *kmap(mpn_t m);

/* `p` may point anywhere into the page. */
void kunmap(const void *p);

#endif
