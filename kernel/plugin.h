/*
 * The harness's device: four 32-bit ports that our Bochs plugin answers on. Without it
 * (QEMU, or a Bochs that it does not fit) reads are all ones and writes vanish.
 */
#ifndef KERNEL_PLUGIN_H
#define KERNEL_PLUGIN_H

#include "kernel/types.h"

bool plugin_present(void);

/* The seed that this run was given from outside; all ones without a plugin. */
u32 plugin_seed(void);

/*
 * Something outside reads all of machine memory, at this instant, as checkpoint
 * `number`.
 */
void plugin_checkpoint(u32 number);

/* Tells the verdict, with the tick at which it was told. */
void plugin_exit(u32 status);

#endif
