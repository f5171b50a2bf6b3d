/*
 * Host threads: stacks, switching, waiting, and who runs next.
 */
#include "kernel/thread.h"
#include "kernel/gdt.h"
#include "kernel/heap.h"
#include "kernel/lib.h"
#include "kernel/panic.h"
#include "kernel/paging.h"
#include "kernel/time.h"

void switch_stack(u32 *save_esp, u32 load_esp); /* entry.S */
void thread_start(void);

/* A VM that slept may be at most this far behind the others when it wakes. */
enum { SLICE_NS = TICK_NS };

static struct thread threads[THREAD_MAX];
static unsigned thread_limit = 1; /* one beyond the last that was ever used */
static struct thread *current;
static struct thread *const idle = &threads[0];
static bool slice_over;
static u32 ready_system; /* SYSTEM threads that are READY */

struct thread *thread_self(void)
{
	return current;
}

void thread_init(void)
{
	current = idle;
	*idle = (struct thread){.state = THREAD_RUNNING, .name = "idle"};
}

void *thread_stack_top(const struct thread *t)
{
	return t->stack + THREAD_STACK;
}

static struct thread *find_unused(void)
{
	for (unsigned i = 1; i < THREAD_MAX; i++)
		if (threads[i].state == THREAD_UNUSED)
			return &threads[i];
	panic("more than %u threads", THREAD_MAX);
}

/* The least virtual time of all VM threads that want the CPU; `dflt` if none does. */
static HOT u64 least_vtime(u64 dflt)
{
	u64 least = ~0ull;

	for (unsigned i = 1; i < thread_limit; i++) {
		struct thread *t = &threads[i];

		if (t->class == THREAD_VM && t->vtime_ns < least &&
		    (t->state == THREAD_READY || t->state == THREAD_RUNNING))
			least = t->vtime_ns;
	}
	return least == ~0ull ? dflt : least;
}

/*
 * What sleeps gathers no claim: on waking, a VM is at most one slice ahead in the
 * queue.
 */
static void make_ready(struct thread *t)
{
	if (t->class == THREAD_SYSTEM) {
		ready_system++;
	} else {
		u64 least = least_vtime(t->vtime_ns);

		if (t->vtime_ns + SLICE_NS < least)
			t->vtime_ns = least - SLICE_NS;
	}
	t->wake_ns = 0;
	t->state = THREAD_READY;
}

/* The frame that switch_stack pops: EDI ESI EBX EBP and a return to thread_start. */
static u32 first_frame(struct thread *t)
{
	u32 *sp = (u32 *)((u8 *)thread_stack_top(t) - THREAD_FRAME_SPACE);

	*--sp = (u32)(uintptr_t)thread_start;
	*--sp = 0;
	*--sp = (u32)(uintptr_t)t->fn;
	*--sp = (u32)(uintptr_t)t->arg;
	*--sp = 0;
	return (u32)(uintptr_t)sp;
}

struct thread *thread_create(const char *name, enum thread_class class,
			     const struct thread_hooks *hooks, void (*fn)(void *),
			     void *arg)
{
	struct thread *t = find_unused();
	u8 *stack = t->stack ? t->stack : heap_alloc(THREAD_STACK);

	ASSERT(fn);
	thread_limit = max_u32(thread_limit, (u32)(t - threads) + 1);
	if (!stack)
		panic("no memory for the stack of thread %s", name);
	*t = (struct thread){
		.class = class, .hooks = hooks, .fn = fn, .arg = arg, .stack = stack};
	format(t->name, sizeof t->name, "%s", name);
	t->esp = first_frame(t);
	t->vtime_ns = least_vtime(0);
	make_ready(t);
	return t;
}

/*
 * Better first: a SYSTEM thread (the one after the current in turn), then the VM with
 * the least time.
 */
static HOT struct thread *pick(void)
{
	unsigned start = (unsigned)(current - threads);
	struct thread *best = NULL;

	for (unsigned i = 1; i <= thread_limit; i++) {
		struct thread *t = &threads[(start + i) % thread_limit];

		if (t == idle || t->state != THREAD_READY)
			continue;
		if (t->class == THREAD_SYSTEM)
			return t;
		if (!best || t->vtime_ns < best->vtime_ns)
			best = t;
	}
	return best ? best : idle;
}

/* Charges the running thread for its time so far. */
static void account(struct thread *t)
{
	u64 now = time_ns(), used = now - t->started_ns;

	t->used_ns += used;
	t->vtime_ns += used;
	t->started_ns = now;
}

/*
 * Gives the CPU to the best thread; the caller has set its own new state. All threads
 * run with interrupts off in ring 0, so nothing can come in between.
 */
static void schedule(void)
{
	struct thread *prev = current, *next;

	account(prev); /* before the choice: one that never sleeps must fall behind */
	next = pick();
	slice_over = false;
	if (next == prev) {
		if (prev->class == THREAD_SYSTEM && prev != idle)
			ready_system--;
		prev->state = THREAD_RUNNING;
		return;
	}
	if (prev->hooks && prev->hooks->switch_out)
		prev->hooks->switch_out(prev->arg);
	if (next->class == THREAD_SYSTEM && next != idle)
		ready_system--;
	current = next;
	next->state = THREAD_RUNNING;
	next->started_ns = prev->started_ns; /* now */
	if (next != idle)
		gdt_set_stack(thread_stack_top(next));
	if (next->hooks && next->hooks->switch_in)
		next->hooks->switch_in(next->arg);
	switch_stack(&prev->esp, next->esp);
}

void thread_yield(void)
{
	make_ready(current);
	schedule();
}

static void wait_on(struct waitq *q, u64 deadline_ns)
{
	ASSERT(current != idle);
	current->waiting = q;
	current->wake_ns = deadline_ns;
	if (q) {
		current->next = q->head;
		q->head = current;
	}
	current->state = THREAD_SLEEPING;
	schedule();
}

void thread_wait(struct waitq *q)
{
	ASSERT(q);
	wait_on(q, 0);
}

/* waiting is cleared by thread_wake, and left alone when the deadline woke us. */
bool thread_wait_until(struct waitq *q, u64 deadline_ns)
{
	struct thread **at;

	ASSERT(q && deadline_ns > 0);
	wait_on(q, deadline_ns);
	if (!current->waiting)
		return true;
	for (at = &q->head; *at; at = &(*at)->next) {
		if (*at == current) {
			*at = current->next;
			break;
		}
	}
	current->waiting = NULL;
	return false;
}

void thread_sleep_until(u64 deadline_ns)
{
	ASSERT(deadline_ns > 0);
	wait_on(NULL, deadline_ns);
}

void thread_wake(struct waitq *q)
{
	while (q->head) {
		struct thread *t = q->head;

		q->head = t->next;
		t->waiting = NULL;
		if (t->state == THREAD_SLEEPING) /* else: its deadline came first */
			make_ready(t);
	}
}

void thread_tick(void)
{
	slice_over = true;
	for (unsigned i = 1; i < thread_limit; i++) {
		struct thread *t = &threads[i];

		if (t->state == THREAD_SLEEPING && t->wake_ns &&
		    t->wake_ns <= time_ns())
			make_ready(t);
	}
}

bool thread_should_yield(void)
{
	return slice_over || ready_system;
}

void thread_exit(void)
{
	ASSERT(current != idle);
	current->state = THREAD_UNUSED;
	schedule();
	panic("thread %s ran on after its end", current->name);
}

void thread_idle(void)
{
	ASSERT(current == idle);
	for (;;) {
		idle->state = THREAD_READY;
		schedule(); /* comes back when nobody else wants the CPU */
		time_halt();
	}
}

const struct thread *thread_at(unsigned i)
{
	return i < THREAD_MAX && threads[i].state != THREAD_UNUSED ? &threads[i] : NULL;
}
