/*
 * Loads FS or GS, which the host does not use and leaves to the guest. False when the
 * CPU refuses the selector (entry.S).
 */
#ifndef KERNEL_SEGLOAD_H
#define KERNEL_SEGLOAD_H

#include "kernel/types.h"

bool load_fs(u32 sel);
bool load_gs(u32 sel);

#endif
