/*
 * Between the two halves of the console, output (console.c) and input (keys.c): which
 * channel has the focus, and words to the person at the terminal that belong to none.
 */
#ifndef KERNEL_CHANNEL_H
#define KERNEL_CHANNEL_H

#include "kernel/console.h"

unsigned channel_in_focus(void);
bool channel_is_open(unsigned channel);
bool channel_showing_all(void);

/* A line of the console's own. In no channel's history and no event. */
void channel_note(const char *text);

#endif
