/*
 * The machine below: what a guest that is a VM can say to the hypervisor under it, through
 * port 0xBA11. A command with its argument is written, then the answer is read.
 *
 *     BELOW_HELLO            BELOW_MAGIC: there is somebody
 *     BELOW_START bound      our balloon begins, empty; it has `bound` pages at most
 *     BELOW_TARGET           how big it should be, in pages, or BELOW_RESET
 *     BELOW_INFLATE page     that page is theirs: 0, BELOW_REFUSED or BELOW_RESET
 *     BELOW_DEFLATE page     it is ours again: the same answers
 *     BELOW_SWAPPED          how many of our pages are on their disk
 *
 * A bare PC has no such port and reads all ones. Nothing here sleeps.
 */
#ifndef BELOW_H
#define BELOW_H

#include <stdint.h>

enum below_command {
	BELOW_HELLO = 0,
	BELOW_START = 1,
	BELOW_TARGET = 2,
	BELOW_INFLATE = 3,
	BELOW_DEFLATE = 4,
	BELOW_SWAPPED = 5,
};

#define BELOW_MAGIC 0x4E4C4C42u
#define BELOW_REFUSED ((uint32_t)-2) /* nothing was done, and asking again is no use */
#define BELOW_RESET ((uint32_t)-3) /* it has lost count: free all pages, START again */

/* One command, done at once; what came of it. The argument has 24 bits. */
uint32_t below_ask(enum below_command command, uint32_t argument);

/* BELOW_SWAPPED; 0 on a bare PC. */
uint32_t below_swapped(void);

#endif
