/*
 * What a sanitizer wrote when it stopped a subject, in a form that is the same each time:
 * no addresses, no paths of this machine.
 */
#ifndef GRADER_JUDGE_REPORT_H
#define GRADER_JUDGE_REPORT_H

#include "grader/judge/link.h"

/*
 * Reads the log that is open on l->log; fills in text and notes. False: no sanitizer
 * wrote anything.
 */
bool report_read(struct link *l);

#endif
