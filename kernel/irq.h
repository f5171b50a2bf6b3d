/*
 * Hardware interrupts of the machine: who handles which IRQ. Handlers never sleep.
 */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H

#include "kernel/types.h"

/*
 * Acknowledges and handles. Called with interrupts off, from ring 0's trap or a guest's
 * exit.
 */
void irq_dispatch(unsigned irq);

#endif
