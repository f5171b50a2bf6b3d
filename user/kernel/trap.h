/*
 * The frame that vectors.S pushes, and the one way into the kernel. All gates
 * are interrupt gates; only the system call's may be used by programs.
 */
#ifndef TRAP_H
#define TRAP_H

#include <stdbool.h>
#include <stdint.h>

struct trapframe {
	uint32_t es, ds;
	uint32_t edi, esi, ebp, esp_of_pushal, ebx, edx, ecx, eax;
	uint32_t vector, error;
	uint32_t eip, cs, eflags;
	uint32_t esp, ss; /* only when a program was interrupted */
};

/* Fills and loads the IDT. */
void trap_init(void);

/* From vectors.S, for every vector. */
void trap(struct trapframe *frame);

#endif
