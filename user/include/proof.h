/*
 * What a guest leaves in its memory for a reader outside the machine: the program proof
 * works, stage by stage, with numbers from a seed, and the kernel keeps what came out in
 * an array, proof_entries. Who knows the seed knows what must stand there
 * (grader/oracle/proof.c), and nobody else has a reason to write it.
 */
#ifndef PROOF_H
#define PROOF_H

#include <stdint.h>

enum {
	PROOF_MAGIC = 0x464F5250,
	PROOF_PAGES = 32,	/* of the area that most stages work on */
	PROOF_SHRUNK = 16,	/* so many go, and come back as zeroes */
	PROOF_MARKED = 16,	/* pages that are read or written, and looked at */
	PROOF_STORMS = 16,	/* children, one after the other */
	PROOF_SWAP_PAGES = 768, /* more than a machine of 4 MiB has left */
	PROOF_STEPS = 64,	/* of a round of the last stage */
	PROOF_SEED_MAX = 0x7fffffff,
};

/* One value each, kept when the stage is done. */
enum proof_slot {
	PROOF_ALIVE,  /* the program runs */
	PROOF_ZERO,   /* new memory is zero */
	PROOF_FILL,   /* what was written is read back */
	PROOF_CHILD,  /* after fork the child has a copy */
	PROOF_PARENT, /* and the parent's stays */
	PROOF_USER,   /* programs that reach for the kernel's memory are ended */
	PROOF_MARKS,  /* A and D bits in page-table entries are those of the accesses */
	PROOF_STORM,  /* fork and exec, tables that come and go */
	PROOF_SHRINK, /* memory given back and got again is zero */
	PROOF_SWAP,   /* pages go to the disk and come back */
	PROOF_SCAN,   /* all of RAM was looked at */
	PROOF_ROUND,  /* the last stage never ends: rounds so far */
	PROOF_CHAIN,  /* and what they have made */
	PROOF_SLOTS
};

struct proof_entry {
	uint32_t magic, seed, slot, value;
};

/* Operations of SYS_PROOF. */
enum proof_op {
	PROOF_BEGIN, /* (seed): forgets all that was kept */
	PROOF_KEEP,  /* (slot, value) */
	PROOF_LOOK,  /* (address): 1 = A, 2 = D of its entry, which lose both */
	PROOF_TOUCH, /* (): reads a word of each page of RAM; how many pages */
};

#endif
