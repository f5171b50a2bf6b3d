/*
 * Playing scenarios. The listener is called from the middle of an event, anywhere in
 * the kernel: it only marks rules due and wakes the player, which runs them in peace.
 */
#include "kernel/scenario.h"
#include "kernel/event.h"
#include "kernel/monitor.h"
#include "kernel/quit.h"
#include "kernel/rules.h"
#include "kernel/thread.h"
#include "kernel/time.h"

enum { NS_PER_MS = 1000000 };

static struct rules rules;
static struct waitq wait;

/*
 * Rules that came due, in order: a ring. Each is in it but once, so the room is enough.
 */
static u16 due[RULES_MAX];
static u32 due_count, run_count;

_Noreturn static void fail(u32 line, const char *why)
{
	event("scenario.error", "line=%u why=\"%s\"", line, why);
	machine_quit(QUIT_SCENARIO);
}

static void add_due(u32 i)
{
	due[due_count++ % RULES_MAX] = (u16)i;
}

static void listen(const char *name, const char *rest)
{
	u32 before = due_count;

	rules_hear(&rules, name, rest, add_due);
	if (due_count > before)
		thread_wake(&wait);
}

/* Marks the timed rules whose time has come. */
static void add_timed(void)
{
	int i;

	while ((i = rules_next_at(&rules)) >= 0 && rules.rule[i].at_ms <= time_ms()) {
		rules.rule[i].due = true;
		add_due((u32)i);
	}
}

/* Until an event or a time makes something due. May sleep. */
static void wait_for_due(void)
{
	int i = rules_next_at(&rules);

	if (i < 0)
		thread_wait(&wait);
	else
		thread_wait_until(&wait, (u64)rules.rule[i].at_ms * NS_PER_MS);
}

/* Runs one command. May sleep. */
static void play(struct rule *rule)
{
	if (rule->again)
		rule->due = false;
	event("scenario.run", "line=%u", rule->line);
	if (!monitor_run(rule->command))
		fail(rule->line, "the monitor does not take this command");
}

static void player(void *arg)
{
	(void)arg;
	for (;;) {
		add_timed();
		if (run_count == due_count)
			wait_for_due();
		else
			play(&rules.rule[due[run_count++ % RULES_MAX]]);
	}
}

void scenario_init(const char *text, u32 size)
{
	if (!rules_parse(&rules, text, size))
		fail(rules.error_line, rules.error);
	for (u32 i = 0; i < rules.count; i++) {
		if (rules.rule[i].kind == RULE_BOOT) {
			rules.rule[i].due = true;
			add_due(i);
		}
	}
	event_listen(listen);
	thread_create("scenario", THREAD_SYSTEM, NULL, player, NULL);
}
