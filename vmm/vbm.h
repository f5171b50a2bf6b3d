/*
 * The bus master half of the virtual disk, for vide.c and vata.c alone.
 */
#ifndef VMM_VBM_H
#define VMM_VBM_H

#include "kernel/types.h"

struct vm;

/* Starts the transfer if drive, bus master and PCI are all ready for it. May sleep. */
void vbm_try(struct vm *vm);

/* A host request of the transfer is done: goes on or ends it. Never sleeps. */
void vbm_done(struct vm *vm, int error);

/* Gives back all pins. Never sleeps. */
void vbm_release(struct vm *vm);

/* The interrupt line rose: the status register remembers. */
void vbm_saw_interrupt(struct vm *vm);

#endif
