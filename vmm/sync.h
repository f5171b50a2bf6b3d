/*
 * Keeping cached shadows true while the guest writes to its page tables.
 *
 *           first shadow made                     write to a leaf table
 *   plain ---------------------> traced --------------------------------> loose
 *     ^                        |   ^  ^                                     |
 *     |    last shadow gone    |   |  '---- some flushes without a change --'
 *     '------------------------'   '-- write to a directory in use: emulated, entry dropped
 *
 * Traced: all mappings of the guest table are read-only, so we hear of every write.
 * Loose: it is written freely, and compared with what its shadows were made from when
 * the guest flushes (CR3 load, INVLPG). Until then a shadow may be behind, just as a
 * real TLB may. A directory that is not in use loses its shadows at the first write.
 */
#ifndef VMM_SYNC_H
#define VMM_SYNC_H

#include "vmm/vm.h"

/* A guest table got its first shadow / lost its last. */
void sync_watch(struct vm *vm, u32 gfn);
void sync_forget(struct vm *vm, u32 gfn);

/* The guest writes to a traced table. True: it may, from now on. False: emulate it. */
bool sync_loosen(struct vm *vm, u32 gfn);

/* The same whatever the table is; its shadows are emptied. */
void sync_give_up(struct vm *vm, u32 gfn);

/*
 * The guest loads CR3 with this directory: what is in use under it is compared. The other
 * address spaces may wait until they are loaded.
 */
void sync_space(struct vm *vm, u32 directory);

/* INVLPG: one address. */
void sync_page(struct vm *vm, gva_t v);

/*
 * A leaf table comes under an entry of a directory (again): no TLB can hold what it said
 * while it was under none.
 */
void sync_linked(struct vm *vm, u32 gfn, u32 directory);

static inline bool sync_is_loose(const struct vm *vm, u32 gfn)
{
	return gfn < vm->mem_pages && vm->traces.flags[gfn] & TRACE_LOOSE;
}

#endif
