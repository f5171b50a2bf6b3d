/*
 * What has to be done between exits and entries: the host's wishes (pause, kill,
 * restart), giving up the CPU, the virtual `hlt`, and delivering interrupts.
 */
#ifndef VMM_ATTEND_H
#define VMM_ATTEND_H

struct vm;

/* Called with the guest's registers complete. May sleep; may not return (kill). */
void attend(struct vm *vm);

/* vm->attention from the state of the virtual PIC. Never sleeps. */
void attend_irq_changed(struct vm *vm);

#endif
