/*
 * The subject: a process that has the code under test, and does with it what the judge
 * asks for. It has no files but the two pipes and the arena, and no system calls but those
 * that the sanitizer needs to report (lockdown.c). What it says is evidence of what the
 * code does, and nothing more.
 */
#include "grader/judge/subject.h"
#include "kernel/panic.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static jmp_buf stopped;
static struct reply reply;

void subject_stop(enum reply_kind kind, const char *fmt, va_list args)
{
	reply.kind = kind;
	vsnprintf(reply.text, sizeof(reply.text), fmt, args);
	longjmp(stopped, 1);
}

void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	subject_stop(REPLY_PANIC, fmt, args);
}

static void answer(const struct request *q)
{
	memset(&reply, 0, sizeof(reply));
	reply.seq = q->seq;
	reply.kind = REPLY_DONE;
	if (!setjmp(stopped))
		subject_perform(q, &reply);
}

/*
 * Judge and subject must be of one build: the size of the arena says so.
 */
int main(int argc, char **argv)
{
	struct request q;

	if (argc != 2 || strtoul(argv[1], NULL, 10) != sizeof(*arena) ||
	    mmap(arena, sizeof(*arena), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 FD_ARENA, 0) != arena)
		return 126;
	model_init();
	reply.kind = REPLY_DONE; /* hello: what is ours is ready */
	if (write(FD_REPLY, &reply, sizeof(reply)) != sizeof(reply))
		return 1;
	while (read(FD_REQUEST, &q, sizeof(q)) == sizeof(q)) {
		answer(&q);
		if (write(FD_REPLY, &reply, sizeof(reply)) != sizeof(reply))
			return 1;
	}
	return 0;
}
