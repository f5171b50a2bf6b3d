/*
 * The machine of a unit test: one piece of memory that two processes map at the same
 * address. The *subject* runs the code under test on it; the *judge* reads from outside
 * what came of it, and plays the CPU. So pointers in it mean the same to both, and nothing
 * that decides a verdict lies in it: whatever a subject scribbles here, it writes only
 * into its own machine.
 *
 *      ARENA_AT   struct machine: counters, the TLB, VMs, the frame table
 *                 page[0 .. MACHINE_PAGES)    machine memory
 *                 page[MACHINE_PAGES .. )     the heap; its pages have MPNs as well
 */
#ifndef GRADER_JUDGE_ARENA_H
#define GRADER_JUDGE_ARENA_H

#include "grader/judge/mem.h"
#include "kernel/frame.h"
#include "vmm/vm.h"

#define ARENA_AT 0x200000000000ul

enum {
	MACHINE_PAGES = 4096,
	HEAP_PAGES = 2048,
	ALL_PAGES = MACHINE_PAGES + HEAP_PAGES
};
enum { HEAP_BLOCKS = 512, VM_COUNT = 2 };

/* A block of the heap: `pages` of them from page `first` on; 0 pages: free. */
struct block {
	u32 first, pages, bytes;
};

/*
 * What the worst of TLBs might hold: all that the CPU ever walked, until somebody flushes.
 * An entry counts while its epoch is the current one.
 */
struct tlb_entry {
	u32 epoch;
	u32 entry; /* MPN and PTE_P, PTE_W, of both levels together */
};

struct tlb {
	u32 cr3;	 /* the root that is loaded */
	u32 epoch;	 /* from 1 on; flushing everything adds one */
	u32 upper_epoch; /* of what is kept of the directory: INVLPG ends it, too */
	u32 flushes, pages_flushed; /* counted */
	struct tlb_entry upper[PAGE_WORDS];
	struct tlb_entry page[1u << 20];
};

/* Calls of what lies beyond the model. */
struct calls {
	u32 kmaps; /* held just now */
	u32 patch_overwritten, segs_written, segs_untrace;
};

struct machine {
	struct calls calls;
	u32 heap_left; /* allocations until the heap is empty; ~0: never */
	struct block block[HEAP_BLOCKS];
	struct vm vm[VM_COUNT];
	struct tlb tlb;
	struct mem mem; /* lab 2's */
	/* The table stands at the end, so that what is beyond it is beyond the array, too. */
	struct frame frames[ALL_PAGES];
	_Alignas(PAGE_SIZE) u8 beyond[PAGE_SIZE];
	_Alignas(PAGE_SIZE) u8 page[ALL_PAGES][PAGE_SIZE];
};

#define arena ((struct machine *)ARENA_AT)

#endif
