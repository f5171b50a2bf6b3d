/*
 * What has to be done between exits and entries: the host's wishes (pause, kill,
 * restart), giving up the CPU, the virtual `hlt`, and delivering interrupts.
 */
#ifndef VMM_ATTEND_H
#define VMM_ATTEND_H

#include "vmm/mode.h"

/* Called with the guest's registers complete. May sleep; may not return (kill). */
void attend(struct vm *vm);

/* The same, if anything is due. */
void attend_perhaps(struct vm *vm);

/* Ends every exit. */
static inline void attend_if_due(struct vm *vm)
{
	if (vm->attention)
		attend_perhaps(vm);
}

/* vm->attention from the state of the virtual PIC. */
static inline void attend_irq_changed(struct vm *vm)
{
	if (vpic_due(&vm->pic))
		vm->attention |= ATTEND_IRQ;
	else
		vm->attention &= ~(u32)ATTEND_IRQ;
}

#endif
