/*
 * Two exceptions at once: what comes of a fault while another is being delivered. SDM
 * vol. 3, table 6-5 and "Interrupt 8 - Double Fault Exception".
 */
#ifndef VMM_DFAULT_H
#define VMM_DFAULT_H

#include "kernel/types.h"

enum dfault {
	/* deliver the second one; the first comes again when it returns */
	DFAULT_SERIAL,
	DFAULT_DOUBLE, /* deliver #DF with error code 0 */
	DFAULT_TRIPLE, /* shutdown: the machine resets */
};

/*
 * Vectors of the event that was being delivered and of the exception met on the way.
 * Interrupts, and `int n` whatever its n, are benign: pass DFAULT_INTERRUPT for them.
 */
enum { DFAULT_INTERRUPT = 32 };
enum dfault dfault_combine(unsigned first, unsigned second);

#endif
