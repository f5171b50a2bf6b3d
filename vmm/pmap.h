/*
 * The pmap: a VM's guest-"physical" memory. One entry a PPN: which machine page backs
 * it and in what state (paper, section 2). Everything above asks here; nothing else
 * maps a PPN to an MPN.
 *
 *      PPN     pmap[ppn]                      machine memory
 *      0x000   private  mpn 0x2a31 ---------> frame 0x2a31  owner vm 2, ppn 0x000
 *      0x001   unbacked
 *      0x0a0   device                         (reads all ones, writes vanish)
 *      0x100   private  mpn 0x1f00 ---------> frame 0x1f00  owner vm 2, ppn 0x100
 *      0x101   ballooned                      (the guest gave it away: balloon.h)
 *      0x102   swapped  slot 0x0017           (its bytes are on the disk: swap.h)
 */
#ifndef VMM_PMAP_H
#define VMM_PMAP_H

#include "vmm/addr.h"

struct vm;

enum pmap_state {
	PMAP_ABSENT,   /* beyond the VM's memory */
	PMAP_UNBACKED, /* never touched: zeroes, no frame yet */
	PMAP_PRIVATE,  /* one frame, this VM's alone */
	PMAP_SHARED,
	PMAP_BALLOONED,
	PMAP_SWAPPED,
	PMAP_DEVICE, /* the PC's hole 0xA0..0xFF, but for the text screen */
};

struct pmap_entry {
	u32 mpn : 20; /* of a swapped page: its slot */
	u32 state : 4;
	u32 pins : 8;
};

struct pmap {
	struct pmap_entry *entry; /* `pages` of them, in the heap; the VM owns it */
	u32 pages;
	u32 backed;		/* entries that have a frame */
	u32 ballooned, swapped; /* entries in these states */
};

/*
 * The frame of a private page, without further ado: the case that counts on the way of
 * every fault. False: any other state.
 */
static inline bool pmap_private(const struct pmap *pm, ppn_t p, mpn_t *m)
{
	if (p.n >= pm->pages || pm->entry[p.n].state != PMAP_PRIVATE)
		return false;
	*m = mpn(pm->entry[p.n].mpn);
	return true;
}

/* Makes / frees the table; freeing gives back every frame. False: no memory. */
bool pmap_create(struct vm *vm, u32 pages);
void pmap_destroy(struct vm *vm);

/* The state of a PPN, any u32; *m is set when it has a frame. Changes nothing. */
enum pmap_state pmap_lookup(const struct vm *vm, ppn_t p, mpn_t *m);

/*
 * Makes sure that a PPN has a frame (zeroed when fresh). A ballooned page is popped, a
 * swapped one read back. False when it is absent or a device, or when it is swapped and
 * this is not the VM's own thread. May sleep. Out of machine memory kills the VM.
 */
bool pmap_back(struct vm *vm, ppn_t p, mpn_t *m);

/*
 * The same, and private to this VM from now on: for every write, ours included. May
 * sleep.
 */
bool pmap_writable(struct vm *vm, ppn_t p, mpn_t *m);

/*
 * Holds a frame in place while a device or a perform step uses it. At most 255 deep.
 * May sleep.
 */
bool pmap_pin(struct vm *vm, ppn_t p, bool for_write, mpn_t *m);
void pmap_unpin(struct vm *vm, ppn_t p);

/*
 * For whoever takes frames away or brings them back: changes the state of a page that is
 * memory and not pinned. value: its MPN, its slot, or 0. The counts are kept; frames,
 * slots, traces and shadows are the caller's business.
 */
void pmap_set(struct vm *vm, ppn_t p, enum pmap_state s, u32 value);
bool pmap_pinned(const struct vm *vm, ppn_t p);

#endif
