/*
 * The system calls, one line each.
 */
#include "guest.h"

/* The one int $0x80 of all programs. */
static inline int call(uint32_t number, uint32_t a, uint32_t b, uint32_t c)
{
	int result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c)
			 : "memory");
	return result;
}

/* Prints what is left of a line first. */
_Noreturn void exit(int status)
{
	flush();
	for (;;)
		call(SYS_EXIT, (uint32_t)status, 0, 0);
}

/* What is buffered is printed once, by the parent. */
int fork(void)
{
	flush();
	return call(SYS_FORK, 0, 0, 0);
}

/* Returns only on error. */
int exec(const char *path, char *const argv[])
{
	flush();
	return call(SYS_EXEC, (uint32_t)path, (uint32_t)argv, 0);
}

/* Any child. */
int wait(int *status)
{
	return call(SYS_WAIT, (uint32_t)status, 0, 0);
}

/* The null system call. */
int getpid(void)
{
	return call(SYS_GETPID, 0, 0, 0);
}

/* The old break; memory is zero at its first touch. */
void *sbrk(int bytes)
{
	int result = call(SYS_SBRK, (uint32_t)bytes, 0, 0);

	return result > 0 ? (void *)result : NULL;
}

/* A descriptor. */
int open(const char *path, uint32_t flags)
{
	return call(SYS_OPEN, (uint32_t)path, flags, 0);
}

/* 0. */
int close(int fd)
{
	return call(SYS_CLOSE, (uint32_t)fd, 0, 0);
}

/* Bytes. */
int read(int fd, void *buf, uint32_t bytes)
{
	return call(SYS_READ, (uint32_t)fd, (uint32_t)buf, bytes);
}

/* Bytes. */
int write(int fd, const void *buf, uint32_t bytes)
{
	return call(SYS_WRITE, (uint32_t)fd, (uint32_t)buf, bytes);
}

/* From the start. */
int lseek(int fd, uint32_t offset)
{
	return call(SYS_LSEEK, (uint32_t)fd, offset, 0);
}

/* 0. */
int unlink(const char *path)
{
	return call(SYS_UNLINK, (uint32_t)path, 0, 0);
}

/* The next index, 0 at the end. */
int readdir(const char *path, uint32_t index, struct abi_dirent *entry)
{
	return call(SYS_READDIR, (uint32_t)path, index, (uint32_t)entry);
}

/* At least that long. */
int sleep_ms(uint32_t ms)
{
	return call(SYS_SLEEP, ms, 0, 0);
}

/* Lets others run. */
int yield(void)
{
	return call(SYS_YIELD, 0, 0, 0);
}

/* 0. */
int kill(int pid)
{
	return call(SYS_KILL, (uint32_t)pid, 0, 0);
}

/* 0. */
int get_time(struct abi_time *time)
{
	return call(SYS_TIME, (uint32_t)time, 0, 0);
}

/* 0. */
int get_stat(struct abi_stat *stat)
{
	return call(SYS_STAT, (uint32_t)stat, 0, 0);
}

/* 1, or 0 past the last slot. */
int get_proc(uint32_t index, struct abi_proc *proc)
{
	return call(SYS_PROCINFO, index, (uint32_t)proc, 0);
}

/* 0. */
int get_mem(struct abi_mem *mem)
{
	return call(SYS_MEMINFO, (uint32_t)mem, 0, 0);
}

/* 0 when all is on the disk. */
int sync(void)
{
	return call(SYS_SYNC, 0, 0, 0);
}

/* Does not return. */
int poweroff(void)
{
	flush();
	return call(SYS_POWEROFF, 0, 0, 0);
}

/* Does not return. */
int reboot(void)
{
	flush();
	return call(SYS_REBOOT, 0, 0, 0);
}

/* See enum bench_op. */
int bench(enum bench_op op, void *argument, uint32_t count)
{
	return call(SYS_BENCH, op, (uint32_t)argument, count);
}

/* See enum hostile_kind. */
int hostile(enum hostile_kind kind)
{
	flush();
	return call(SYS_HOSTILE, kind, 0, 0);
}

/* See enum proof_op in proof.h. */
int proof(uint32_t op, uint32_t a, uint32_t b)
{
	return call(SYS_PROOF, op, a, b);
}
