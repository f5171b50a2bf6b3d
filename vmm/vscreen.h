/*
 * The text screen of a VM: 25 rows of 80 cells at guest-physical 0xB8000, a character and
 * its colours each (IBM PC CGA/VGA text mode 3). There is no display adapter: a guest that
 * writes there writes to memory, and here it is looked at.
 */
#ifndef VMM_VSCREEN_H
#define VMM_VSCREEN_H

#include "kernel/types.h"

struct vm;

enum { SCREEN_COLUMNS = 80, SCREEN_ROWS = 25 };

/*
 * Row `row`, 0 on top, as text without the blanks at its end; what cannot be printed is
 * a question mark. A page that was never touched is blank and stays without a frame.
 * Never sleeps.
 */
void vscreen_row(const struct vm *vm, unsigned row, char text[SCREEN_COLUMNS + 1]);

#endif
