/*
 * The one random generator of the machine. Every choice that has to look random
 * (victims, scan order, probes) comes from here, so one seed gives one run, to the
 * tick. Not for secrets. PCG-XSH-RR 64/32 (M. O'Neill, "PCG", HMC-CS-2014-0905,
 * section 6.3).
 */
#ifndef KERNEL_RNG_H
#define KERNEL_RNG_H

#include "kernel/types.h"

void rng_seed(u32 seed);

u32 rng_u32(void);

/* 0 .. n-1, each as likely as the others. n > 0. */
u32 rng_below(u32 n);

#endif
