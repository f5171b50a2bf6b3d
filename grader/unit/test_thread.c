/*
 * Who runs next. Stacks are never switched here: the switch jumps back to the test, which is
 * the thread that was chosen from then on, and says what that thread does.
 */
#include "kernel/gdt.h"
#include "kernel/heap.h"
#include "kernel/thread.h"
#include "kernel/time.h"

#include <criterion/criterion.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static u64 now;
static jmp_buf back;
static void *kernel_stack;
static char hook_log[64];

u64 time_ns(void)
{
	return now;
}

void time_halt(void)
{
	longjmp(back, 2);
}

void switch_stack(u32 *save_esp, u32 load_esp);
void switch_stack(u32 *save_esp, u32 load_esp)
{
	(void)save_esp;
	(void)load_esp;
	longjmp(back, 1);
}

void thread_start(void);
void thread_start(void)
{
}

void *heap_alloc(u32 bytes)
{
	return malloc(bytes);
}

void gdt_set_stack(void *top)
{
	kernel_stack = top;
}

/* What the running thread does; each comes back as the thread that runs then. */
#define VERB(name, call, ...)         \
	static void name(__VA_ARGS__) \
	{                             \
		if (!setjmp(back))    \
			call;         \
	}
VERB(idles, thread_idle(), void)
VERB(yields, thread_yield(), void)
VERB(ends, thread_exit(), void)
VERB(waits, thread_wait(q), struct waitq *q)
VERB(waits_until, thread_wait_until(q, t), struct waitq *q, u64 t)

static void body(void *arg)
{
	(void)arg;
}

static struct thread *vm_thread(const char *name)
{
	return thread_create(name, THREAD_VM, NULL, body, NULL);
}

static struct thread *system_thread(const char *name)
{
	return thread_create(name, THREAD_SYSTEM, NULL, body, NULL);
}

static void expect(const char *name)
{
	cr_assert_str_eq(thread_self()->name, name, "%s runs, not %s",
			 thread_self()->name, name);
	cr_assert_eq(thread_self()->state, THREAD_RUNNING);
}

TestSuite(thread, .init = thread_init, .timeout = 10);

Test(thread, idle_runs_when_nobody_else_will)
{
	expect("idle");
	idles(); /* halts */
	expect("idle");
}

Test(thread, the_first_thread_gets_the_cpu)
{
	struct thread *a = vm_thread("a");

	idles();
	expect("a");
	cr_assert_eq(kernel_stack, thread_stack_top(a));
}

/* Each runs a slice: the one with the least time used is next. */
Test(thread, vms_take_turns)
{
	u32 runs[3] = {0};
	struct thread *t[3] = {vm_thread("a"), vm_thread("b"), vm_thread("c")};

	idles();
	for (u32 i = 0; i < 300; i++) {
		for (u32 k = 0; k < 3; k++)
			runs[k] += thread_self() == t[k];
		now += TICK_NS;
		yields();
	}
	for (u32 k = 0; k < 3; k++)
		cr_assert_eq(runs[k], 100u, "%u: %u", k, runs[k]);
}

/* One that gives up the CPU early has it more often: time counts, not turns. */
Test(thread, shares_are_by_time_and_not_by_turns)
{
	struct thread *a = vm_thread("a"), *b = vm_thread("b");

	idles();
	for (u32 i = 0; i < 1000; i++) {
		now += thread_self() == a ? TICK_NS : TICK_NS / 4;
		yields();
	}
	cr_assert_lt(a->used_ns > b->used_ns ? a->used_ns - b->used_ns
					     : b->used_ns - a->used_ns,
		     2ull * TICK_NS);
}

Test(thread, trap38_one_that_never_sleeps_falls_behind)
{
	struct thread *hog = vm_thread("hog"), *good = vm_thread("good");

	idles();
	for (u32 i = 0; i < 100; i++) {
		if (thread_self() == hog) {
			now += TICK_NS;
			thread_tick();
			cr_assert(thread_should_yield());
			yields();
		} else {
			now += TICK_NS / 10;
			yields();
		}
		cr_assert_leq(hog->used_ns, good->used_ns + 2 * TICK_NS);
	}
}

/* Sleeping gathers no claim beyond a slice. */
Test(thread, trap38_a_long_sleep_does_not_lock_the_others_out)
{
	struct waitq q = {0};
	struct thread *sleeper = vm_thread("sleeper"), *other = vm_thread("other");
	u32 turns = 0;

	idles();
	while (thread_self() != sleeper)
		yields();
	waits(&q);
	for (u32 i = 0; i < 1000; i++) {
		expect("other");
		now += TICK_NS;
		yields();
	}
	thread_wake(&q);
	for (u32 i = 0; i < 10; i++) {
		yields();
		turns += thread_self() == sleeper;
		now += TICK_NS;
	}
	cr_assert(turns >= 4 && turns <= 6, "%u turns of 10", turns);
	(void)other;
}

Test(thread, system_threads_go_first_and_in_turn)
{
	struct waitq q = {0};

	vm_thread("vm");
	idles();
	expect("vm");
	cr_assert_not(thread_should_yield());
	system_thread("s1");
	system_thread("s2");
	cr_assert(thread_should_yield());
	yields();
	expect("s1");
	yields();
	expect("s2");
	yields();
	expect("s1");
	waits(&q);
	expect("s2");
	waits(&q);
	expect("vm");
	cr_assert_not(thread_should_yield());
}

Test(thread, a_wake_makes_all_of_a_queue_ready)
{
	struct waitq q = {0};
	u32 seen = 0;

	vm_thread("a");
	vm_thread("b");
	idles();
	waits(&q);
	waits(&q);
	expect("idle");
	thread_wake(&q);
	cr_assert_null(q.head);
	for (u32 i = 1; i <= 2; i++)
		seen += thread_at(i)->state == THREAD_READY;
	cr_assert_eq(seen, 2u);
	thread_wake(&q); /* of an empty one: nothing */
}

Test(thread, a_deadline_wakes_at_its_tick_and_not_before)
{
	struct waitq q = {0};

	vm_thread("a");
	idles();
	waits_until(&q, 5 * TICK_NS);
	for (now = 0; now < 5 * TICK_NS; now += TICK_NS) {
		thread_tick();
		cr_assert_eq(thread_at(1)->state, THREAD_SLEEPING);
	}
	thread_tick();
	cr_assert_eq(thread_at(1)->state, THREAD_READY);
}

/* Woken by its deadline and by its queue: it is ready once. */
Test(thread, a_wake_that_comes_late)
{
	struct waitq q = {0}, never = {0};

	system_thread("s");
	idles();
	waits_until(&q, TICK_NS);
	now = TICK_NS;
	thread_tick();
	thread_wake(&q);
	cr_assert_null(thread_at(1)->waiting);
	idles();
	expect("s");
	waits(&never);
	expect("idle");
	cr_assert_not(thread_should_yield(), "counted as ready twice");
}

Test(thread, a_sleeper_is_not_woken_by_ticks_alone)
{
	struct waitq q = {0};

	vm_thread("a");
	idles();
	waits(&q);
	now = ~0ull;
	thread_tick();
	cr_assert_eq(thread_at(1)->state, THREAD_SLEEPING);
}

Test(thread, time_asleep_is_not_time_used)
{
	struct waitq q = {0};
	struct thread *a = vm_thread("a");

	idles();
	now += 1000;
	waits(&q);
	now += 1000000;
	thread_wake(&q);
	idles();
	expect("a");
	cr_assert_eq(a->used_ns, 1000ull);
}

static void log_in(void *arg)
{
	strcat(hook_log, arg);
	strcat(hook_log, "+");
}

static void log_out(void *arg)
{
	strcat(hook_log, arg);
	strcat(hook_log, "-");
}

/* What else has to change goes out before the other's comes in. */
Test(thread, hooks_at_each_switch)
{
	static const struct thread_hooks hooks = {log_in, log_out};

	thread_create("a", THREAD_VM, &hooks, body, "a");
	thread_create("b", THREAD_VM, &hooks, body, "b");
	idles();
	now += TICK_NS;
	yields();
	yields();
	cr_assert_str_eq(hook_log, "a+a-b+", "%s", hook_log);
}

Test(thread, an_ended_one_leaves_its_place_and_its_stack)
{
	struct thread *a = vm_thread("a");
	u8 *stack = a->stack;

	idles();
	ends();
	expect("idle");
	cr_assert_null(thread_at(1));
	cr_assert_eq(vm_thread("b")->stack, stack);
	cr_assert_null(thread_at(THREAD_MAX));
}

Test(thread, one_too_many_is_our_bug, .signal = SIGABRT)
{
	for (u32 i = 0; i < THREAD_MAX; i++)
		vm_thread("x");
}

Test(thread, idle_must_not_wait, .signal = SIGABRT)
{
	struct waitq q = {0};

	thread_wait(&q);
}
