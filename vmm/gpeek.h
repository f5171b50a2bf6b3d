/*
 * The running guest's memory through its own loaded shadow, with the MMU as the judge.
 * Apart from gmem.c, so that everything but the instructions compiles on the build
 * host.
 */
#ifndef VMM_GPEEK_H
#define VMM_GPEEK_H

#include "vmm/addr.h"

/*
 * n bytes, a multiple of 4, within one page below HOST_BASE. False: not mapped so; on a
 * failed poke nothing was written.
 */
bool gmem_peek(gva_t v, void *buf, u32 n);
bool gmem_poke(gva_t v, const void *buf, u32 n);

/* The byte at v, or -1 when it is not mapped or not the guest's. */
int gmem_byte(gva_t v);

#endif
