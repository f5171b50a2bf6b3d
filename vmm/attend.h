/*
 * What has to be done between exits and entries: the host's wishes (pause, kill,
 * restart), giving up the CPU, the virtual `hlt`, and delivering interrupts.
 */
#ifndef VMM_ATTEND_H
#define VMM_ATTEND_H

#include "vmm/mode.h"

/*
 * Is there anything to attend to before the next entry? An interrupt that the guest does
 * not want now is nothing, once the CPU knows (VIP) that we want to hear of its sti.
 */
static inline bool attend_due(const struct vm *vm)
{
	if (vm->attention != ATTEND_IRQ)
		return vm->attention;
	if (mode_has_pvi(vm))
		return vm->tf->eflags & FL_VIF || !(vm->tf->eflags & FL_VIP);
	return vm->cpu.vif;
}

/* Called with the guest's registers complete. May sleep; may not return (kill). */
void attend(struct vm *vm);

/* Ends every exit. */
static inline void attend_if_due(struct vm *vm)
{
	if (vm->attention && attend_due(vm))
		attend(vm);
}

/* vm->attention from the state of the virtual PIC. Never sleeps. */
void attend_irq_changed(struct vm *vm);

#endif
