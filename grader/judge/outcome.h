/*
 * Outcome files: RESULTS/ID, lines "key<TAB>value". Written by the judge alone, whole or
 * not at all.
 */
#ifndef GRADER_JUDGE_OUTCOME_H
#define GRADER_JUDGE_OUTCOME_H

#include "kernel/types.h"

enum { OUTCOME_NOTES = 8 };

struct outcome {
	const char *status; /* passed, failed, ungraded */
	const char *expected, *found, *where;
	const char *note[OUTCOME_NOTES];
};

/* Of the test "suite/case". Without a folder for results: nothing is written. */
void outcome_write(const char *name, const struct outcome *o);

#endif
