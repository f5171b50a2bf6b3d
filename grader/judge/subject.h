/*
 * Inside the subject: its main loop (subject.c) calls the operations of its lab (ops_*.c),
 * these the code under test, and that the model of what lies around it (model.c).
 */
#ifndef GRADER_JUDGE_SUBJECT_H
#define GRADER_JUDGE_SUBJECT_H

#include "grader/judge/arena.h"
#include "grader/judge/wire.h"

/* The lab's: does what the request names, fills in value and out. */
void subject_perform(const struct request *q, struct reply *r);

/* What ops_vm.c answers, for labs that have VMs. */
void vm_perform(const struct request *q, struct reply *r);

/* Ends the call that is running, and answers the judge with this. */
_Noreturn void subject_stop(enum reply_kind kind, const char *fmt, va_list args);

/* Makes ready what model.c keeps: once, before anything else. */
void model_init(void);

/* Nobody may touch this part of the arena / everybody may again. */
void guard(const void *p, size_t n);
void unguard(const void *p, size_t n);

#endif
