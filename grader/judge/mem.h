/*
 * What lab 2's machine has more than the others: a disk with a swap area, a guest's pages
 * with the machine below them, and a book of the frames that were given back. It lies in
 * the arena, so the judge writes the script and reads what came of it.
 */
#ifndef GRADER_JUDGE_MEM_H
#define GRADER_JUDGE_MEM_H

#include "kernel/types.h"
#include "user/kernel/page.h"

enum { MEM_SLOTS = 256, FREED_MAX = 256, GUEST_PAGES = 2048, ASKED_MAX = 8192 };

/* The host's disk: writes wait until they are told to end, reads are done at once. */
struct swap_disk {
	u8 bytes[MEM_SLOTS][PAGE_SIZE];
	u32 pending, reads, writes;
	bool fail; /* requests end with an error */
};

/* A frame, and who could still reach it at the moment when it was given back. */
struct freed {
	u32 mpn, ppn, owner;
	u8 mapped, in_tlb, in_pmap, traced;
};

/* A question to the machine below. */
struct asked {
	u32 command, argument, answer;
	u8 type; /* enum page_type of the page at that moment */
};

struct below {
	struct page page[GUEST_PAGES];
	/* the script */
	u32 magic, target;
	u32 percent;	     /* balloon=N */
	u32 left;	     /* page_alloc finds so many more; ~0: all that are free */
	u32 slow;	     /* and takes so many ticks for each */
	u32 reset_in;	     /* RESET from this question on, counted down; 0: never */
	u8 bad[GUEST_PAGES]; /* those that are refused */
	/* what came of it */
	bool served, reset_due;
	u32 starts, bound;
	u8 theirs[GUEST_PAGES]; /* was given, and is not taken back */
	u32 given;		/* so many are */
	u32 asks;
	struct asked ask[ASKED_MAX]; /* the first of them */
};

struct mem {
	struct swap_disk disk;
	bool watch_tlb; /* the TLB is looked at too when a frame is freed: slow */
	u32 frees;
	struct freed freed[FREED_MAX]; /* the last of them, in turn */
	struct below below;
};

#endif
