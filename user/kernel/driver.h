/*
 * The balloon driver (paper, section 3.2). A machine that is a VM may want memory back. It
 * says so by a target, which we ask for every 100 ms; we take pages from our own allocator,
 * which makes room by its own rules, pin them, and tell the machine below which they are.
 * Their bytes are lost; until they are taken back nobody may touch them.
 *
 *     target > size   inflate: at most `rate` pages each time
 *     target < size   deflate: tell, then free
 *     RESET           the machine below has lost count: free all, start anew
 *
 * The rate follows the guest: it halves when memory was short, and grows when it was not.
 * The balloon never takes more than balloon=N percent of memory.
 *
 * A bare PC has no such port and reads all ones: then there is no driver.
 */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdint.h>

enum {
	BALLOON_PERCENT = 65, /* of memory, unless balloon=N says otherwise */
	BALLOON_POLL_MS = 100,
	BALLOON_RATE_MIN = 4, /* pages each time */
	BALLOON_RATE_MAX = 128,
	BALLOON_RATE_STEP = 16,
	BALLOON_RATE_DOWN = 256,  /* pages taken back each time: that is never short */
	BALLOON_REFUSED_MAX = 16, /* pages that the machine below would not have */
};

/* Starts the driver, if there is a device and the option allows it. May sleep. */
void driver_start(void);

/* One turn: asks for the target and goes towards it. May sleep. */
void driver_poll(void);

#endif
