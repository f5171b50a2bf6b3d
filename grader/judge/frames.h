/*
 * Lab 0's tests: a frame table of any size, and the calls of kernel/frame.h on it.
 */
#ifndef GRADER_JUDGE_FRAMES_H
#define GRADER_JUDGE_FRAMES_H

#include "grader/judge/judge.h"

/* frame_init on a table of so many frames; where that table lies. */
void start_frames(u32 count, u32 low);
struct frame *table_of(u32 count);

#endif
