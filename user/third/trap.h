/*
 * Traps: what a stub leaves on the stack, and who wants to hear of an interrupt.
 */
#ifndef THIRD_TRAP_H
#define THIRD_TRAP_H

#include <stdint.h>

/* As the stubs of vectors.S push it; user_esp and user_ss only when from ring 3. */
struct frame {
	uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
	uint32_t es, ds;
	uint32_t vector, error;
	uint32_t eip, cs, eflags;
	uint32_t user_esp, user_ss;
};

/* Loads GDT, IDT and TSS; the PIC's interrupts go to VECTOR_IRQ, all masked. */
void trap_init(void);

/* From now on `handler` runs at each interrupt of this line, with interrupts off. */
void irq_open(uint32_t irq, void (*handler)(const struct frame *f));

/* The next fault, wherever it is, goes on at `eip` with its vector in EAX. */
void trap_catch(uint32_t eip);

/* Called by the stubs. */
void trap(struct frame *f);

#endif
