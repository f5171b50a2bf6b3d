/*
 * The hooks that the kernel calls and the VMM fills in: all that this layer knows of
 * VMs.
 */
#ifndef KERNEL_HOOKS_H
#define KERNEL_HOOKS_H

#include "kernel/trap.h"

/*
 * A trap came from ring 3. `tf` is at the top of the running thread's stack; on return
 * the CPU goes back to it. May sleep.
 */
void guest_exit(struct trapframe *tf);

/*
 * Loading the guest's segments on the way out failed. `tf` is the frame that was being
 * loaded, with vector and error of that fault. On return it is tried again. May sleep.
 */
void guest_reload_fault(struct trapframe *tf);

/*
 * After a panic's backtrace: print the state of the guest that was running, if one was.
 */
void panic_guest_state(void);

/* Start the VMM: called once, from main, when everything below stands. */
void vmm_init(void);

#endif
