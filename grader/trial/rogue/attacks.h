/*
 * What a subject may try, for the tests of the judge: the rogue (rogue.c) does it, the judge
 * (test_rogue.c) must be none the wiser and none the worse. arg[0] of OP_ROGUE names one.
 */
#ifndef GRADER_TRIAL_ROGUE_ATTACKS_H
#define GRADER_TRIAL_ROGUE_ATTACKS_H

enum attack {
	LEAVES = 1,	 /* exit(0) */
	LEAVES_AS_START, /* with the status of a subject that could not start */
	SHOUTS,		 /* a wrong answer, of the right size */
	STUTTERS,	 /* half an answer, and out */
	ANSWERS_AHEAD,	 /* two answers to one question */
	INJECTS,	 /* a panic with the lines of an outcome in it */
	LIES_IN_LOG,	 /* what looks like a sanitizer's report */
	FLOODS,		 /* output without end */
	LOOPS,
	SLEEPS,	  /* for ever */
	DOZES,	  /* for 40 ms, in every call */
	OLD_CALL, /* a system call of 32-bit programs */
	CALLS,	  /* every system call that could do harm; value: how many worked */
	GIVES_NOWHERE,	/* a pointer in the arena that leads nowhere */
	GIVES_CIRCLE,	/* a list in the arena that has no end */
	WRITES_REGISTER /* one that the judge keeps */
};

#endif
