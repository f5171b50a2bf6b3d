/*
 * GDT and TSS. Segments are flat; the TSS only tells the CPU which kernel
 * stack to take (SDM vol. 3A, 3.4.5 and 7.2.1).
 */
#ifndef SEGMENT_H
#define SEGMENT_H

#include <stdint.h>

/* Loads GDT, segment registers and task register; once. */
void segment_init(void);

/* The stack of the next entry from a program: the TSS is changed in memory. */
void segment_set_stack(uint32_t top);

#endif
