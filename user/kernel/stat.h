/*
 * The kernel's counters, in the form in which programs get them.
 */
#ifndef STAT_H
#define STAT_H

#include "../include/abi.h"

extern struct abi_stat stat;

#endif
