/*
 * An address space for lab 1's tests: some slots of a directory, a few pages in each of
 * their tables. What is mapped where, and how, is rolled anew for each seed.
 */
#ifndef LABS_LAB1_JUDGE_SPACE_H
#define LABS_LAB1_JUDGE_SPACE_H

#include "grader/judge/vms.h"

enum { SLOTS = 5, PAGES_OF_SLOT = 6, ADDRESSES = SLOTS * PAGES_OF_SLOT };
enum { PG = 1u << 31, WP = 1u << 16, PSE = 1u << 4 };

struct space {
	u32 directory;
	u32 slot[SLOTS];	  /* of the directory */
	u32 index[PAGES_OF_SLOT]; /* of each table */
};

/* A machine, a VM with paging on, and a space in it; its tables are empty. */
void space_start(struct space *s);

/* Rolls where its pages are, and no more. */
void space_shape(struct space *s);

/* Another directory of the same shape. */
void space_like(struct space *s, const struct space *first);

u32 space_va(const struct space *s, u32 i); /* i < ADDRESSES: a page; a word in it */
u32 space_roll(const struct space *s);	    /* any of them */

/* Each page of it mapped: entries as `bits` says, and a table a slot. */
void space_fill(const struct space *s, u32 (*bits)(void));
u32 all_rights(void);  /* P, W, U */
u32 some_rights(void); /* P nearly always, W and U often */

/* So many accesses, in both modes, all over the space; audited now and then. */
void space_play(const struct space *s, u32 accesses);

/* Modes: the one that it is in now, and some other. */
void roll_mode(void);

#endif
