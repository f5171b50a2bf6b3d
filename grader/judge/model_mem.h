/*
 * Lab 2's model, as its questions (ops_mem.c) use it.
 */
#ifndef GRADER_JUDGE_MODEL_MEM_H
#define GRADER_JUDGE_MODEL_MEM_H

#include "kernel/types.h"

/* Ends the oldest writes, so many; returns how many there were. */
u32 disk_finish(u32 count);

/* A guest of so many pages starts its driver, up to the end of its first turn. */
void driver_begin(u32 pages);

#endif
