/*
 * The judge before a subject that forges. Each case asks the rogue for one attack, and then
 * a second time, as a test of a lab would go on. `titles` of tests.tsv say how each must
 * end; rogue.sh compares.
 */
#include "grader/trial/rogue/attacks.h"
#include "grader/judge/judge.h"
#include "grader/judge/ops.h"

#include <unistd.h>

enum { DOZES_TRIED = 400 };

static u32 attack(enum attack which)
{
	judge_doing("the rogue's attack %u", which);
	return ASK(OP_ROGUE, which).value;
}

#define ATTACK(name, which)           \
	JUDGED(rogue, name)           \
	{                             \
		attack(which);        \
		attack(GIVES_CIRCLE); \
	}

ATTACK(leaves, LEAVES)
ATTACK(start, LEAVES_AS_START)
ATTACK(shouts, SHOUTS)
ATTACK(stutters, STUTTERS)
ATTACK(ahead, ANSWERS_AHEAD)
ATTACK(injects, INJECTS)
ATTACK(lies, LIES_IN_LOG)
ATTACK(floods, FLOODS)
ATTACK(loops, LOOPS)
ATTACK(sleeps, SLEEPS)
ATTACK(old_call, OLD_CALL)

JUDGED(rogue, dozes)
{
	for (u32 i = 0; i < DOZES_TRIED; i++)
		attack(DOZES);
}

JUDGED(rogue, calls)
{
	struct reply r = ASK(OP_ROGUE, CALLS);

	MUST(r.value == 0, text("system call %u", r.out[0]), "EPERM for each",
	     text("%u of them worked", r.value));
	MUST(access("results/rogue-was-here", F_OK) != 0, text("results"),
	     "no new file", "the rogue has written one");
}

JUDGED(rogue, nowhere)
{
	attack(GIVES_NOWHERE);
	MUST(arena->vm[0].pmap.entry->mpn == 0, judge_done(), "a page", "another");
}

JUDGED(rogue, circle)
{
	const volatile struct block *b = &arena->block[0];

	attack(GIVES_CIRCLE);
	while (b->pages == 0)
		b = &arena->block[b->first];
}

JUDGED(rogue, registers)
{
	judge_keep(&arena->vm[0].cpu, offsetof(struct cpu, dr));
	attack(WRITES_REGISTER);
}
