/*
 * The judge's end of a subject: the process, its pipes, and how it ended. A link never
 * trusts what comes: an answer has the right size and names its question, or the subject is
 * through.
 */
#ifndef GRADER_JUDGE_LINK_H
#define GRADER_JUDGE_LINK_H

#include "grader/judge/wire.h"

#include <sys/types.h>

enum link_end {
	LINK_DONE,    /* the call returned */
	LINK_PANIC,   /* it called panic: text; the subject goes on */
	LINK_DIED,    /* it ended the VM: text; the subject goes on */
	LINK_CRASHED, /* a sanitizer or a signal stopped the subject: text and notes */
	LINK_HUNG,    /* it used up its time */
	LINK_ENDED,   /* it left by itself */
	LINK_GARBLED, /* it said something that is no answer */
	LINK_FLOOD,   /* it wrote more than it may */
	LINK_BROKEN,  /* our own fault: no subject could be started */
};

enum { LINK_NOTES = 8, LINK_TEXT = WIRE_TEXT };

struct link {
	const char *program;
	pid_t pid; /* 0: it is over */
	int to, from, log;
	u32 seq;
	u32 looks, asleep;    /* while we waited for it: how often it slept */
	char text[LINK_TEXT]; /* why, for all but DONE */
	char note[LINK_NOTES][LINK_TEXT]; /* the call stack of a crash */
	u32 notes;
};

/*
 * Starts a subject on a fresh arena, mapped here at ARENA_AT. False: it cannot be, for the
 * reason in text; no code under test has run.
 */
bool link_open(struct link *l, const char *program);

/* One question, one answer. */
enum link_end link_ask(struct link *l, struct request *q, struct reply *r);

/* Ends it, if it is still there. */
void link_close(struct link *l);

#endif
