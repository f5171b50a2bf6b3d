/*
 * Jumps that leave a stack behind (entry.S).
 */
#ifndef KERNEL_STACK_H
#define KERNEL_STACK_H

#include "kernel/trap.h"

/*
 * Goes to ring 3 with this frame, which must be the top of the running thread's stack.
 */
_Noreturn void guest_enter(struct trapframe *tf);

/* Starts over: calls fn(arg) on a stack that ends at sp. fn must not return. */
_Noreturn void stack_restart(void *sp, void (*fn)(void *), void *arg);

#endif
