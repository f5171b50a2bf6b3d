/*
 * Balloon drivers that no guest should have: what a hostile or broken one tells the machine
 * below. Only for tests (hostile.c). They speak to the device themselves, whoever wrote
 * balloon.c; but for `touch`, the guest's own driver should be off (balloon=off).
 */
#ifndef BADBALLOON_H
#define BADBALLOON_H

#include "../include/abi.h"

/*
 * Does one of the kinds HOSTILE_BALLOON_*. 0: the machine below answered as it should,
 * -EIO: it did not, -EAGAIN: not now. Some never return.
 */
int bad_balloon(enum hostile_kind kind);

#endif
