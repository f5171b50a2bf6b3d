/*
 * The subject of the judge's own tests: student's code at its worst. It knows where its
 * pipes are and makes system calls by hand, so that neither the lint nor the list of
 * functions stands between it and the judge.
 */
#include "grader/trial/rogue/attacks.h"
#include "grader/judge/ops.h"
#include "grader/judge/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { STARTING = 126, DOZE_NS = 40000000, X32 = 0x40000000 };

static long by_hand(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

static void say(const void *p, size_t n)
{
	by_hand(SYS_write, FD_REPLY, (long)p, (long)n);
}

static void say_panic(u32 seq, const char *text)
{
	struct reply r = {.seq = seq, .kind = REPLY_PANIC};

	memset(r.text, 'A', sizeof(r.text)); /* and no end */
	memcpy(r.text, text, strlen(text));
	say(&r, sizeof(r));
}

static void flood(void)
{
	static const char line[] = "ok 1 - passed\nstatus\tpassed\n";

	for (;;)
		by_hand(SYS_write, 1, (long)line, sizeof(line) - 1);
}

/* A futex that nobody wakes. */
static void doze(const struct timespec *t)
{
	static u32 never;

	__asm__ volatile("mov %0, %%r10\n\tsyscall"
			 :
			 : "r"(t), "a"(SYS_futex), "D"(&never), "S"(0), "d"(0)
			 : "r10", "rcx", "r11", "memory");
}

static void lie_in_log(void)
{
	static const char lie[] =
		"==1==ERROR: AddressSanitizer: \x1b[2Jstatus\tpassed\n"
		"    #0 0x0;touch rogue-was-here;\n";

	by_hand(SYS_write, 2, (long)lie, sizeof(lie) - 1);
	_exit(1);
}

/*
 * Each is tried as it stands, and as x32 has it. What a child of ours would do it must not:
 * so it ends at once.
 */
static u32 try_calls(u32 *worst)
{
	static const char name[] = "results/rogue-was-here";
	static const long call[][4] = {
		{SYS_fork},
		{SYS_clone, 17},
		{SYS_clone3},
		{SYS_execve, (long)"/bin/true"},
		{SYS_kill, 1},
		{SYS_tgkill, 1, 1},
		{SYS_rt_sigqueueinfo, 1},
		{SYS_ptrace},
		{SYS_process_vm_readv, 1},
		{SYS_open, (long)name, O_CREAT | O_WRONLY, 0600},
		{SYS_open, (long)"/etc/passwd", O_RDONLY},
		{SYS_openat, AT_FDCWD, (long)name, O_CREAT | O_WRONLY},
		{SYS_openat2, AT_FDCWD, (long)name},
		{SYS_creat, (long)name, 0600},
		{SYS_mkdir, (long)name, 0700},
		{SYS_symlink, (long)"/etc/passwd", (long)name},
		{SYS_rename, (long)"tests.tsv", (long)name},
		{SYS_unlink, (long)"tests.tsv"},
		{SYS_chmod, (long)"results", 0},
		{SYS_truncate, (long)"tests.tsv"},
		{SYS_ftruncate, FD_ARENA},
		{SYS_fallocate, FD_ARENA},
		{SYS_close, FD_REPLY},
		{SYS_dup2, 1, FD_REPLY},
		{SYS_fcntl, FD_REPLY, F_GETFL},
		{SYS_socket, 1, 1},
		{SYS_memfd_create, (long)"x"},
		{SYS_prctl, 1},
		{SYS_setrlimit, 0},
		{SYS_prlimit64, 0},
		{SYS_setitimer, 0},
		{SYS_unshare, 0x10000000},
		{SYS_mount, 0},
		{SYS_io_uring_setup, 1},
		{SYS_bpf, 0},
		{SYS_nanosleep, 0},
	};
	u32 worked = 0;

	for (u32 i = 0; i < 2 * ARRAY_LEN(call); i++) {
		const long *c = call[i / 2];
		long pid = getpid(),
		     result = by_hand(c[0] | (i % 2 ? X32 : 0), c[1], c[2], c[3]);

		if (getpid() != pid)
			_exit(0);
		if (result == -EPERM)
			continue;
		worked++;
		*worst = (u32)c[0];
	}
	return worked;
}

static void say_something(const struct request *q)
{
	static u8 noise[sizeof(struct reply)];
	struct reply r = {.seq = q->seq, .kind = REPLY_DONE};

	switch ((enum attack)q->arg[0]) {
	case SHOUTS:
		memset(noise, 0xA5, sizeof(noise));
		say(noise, sizeof(noise));
		break;
	case STUTTERS:
		say(noise, sizeof(noise) / 2);
		_exit(0);
	case INJECTS:
		say_panic(q->seq, "x\nstatus\tpassed\r\x1b[2J\0");
		break;
	default:
		say(&r, sizeof(r));
	}
}

static void leave_something(enum attack which)
{
	switch (which) {
	case GIVES_NOWHERE:
		arena->vm[0].pmap.entry = (struct pmap_entry *)(uintptr_t)0x41414140;
		break;
	case GIVES_CIRCLE:
		arena->block[0].first = 0;
		break;
	default:
		arena->vm[0].cpu.cr3 ^= PAGE_SIZE;
	}
}

void subject_perform(const struct request *q, struct reply *r)
{
	switch ((enum attack)q->arg[0]) {
	case LEAVES:
		exit(0);
	case LEAVES_AS_START:
		_exit(STARTING);
	case SHOUTS:
	case STUTTERS:
	case ANSWERS_AHEAD:
	case INJECTS:
		say_something(q);
		break;
	case LIES_IN_LOG:
		lie_in_log();
		break;
	case FLOODS:
		flood();
		break;
	case LOOPS:
		for (volatile u32 i = 0;; i++)
			;
	case SLEEPS:
		doze(NULL);
		break;
	case DOZES:
		doze(&(struct timespec){.tv_nsec = DOZE_NS});
		break;
	case OLD_CALL:
		__asm__ volatile("int $0x80" : : "a"(2) : "memory");
		break;
	case CALLS:
		r->value = try_calls(&r->out[0]);
		break;
	case GIVES_NOWHERE:
	case GIVES_CIRCLE:
	case WRITES_REGISTER:
		leave_something((enum attack)q->arg[0]);
	}
}
