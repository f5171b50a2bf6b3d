/*
 * The one task in ring 3.
 */
#ifndef THIRD_TASK_H
#define THIRD_TASK_H

#include <stdint.h>

struct frame;

/* Where the CPU goes for a trap from ring 3. */
enum { TASK_TRAP_STACK = 4096 };
extern uint8_t task_trap_stack[TASK_TRAP_STACK];

/* Maps the task, runs it until it is done. Interrupts are on in it. */
void task_run(void);

/* `int $VECTOR_CALL`. */
void task_call(struct frame *f);

/* The timer came while the task ran. */
void task_tick(void);

#endif
