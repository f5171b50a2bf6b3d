/*
 * Host threads. Each VM is one, the monitor is one, and so on; each has a kernel stack
 * of its own with an unmapped guard page below it. Ring 0 is not preempted: a thread
 * gives up the CPU only where it calls something that says "may sleep", or when an
 * interrupt finds it in ring 3. Interrupts are off in ring 0 but for the idle thread's
 * `hlt`, so code in ring 0 needs no locks, and interrupt handlers need none either.
 *
 * Threads of class SYSTEM run before all VMs, in turn. Of the VMs the one with the
 * least virtual time runs, until the next tick: round robin by the time that they
 * really used.
 */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include "kernel/types.h"

enum thread_class { THREAD_SYSTEM, THREAD_VM };
enum thread_state { THREAD_UNUSED, THREAD_READY, THREAD_RUNNING, THREAD_SLEEPING };
enum {
	THREAD_MAX = 32,
	THREAD_STACK = 16 * KIB,
	THREAD_FRAME_SPACE = 80,
	THREAD_NAME = 16
};

struct thread;

/* What else has to change when a thread gets or loses the CPU; NULL for nothing. */
struct thread_hooks {
	void (*switch_in)(void *arg);
	void (*switch_out)(void *arg);
};

struct thread {
	u32 esp; /* saved stack pointer while not running */
	enum thread_state state;
	enum thread_class class;
	char name[THREAD_NAME];
	u8 *stack; /* lowest mapped byte; THREAD_STACK bytes */
	const struct thread_hooks *hooks;
	void (*fn)(void *arg);
	void *arg;
	u64 vtime_ns;	/* CPU time used, as the scheduler counts it */
	u64 started_ns; /* when it last got the CPU */
	u64 used_ns;	/* CPU time used in all */
	u64 wake_ns;	/* sleeping with a deadline: when; else 0 */
	struct waitq *waiting;
	struct thread *next; /* in the wait queue */
};

/* A place to wait for something. All zero is empty. */
struct waitq {
	struct thread *head;
};

void thread_init(void);
struct thread *thread_self(void);
const struct thread *thread_at(unsigned i); /* 0 .. THREAD_MAX - 1; NULL: unused */

/*
 * The first THREAD_FRAME_SPACE bytes below the top of a stack stay free: a trap from
 * ring 3 leaves its frame there.
 */

/*
 * A new READY thread that runs fn(arg) and ends when it returns. Panics when there are
 * too many.
 */
struct thread *thread_create(const char *name, enum thread_class class,
			     const struct thread_hooks *hooks, void (*fn)(void *),
			     void *arg);
_Noreturn void thread_exit(void);
void *thread_stack_top(const struct thread *t);

/* May sleep (that is what they are for). */
void thread_yield(void);
void thread_wait(struct waitq *q);
bool thread_wait_until(struct waitq *q,
		       u64 deadline_ns); /* false: the deadline passed */
void thread_sleep_until(u64 deadline_ns);

/* Never sleep; may be called from interrupt handlers. */
void thread_tick(void);		   /* every tick: deadlines, end of slice */
void thread_wake(struct waitq *q); /* all of them */
bool thread_should_yield(void);	   /* a better thread is ready, or the slice is over */

/* The boot stack becomes the idle thread. */
_Noreturn void thread_idle(void);

#endif
