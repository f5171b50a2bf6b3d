/*
 * A VM whose memory is to be taken: some pages with known bytes, each mapped at two
 * addresses in tables of its own.
 */
#ifndef LABS_LAB2_JUDGE_SQUEEZED_H
#define LABS_LAB2_JUDGE_SQUEEZED_H

#include "grader/judge/mems.h"

enum { SQUEEZED = 60 };

extern u32 squeezed[SQUEEZED]; /* their PPNs; page i is filled from seed i */

/* A machine, a VM with a driver that has started, and those pages. */
void start_squeezed(void);

/* Where page i is mapped: alias 0 or 1. The guest uses both, in both modes. */
u32 squeezed_va(u32 i, u32 alias);
void touch_squeezed(u32 i);
u32 page_directory(void);

const char *answer_text(u32 answer);
void must_answer(u32 found, enum balloon_answer expected);

#endif
