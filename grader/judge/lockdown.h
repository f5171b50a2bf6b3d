/*
 * Which system calls a subject has. Two filters: the outer one is there before the program
 * is (the judge's child sets it and then becomes the subject), the inner one before the
 * first constructor in it. A call that is not allowed fails with EPERM.
 */
#ifndef GRADER_JUDGE_LOCKDOWN_H
#define GRADER_JUDGE_LOCKDOWN_H

#include <stdbool.h>

/* For the judge's child: no new processes, no signals, no network, files read only. */
bool lockdown_outer(void);

/* For the subject: memory, its open files, the end. */
bool lockdown_inner(void);

#endif
