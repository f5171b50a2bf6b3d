/*
 * What it costs that pages go and come back: the calls of bench(2) about that.
 */
#ifndef BENCHMEM_H
#define BENCHMEM_H

#include <stdint.h>

#include "../include/abi.h"

/* BENCH_TAKE and those that follow it in abi.h; 0, or a negative error. Never sleeps. */
int bench_memory(enum bench_op op, uint32_t count);

#endif
