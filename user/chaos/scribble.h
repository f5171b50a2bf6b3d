/*
 * What the chaos does to tables and devices between its pieces of code: all of it data,
 * so that nothing here can fault.
 */
#ifndef CHAOS_SCRIBBLE_H
#define CHAOS_SCRIBBLE_H

#include <stdint.h>

/* All directories and tables of the arena begin with something in them. */
void scribble_all(void);
/* A few entries change; nobody is told. */
void scribble_entries(void);
/*
 * Makes the code page show at some address of this directory, and returns that; the page
 * behind it as well.
 */
uint32_t scribble_code_alias(uint32_t directory, uint32_t code_page);
/* Random segment descriptors and gates, but mostly not those that lead back. Loads them. */
void scribble_descriptors(void);
/* A random request for the disk, with random descriptors for its DMA. */
void scribble_disk(void);

#endif
