/*
 * Lab 1's subject: all that is asked of it are the questions about a VM.
 */
#include "grader/judge/subject.h"

void subject_perform(const struct request *q, struct reply *r)
{
	vm_perform(q, r);
}
