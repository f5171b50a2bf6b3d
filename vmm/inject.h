/*
 * Injection: what the CPU does with an interrupt or exception, done by hand on the
 * virtual CPU (SDM vol. 3, 6.12). The gate is read from the guest's IDT, the frame is
 * pushed on the guest's stack, and the guest goes on in its handler.
 *
 *      esp before ->  +-----------+  only from user mode:
 *                     | ss, esp   |  on the stack that the TSS names
 *                     | eflags    |  with the virtual IF
 *                     | cs        |  RPL 0 if it was the kernel
 *                     | eip       |
 *      esp after ->   | error     |  if there is one
 *                     +-----------+
 */
#ifndef VMM_INJECT_H
#define VMM_INJECT_H

#include "vmm/gmem.h"

struct vm;

enum trap_source { TRAP_EXCEPTION, TRAP_INTERRUPT, TRAP_SOFTWARE };

struct trap_event {
	u8 vector;
	enum trap_source source;
	bool has_error;
	u32 error;
	u32 eip; /* to return to */
};

/*
 * Delivers one event. False: delivering it faulted; nothing changed, *f is that fault.
 * May sleep.
 */
bool inject_once(struct vm *vm, const struct trap_event *e, struct gfault *f);

/*
 * Delivers a fault of the guest at its current EIP, through the double-fault table: a
 * fault on the way may take its place, become a double fault, or reset the VM. Sets
 * CR2.
 */
void inject_fault(struct vm *vm, const struct gfault *fault);

/* The same for an interrupt from the virtual PIC. */
void inject_interrupt(struct vm *vm, u8 vector);

/* Shorthand: an exception without / with an error code. */
void inject_exception(struct vm *vm, u8 vector);
void inject_error(struct vm *vm, u8 vector, u32 error);

#endif
