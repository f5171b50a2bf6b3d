/*
 * Machine memory as numbers and as a picture.
 */
#ifndef VMM_MEMMAP_H
#define VMM_MEMMAP_H

void show_memory(void);

/* One character a group of frames: who has most of it. */
void show_memory_map(void);

#endif
