/*
 * Who runs: round robin over the ready processes, wait queues, sleeping
 * locks, and the one place where the machine halts.
 *
 * The kernel runs with interrupts off and is not preempted: between two calls
 * that may sleep, everything is atomic.
 */
#ifndef SCHED_H
#define SCHED_H

#include <stdbool.h>
#include <stdint.h>

struct proc;

struct waitq {
	struct proc *head;
	struct proc *tail;
};

struct mutex {
	bool held;
	struct waitq waiting;
};

/* Set when the running process's slice is over; looked at on return to it. */
extern bool need_resched;

/* Puts a process at the end of the run queue. */
void sched_ready(struct proc *proc);

/* Runs somebody else; the caller has queued `current` somewhere. Sleeps. */
void schedule(void);

/* Back to the end of the run queue. Sleeps. */
void sched_yield(void);

/* Counts the running process's slice; from the timer. */
void sched_tick(void);

/* Sleeps until woken; if `breakable`, a kill wakes too (check proc->killed). */
void sleep_on(struct waitq *queue, bool breakable);

/* Wakes all sleepers; fine in interrupts. */
void wake_all(struct waitq *queue);

/* Wakes one process if it sleeps breakably. */
void sched_break(struct proc *proc);

/* A sleeping lock; mutex_lock may sleep. */
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

/* Interrupts call this first: ends the count of halted ticks, if halted. */
void sched_end_idle(void);

#endif
