/*
 * The judge: starts a subject for each test, asks it, and says what came of it.
 */
#include "grader/judge/judge.h"
#include "grader/judge/outcome.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Seconds of the CPU that a test of the judge's own may take; the longest takes 0.1. */
enum { TEXTS = 8, OWN_SECONDS = 1, KEPT = 8, KEPT_BYTES = 32 };

static struct link subject;
static const char *test;
static u64 state; /* of the random numbers */
static char doing[LINK_TEXT];
static bool dared;
static enum link_end end;

const char *text(const char *fmt, ...)
{
	static char buffer[TEXTS][LINK_TEXT];
	static u32 next;
	char *to = buffer[next++ % TEXTS];
	va_list args;

	va_start(args, fmt);
	vsnprintf(to, LINK_TEXT, fmt, args);
	va_end(args);
	return to;
}

void judge_doing(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(doing, sizeof(doing), fmt, args);
	va_end(args);
}

const char *judge_done(void)
{
	return doing;
}

/* --- random numbers: splitmix64, seeded by the run's seed and the test's name ------------- */

static u64 next_state(void)
{
	u64 z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

u32 roll32(void)
{
	return (u32)(next_state() >> 32);
}

u32 roll(u32 n)
{
	cr_assert_gt(n, 0u);
	return (u32)((u64)roll32() * n >> 32);
}

static void seed(const char *name)
{
	const char *given = getenv("BALLAST_SEED");

	state = given ? strtoull(given, NULL, 0) : 1;
	for (next_state(); *name; name++)
		state = next_state() ^ (u8)*name;
}

/* --- the end of a test -------------------------------------------------------------------- */

static _Noreturn void leave(const struct outcome *o)
{
	outcome_write(test, o);
	link_close(&subject);
	cr_assert_fail("%s\n    where     %s\n    expected  %s\n    found     %s",
		       o->status, o->where, o->expected, o->found);
	abort();
}

void judge_fail(const char *where, const char *expected, const char *found)
{
	leave(&(struct outcome){.status = "failed",
				.where = where,
				.expected = expected,
				.found = found});
}

static _Noreturn void ungraded(const char *why)
{
	leave(&(struct outcome){.status = "ungraded", .found = why});
}

static _Noreturn void fail_stopped(const char *expected)
{
	struct outcome o = {.status = "failed",
			    .where = doing,
			    .expected = expected,
			    .found = subject.text};

	for (u32 i = 0; i < subject.notes && i < OUTCOME_NOTES; i++)
		o.note[i] = subject.note[i];
	leave(&o);
}

/*
 * Whatever stops the judge while it looks at what a subject has left, the subject has left
 * it there: an address where nothing is, a list in a circle. This outcome stands until there
 * is a better one.
 */
static const struct outcome unreadable = {
	.status = "failed",
	.expected = "memory that a test can read",
	.found = "the judge came to no end on what the code left in memory",
};

static void on_crash(int number)
{
	struct outcome o = unreadable;

	(void)number;
	o.where = doing;
	o.found = "an address of nowhere in what the code left in memory";
	outcome_write(test, &o);
	link_close(&subject);
	_exit(EXIT_FAILURE);
}

static void expect_the_worst(void)
{
	struct rlimit cpu = {OWN_SECONDS, OWN_SECONDS};

	signal(SIGSEGV, on_crash);
	signal(SIGBUS, on_crash);
	signal(SIGFPE, on_crash);
	setrlimit(RLIMIT_CPU, &cpu);
	outcome_write(test, &unreadable);
}

/* Criterion's own messages: nothing that depends on the terminal. */
void judge_plain(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
}

void judge_begin(const char *name)
{
	const char *program = getenv("BALLAST_SUBJECT");

	test = name;
	seed(name);
	judge_doing("before the first call");
	outcome_write(test, &(struct outcome){.status = "ungraded",
					      .found = "the judge did not finish"});
	if (!program || !link_open(&subject, program))
		ungraded(program ? subject.text : "no subject to ask: BALLAST_SUBJECT");
	expect_the_worst();
}

void judge_pass(void)
{
	link_close(&subject);
	outcome_write(test, &(struct outcome){.status = "passed"});
}

/* --- questions --------------------------------------------------------------------------- */

/* "lab 1 exercise 3: role_of is yours to write" */
static bool is_hole(const char *why)
{
	return strncmp(why, "lab ", 4) == 0 && strstr(why, " is yours to write");
}

static _Noreturn void stopped(void)
{
	if (end == LINK_PANIC && is_hole(subject.text))
		fail_stopped("the code of this exercise");
	if (end == LINK_DIED)
		fail_stopped("the VM lives on");
	fail_stopped("the call returns");
}

/* What is the judge's alone, as it was before the call. */
static struct kept {
	const void *at;
	size_t bytes;
	u8 copy[KEPT_BYTES];
} kept[KEPT];

void judge_keep(const void *p, size_t n)
{
	u32 i = 0;

	while (i < KEPT && kept[i].at && kept[i].at != p)
		i++;
	cr_assert(i < KEPT && n <= KEPT_BYTES);
	kept[i] = (struct kept){.at = p, .bytes = n};
}

static void keep_all(void)
{
	for (u32 i = 0; i < KEPT && kept[i].at; i++)
		memcpy(kept[i].copy, kept[i].at, kept[i].bytes);
}

static void must_be_kept(void)
{
	for (u32 i = 0; i < KEPT && kept[i].at; i++)
		MUST(memcmp(kept[i].copy, kept[i].at, kept[i].bytes) == 0, doing,
		     "the guest's registers and size stay as they are",
		     "the code has written to them");
}

struct reply judge_send(struct request *q)
{
	struct reply r = {0};

	keep_all();
	end = link_ask(&subject, q, &r);
	must_be_kept();
	if (end == LINK_DONE)
		return r;
	if (!dared || end > LINK_DIED || (end == LINK_PANIC && is_hole(subject.text)))
		stopped();
	return (struct reply){0};
}

struct reply judge_ask(u32 op, const u32 *arg, u32 args)
{
	struct request q = {.op = op};

	cr_assert_leq(args, (u32)WIRE_ARGS);
	memcpy(q.arg, arg, args * sizeof(*arg));
	return judge_send(&q);
}

void judge_dare(void)
{
	dared = true;
	end = LINK_DONE;
}

enum link_end judge_dared(void)
{
	dared = false;
	return end;
}

const char *judge_reason(void)
{
	return subject.text;
}

bool in_arena(const void *p, size_t n)
{
	uintptr_t at = (uintptr_t)p, first = ARENA_AT, size = sizeof(*arena);

	return at >= first && n <= size && at - first <= size - n;
}
