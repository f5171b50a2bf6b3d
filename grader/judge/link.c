/*
 * Starting a subject, asking it, and finding out how it ended.
 */
#define _GNU_SOURCE
#include "grader/judge/link.h"
#include "grader/judge/arena.h"
#include "grader/judge/lockdown.h"
#include "grader/judge/report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A call of the reference takes microseconds, a test of it some ten milliseconds. Who
 * computes for ever meets the limit of CPU time; who sleeps is seen to, for two seconds in
 * all. The wall clock is for a system where neither can be told.
 */
enum { CPU_SECONDS = 1, LOOK_MS = 5, LOOKS_ASLEEP = 400, LOOKS_MOST = 12000 };
enum { LOG_LIMIT = 65536, STAT_BYTES = 512 };

static bool limit(int what, rlim_t value)
{
	struct rlimit r = {value, value};

	return setrlimit(what, &r) == 0;
}

/* In the child: nothing of the judge stays open but the pipes, the arena and the log. */
static void become(const char *program, int request, int reply, int memory, int log)
{
	static char options[] = "ASAN_OPTIONS=detect_leaks=0:symbolize=0:color=never:"
				"print_legend=0:detect_stack_use_after_return=0:"
				"allocator_may_return_null=1";
	static char more[] = "UBSAN_OPTIONS=symbolize=0:color=never";
	char *const env[] = {options, more, NULL};
	char size[24];
	char *const argv[] = {(char *)"subject", size, NULL};
	int fds[] = {request, reply, memory, log}, high[4];

	snprintf(size, sizeof(size), "%zu", sizeof(*arena));
	for (u32 i = 0; i < ARRAY_LEN(fds); i++)
		high[i] = fcntl(fds[i], F_DUPFD, 10);
	if (dup2(high[0], FD_REQUEST) < 0 || dup2(high[1], FD_REPLY) < 0 ||
	    dup2(high[2], FD_ARENA) < 0 || dup2(high[3], 1) < 0 || dup2(high[3], 2) < 0)
		_exit(126);
	close(0);
	if (close_range(FD_ARENA + 1, ~0u, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    !limit(RLIMIT_CPU, CPU_SECONDS) || !limit(RLIMIT_FSIZE, LOG_LIMIT) ||
	    !limit(RLIMIT_CORE, 0) || !lockdown_outer())
		_exit(126);
	execve(program, argv, env);
	_exit(126);
}

/*
 * A fresh arena, all zero, in place of the one before. Its size is sealed: a file that
 * shrinks under our feet would take us with it.
 */
static int make_arena(void)
{
	int fd = memfd_create("arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, sizeof(*arena)) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ||
	    mmap(arena, sizeof(*arena), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 fd, 0) != arena)
		return -1;
	return fd;
}

static bool start(struct link *l)
{
	int request[2], reply[2], memory = make_arena();

	l->log = memfd_create("log", MFD_CLOEXEC);
	if (memory < 0 || l->log < 0 || pipe2(request, O_CLOEXEC) ||
	    pipe2(reply, O_CLOEXEC))
		return false;
	l->pid = fork();
	if (l->pid == 0)
		become(l->program, request[0], reply[1], memory, l->log);
	l->to = request[1];
	l->from = reply[0];
	close(request[0]);
	close(reply[1]);
	close(memory);
	return l->pid > 0;
}

/* --- how it ends -------------------------------------------------------------------------- */

static enum link_end over(struct link *l, enum link_end how, const char *text)
{
	snprintf(l->text, sizeof(l->text), "%s", text);
	return how;
}

void link_close(struct link *l)
{
	if (!l->pid)
		return;
	kill(l->pid, SIGKILL);
	while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
		;
	l->pid = 0;
}

/* Does it wait, other than for the CPU? The letter behind its name says so: proc(5). */
static bool sleeps(pid_t pid)
{
	char path[32], stat[STAT_BYTES];
	const char *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, stat, sizeof(stat) - 1);
	if (fd >= 0)
		close(fd);
	stat[n > 0 ? n : 0] = '\0';
	end = strrchr(stat, ')');
	return end && strlen(end) > 2 && strchr("StT", end[2]);
}

/* Looks at it now and then, while nothing comes: is it stuck? */
static bool stuck(struct link *l)
{
	l->asleep += sleeps(l->pid);
	return l->asleep >= LOOKS_ASLEEP || ++l->looks >= LOOKS_MOST;
}

/* Its pipe is closed, so it comes to its end. False: it does not. */
static bool ends(struct link *l, int *status)
{
	while (waitpid(l->pid, status, WNOHANG) != l->pid) {
		if (stuck(l))
			return false;
		poll(NULL, 0, LOOK_MS);
	}
	l->pid = 0;
	return true;
}

/* It is over: why? */
static enum link_end autopsy(struct link *l, bool stays)
{
	int status = 0;

	if (stays || !ends(l, &status)) {
		link_close(l);
		return over(l, LINK_HUNG, "it waits for something that never comes");
	}
	if (WIFSIGNALED(status) &&
	    (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
		return over(l, LINK_HUNG, "no end after 1 s of computing: a loop?");
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
		return over(l, LINK_FLOOD, "it wrote without end");
	if (report_read(l))
		return LINK_CRASHED;
	if (WIFSIGNALED(status)) {
		snprintf(l->text, sizeof(l->text), "it ended by signal %d",
			 WTERMSIG(status));
		return LINK_CRASHED;
	}
	return over(l, LINK_ENDED, "it left the program in the middle of the test");
}

/* --- what it says ------------------------------------------------------------------------- */

/* Exactly one answer; anything else ends the subject. */
static enum link_end listen(struct link *l, struct reply *r)
{
	struct pollfd p = {.fd = l->from, .events = POLLIN};
	size_t got = 0;

	while (got < sizeof(*r)) {
		int ready = poll(&p, 1, LOOK_MS);
		ssize_t n;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0) {
			if (stuck(l))
				return autopsy(l, true);
			continue;
		}
		n = read(l->from, (char *)r + got, sizeof(*r) - got);
		if (n <= 0)
			return autopsy(l, false);
		got += (size_t)n;
	}
	return LINK_DONE;
}

bool link_open(struct link *l, const char *program)
{
	struct reply hello;

	*l = (struct link){.program = program};
	signal(SIGPIPE, SIG_IGN);
	if (start(l) && listen(l, &hello) == LINK_DONE && hello.seq == 0 &&
	    hello.kind == REPLY_DONE)
		return true;
	link_close(l);
	over(l, LINK_BROKEN, "the subject cannot start, or is of another build");
	return false;
}

enum link_end link_ask(struct link *l, struct request *q, struct reply *r)
{
	enum link_end end;

	if (!l->pid)
		return over(l, LINK_ENDED, "it is not there any more");
	q->seq = ++l->seq;
	if (write(l->to, q, sizeof(*q)) != sizeof(*q))
		return autopsy(l, false);
	end = listen(l, r);
	if (end != LINK_DONE)
		return end;
	r->text[WIRE_TEXT - 1] = '\0';
	if (r->seq != q->seq || r->kind < REPLY_DONE || r->kind > REPLY_DIED) {
		link_close(l);
		return over(l, LINK_GARBLED, "it said something that is no answer");
	}
	if (r->kind == REPLY_DONE)
		return LINK_DONE;
	return over(l, r->kind == REPLY_PANIC ? LINK_PANIC : LINK_DIED, r->text);
}
