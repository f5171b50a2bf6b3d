/*
 * Chance: one generator, seeded once a life, so that a run can be had again.
 */
#ifndef CHAOS_RANDOM_H
#define CHAOS_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* The same two numbers give the same life. */
void random_seed(uint32_t seed, uint32_t life);

uint32_t random32(void);
/* 0 .. n - 1; n is not 0. */
uint32_t random_below(uint32_t n);
/* True once in n times. */
bool once_in(uint32_t n);

#endif
