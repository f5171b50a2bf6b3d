/*
 * Attempts: running code that may do anything, and hearing what came of it. Not
 * reentrant: there is one launch and one outcome.
 */
#ifndef MINI_ATTEMPT_H
#define MINI_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

/* In the order of popal. */
struct launch_regs {
	uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
};

/* What attempt_run starts with: set by the caller, unchanged by the attempt. */
extern struct launch_regs launch_regs;

/* What ended the attempt. The error is 0 for vectors without one. */
extern uint32_t outcome_eax, outcome_vector, outcome_error, outcome_eip, outcome_cr2;

/*
 * Chooses where to begin: in ring 3 when `user`, else in ring 0; with this EIP, ESP and
 * EFLAGS. In ring 0 three words below ESP are used for the way in.
 */
void attempt_prepare(bool user, uint32_t eip, uint32_t esp, uint32_t eflags);

/* Goes there; returns at the next trap, be it an exception, an interrupt or `int n`. */
void attempt_run(void);

#endif
