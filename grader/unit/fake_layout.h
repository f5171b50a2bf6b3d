/*
 * Included before everything else in the test of kernel/bootinfo.c: low memory is an array,
 * and the image ends 3 MiB into it, wherever the linker put things.
 */
#ifndef GRADER_UNIT_FAKE_LAYOUT_H
#define GRADER_UNIT_FAKE_LAYOUT_H

#include "kernel/layout.h"
#include "kernel/types.h"

enum { FAKE_IMAGE_END = 0x300000 };
extern u8 fake_low[LOWMAP_MAX];

#undef LOWMAP_BASE
#define LOWMAP_BASE ((uintptr_t)fake_low)
#undef IMAGE_BASE
#define IMAGE_BASE ((u32)(uintptr_t)image_end - FAKE_IMAGE_END)
#undef HEAP_BASE
#define HEAP_BASE 0xFE800000ul

#endif
