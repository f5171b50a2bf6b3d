/*
 * The scheduler. A process is on exactly one list: the run queue, or the
 * queue of what it waits for, or none while it runs. When nobody is ready,
 * the process that called last halts on its own stack until an interrupt
 * makes somebody ready.
 */
#include "sched.h"

#include "assert.h"
#include "proc.h"
#include "segment.h"
#include "stat.h"
#include "x86.h"

enum { SLICE_TICKS = 3 };

bool need_resched;

static struct waitq run_queue;
static uint32_t slice_left;
static uint64_t idle_since; /* TSC at hlt, 0 while not halted */

void context_switch(uint32_t *save_esp, uint32_t next_esp);

/* Appends to a list. */
static void push(struct waitq *queue, struct proc *proc)
{
	assert(proc->queue == NULL);
	proc->queue = queue;
	proc->next = NULL;
	if (queue->tail != NULL)
		queue->tail->next = proc;
	else
		queue->head = proc;
	queue->tail = proc;
}

/* Takes the first off a list, NULL when it is empty. */
static struct proc *pop(struct waitq *queue)
{
	struct proc *proc = queue->head;

	if (proc == NULL)
		return NULL;
	queue->head = proc->next;
	if (queue->head == NULL)
		queue->tail = NULL;
	proc->queue = NULL;
	return proc;
}

/* New processes come through here, and those that wake. */
void sched_ready(struct proc *proc)
{
	proc->state = PROC_READY;
	push(&run_queue, proc);
}

/* The only hlt. An interrupt handler counts the time (sched_end_idle). */
static void idle(void)
{
	idle_since = rdtsc();
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

/* First thing in each interrupt, so that the handler counts as busy. */
void sched_end_idle(void)
{
	if (idle_since == 0)
		return;
	stat.halted += rdtsc() - idle_since;
	idle_since = 0;
}

/* Switches stacks, and address spaces when they differ. */
static void switch_to(struct proc *next)
{
	struct proc *previous = current;

	current = next;
	stat.switches++;
	segment_set_stack(next->stack_top);
	if (!next->service)
		space_load(&next->space);
	context_switch(&previous->esp, next->esp);
}

/* Halts until there is somebody to run. */
void schedule(void)
{
	struct proc *next;

	while ((next = pop(&run_queue)) == NULL)
		idle();
	need_resched = false;
	slice_left = SLICE_TICKS;
	if (next != current)
		switch_to(next);
}

/* At the end of a slice, and for the system call. */
void sched_yield(void)
{
	if (run_queue.head == NULL) {
		need_resched = false;
		return;
	}
	push(&run_queue, current);
	schedule();
}

/* The slice is only over when somebody else wants the CPU. */
void sched_tick(void)
{
	if (slice_left > 0)
		slice_left--;
	if (slice_left == 0 && run_queue.head != NULL)
		need_resched = true;
}

/* The caller checks its condition again afterwards. */
void sleep_on(struct waitq *queue, bool breakable)
{
	current->state = PROC_ASLEEP;
	current->breakable = breakable;
	push(queue, current);
	schedule();
}

/* In the order in which they came. */
void wake_all(struct waitq *queue)
{
	struct proc *proc;
	struct waitq woken = *queue;

	queue->head = NULL;
	queue->tail = NULL;
	while ((proc = pop(&woken)) != NULL)
		sched_ready(proc);
}

/* Unlinks the process from whatever it waits for. */
void sched_break(struct proc *proc)
{
	struct proc *before = NULL;
	struct waitq *queue = proc->queue;

	if (proc->state != PROC_ASLEEP || !proc->breakable)
		return;
	for (struct proc *at = queue->head; at != proc; at = at->next)
		before = at;
	if (before != NULL)
		before->next = proc->next;
	else
		queue->head = proc->next;
	if (queue->tail == proc)
		queue->tail = before;
	proc->queue = NULL;
	sched_ready(proc);
}

/* May sleep. */
void mutex_lock(struct mutex *mutex)
{
	while (mutex->held)
		sleep_on(&mutex->waiting, false);
	mutex->held = true;
}

/* Whoever wakes first takes it. */
void mutex_unlock(struct mutex *mutex)
{
	assert(mutex->held);
	mutex->held = false;
	if (mutex->waiting.head != NULL)
		wake_all(&mutex->waiting);
}
