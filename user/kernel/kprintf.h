/*
 * What the kernel says, and how it dies. kprintf prints whole lines to the
 * UART and may be called anywhere; it does not sleep.
 */
#ifndef KPRINTF_H
#define KPRINTF_H

#include "assert.h"

void kprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
