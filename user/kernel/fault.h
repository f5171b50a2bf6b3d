/*
 * Page faults of programs: demand zero, stack growth, copy on write, swap-in,
 * and pages that only wait to be mapped.
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Makes the address usable. False when the program had no right to it; or when
 * memory is out or swap fails, and then the process is marked as killed.
 * `error` is the CPU's code (SDM vol. 3A, 4.7). May sleep.
 */
bool fault_handle(uint32_t address, uint32_t error);

#endif
