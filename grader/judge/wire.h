/*
 * What judge and subject say to each other: one request, one reply, each of fixed size,
 * through two pipes. The subject begins with a reply to question 0, when it is ready. Then
 * the judge asks; the subject does one call of the code under test and
 * answers. Nothing else is ever on the pipes.
 */
#ifndef GRADER_JUDGE_WIRE_H
#define GRADER_JUDGE_WIRE_H

#include "kernel/types.h"

enum { WIRE_ARGS = 8, WIRE_OUTS = 4, WIRE_BYTES = 64, WIRE_TEXT = 240 };

/* Where the subject finds things when it starts. */
enum { FD_REQUEST = 3, FD_REPLY = 4, FD_ARENA = 5 };

struct request {
	u32 seq; /* an answer says which question it is to */
	u32 op;
	u32 arg[WIRE_ARGS];
	u8 bytes[WIRE_BYTES];
};

enum reply_kind {
	REPLY_DONE = 1, /* it returned */
	REPLY_PANIC,	/* it called panic: text */
	REPLY_DIED,	/* it ended the VM: text */
};

struct reply {
	u32 seq;
	u32 kind;
	u32 value; /* what it returned */
	u32 out[WIRE_OUTS];
	char text[WIRE_TEXT];
};

#endif
