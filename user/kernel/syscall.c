/*
 * The table of system calls, and those about processes, memory and time.
 */
#include "syscall.h"

#include "../include/abi.h"
#include "../lib/string.h"
#include "below.h"
#include "cache.h"
#include "exec.h"
#include "heap.h"
#include "layout.h"
#include "power.h"
#include "proc.h"
#include "reclaim.h"
#include "rtc.h"
#include "stat.h"
#include "swap.h"
#include "timer.h"
#include "trap.h"
#include "x86.h"

struct abi_stat stat;

/* Ends the process. */
static int sys_exit(struct trapframe *frame)
{
	proc_exit((int)frame->ebx);
}

/* The child is a copy. */
static int sys_fork(struct trapframe *frame)
{
	return proc_fork(frame);
}

/* Copies the program's argument strings into the kernel: 0 or -error. */
static int copy_args(struct exec_args *args, const uint32_t *argv)
{
	uint32_t pointer;
	int length;

	*args = (struct exec_args){0};
	for (;;) {
		if (user_read(&pointer, &argv[args->count], sizeof(pointer)) != 0)
			return -EFAULT;
		if (pointer == 0)
			return 0;
		if (args->count == ARGC_MAX || args->bytes == ARGS_MAX)
			return -E2BIG;
		length = user_string(args->text + args->bytes, (const char *)pointer,
				     ARGS_MAX - args->bytes);
		if (length < 0)
			return length == -ENAMETOOLONG ? -E2BIG : length;
		args->bytes += (uint32_t)length + 1;
		args->count++;
	}
}

/* The arguments need a page while the old program goes and the new comes. */
static int sys_exec(struct trapframe *frame)
{
	struct page *page;
	char path[PATH_MAX];
	int error = user_string(path, (const char *)frame->ebx, sizeof(path));

	if (error < 0)
		return error;
	page = page_alloc(PAGE_KERNEL);
	if (page == NULL)
		return -ENOMEM;
	error = copy_args(page_bytes(page), (const uint32_t *)frame->ecx);
	if (error == 0)
		error = exec_load(path, page_bytes(page), frame);
	page_free(page);
	return error;
}

/* The status may be ignored. */
static int sys_wait(struct trapframe *frame)
{
	int status = 0;
	int pid = proc_wait(&status);

	if (pid > 0 && frame->ebx != 0 &&
	    user_write((void *)frame->ebx, &status, sizeof(status)) != 0)
		return -EFAULT;
	return pid;
}

/* The cheapest call. */
static int sys_getpid(struct trapframe *frame)
{
	(void)frame;
	return (int)current->pid;
}

/* Shrinking gives the pages back at once. */
static int sys_sbrk(struct trapframe *frame)
{
	struct space *space = &current->space;
	uint32_t old = space->brk;
	uint32_t new = old + frame->ebx;
	uint32_t page_mask = PAGE_SIZE - 1u;

	if (new < space->data_end || new > USER_DATA_MAX)
		return -ENOMEM;
	if (new < old) {
		space_unmap(space, (new + page_mask) & ~page_mask,
			    (old + page_mask) & ~page_mask);
		load_cr3((uint32_t)space->directory - KERNBASE);
	}
	space->brk = new;
	return (int)old;
}

/* Rounds up to ticks. */
static int sys_sleep(struct trapframe *frame)
{
	timer_sleep(frame->ebx);
	return 0;
}

/* To the end of the queue. */
static int sys_yield(struct trapframe *frame)
{
	(void)frame;
	sched_yield();
	return 0;
}

/* Not the shell. */
static int sys_kill(struct trapframe *frame)
{
	return proc_kill(frame->ebx);
}

/* Copies a result out. */
static int give(uint32_t to, const void *from, uint32_t bytes)
{
	return user_write((void *)to, from, bytes) == 0 ? 0 : -EFAULT;
}

/* The wall clock goes on from the RTC's value by ticks. */
static int sys_time(struct trapframe *frame)
{
	struct abi_time time = {
		.unix_seconds = rtc_boot_time + ticks / TICKS_PER_SECOND,
		.ms = ticks * MS_PER_TICK,
	};

	return give(frame->ebx, &time, sizeof(time));
}

/* All counters at once. */
static int sys_stat(struct trapframe *frame)
{
	return give(frame->ebx, &stat, sizeof(stat));
}

/* One slot. */
static int sys_procinfo(struct trapframe *frame)
{
	struct abi_proc info;

	if (proc_info(frame->ebx, &info) == 0)
		return 0;
	return give(frame->ecx, &info, sizeof(info)) == 0 ? 1 : -EFAULT;
}

/* The kernel's part is what is neither free nor of another kind. */
static int sys_meminfo(struct trapframe *frame)
{
	struct abi_mem mem = {
		.total = page_total,
		.free = page_count[PAGE_UNUSED],
		.kernel = page_count[PAGE_KERNEL] + page_count[PAGE_RESERVED],
		.tables = page_count[PAGE_TABLE],
		.anon = page_count[PAGE_ANON],
		.cached = page_count[PAGE_CACHE],
		.balloon = page_count[PAGE_BALLOON],
		.swap_total = swap_total(),
		.swap_used = swap_used(),
		.host_swapped = below_swapped(),
	};

	return give(frame->ebx, &mem, sizeof(mem));
}

/* Returns when the disk has it all. */
static int sys_sync(struct trapframe *frame)
{
	(void)frame;
	return cache_sync();
}

/* Anybody may: there are no users. */
static int sys_poweroff(struct trapframe *frame)
{
	(void)frame;
	power_off();
}

/* The same for reboot. */
static int sys_reboot(struct trapframe *frame)
{
	(void)frame;
	power_reboot();
}

static int (*const calls[SYS_COUNT])(struct trapframe *) = {
	[SYS_EXIT] = sys_exit,	       [SYS_FORK] = sys_fork,
	[SYS_EXEC] = sys_exec,	       [SYS_WAIT] = sys_wait,
	[SYS_GETPID] = sys_getpid,     [SYS_SBRK] = sys_sbrk,
	[SYS_OPEN] = sys_open,	       [SYS_CLOSE] = sys_close,
	[SYS_READ] = sys_read,	       [SYS_WRITE] = sys_write,
	[SYS_LSEEK] = sys_lseek,       [SYS_UNLINK] = sys_unlink,
	[SYS_READDIR] = sys_readdir,   [SYS_SLEEP] = sys_sleep,
	[SYS_YIELD] = sys_yield,       [SYS_KILL] = sys_kill,
	[SYS_TIME] = sys_time,	       [SYS_STAT] = sys_stat,
	[SYS_PROCINFO] = sys_procinfo, [SYS_MEMINFO] = sys_meminfo,
	[SYS_SYNC] = sys_sync,	       [SYS_POWEROFF] = sys_poweroff,
	[SYS_REBOOT] = sys_reboot,     [SYS_BENCH] = sys_bench,
	[SYS_HOSTILE] = sys_hostile,   [SYS_PROOF] = sys_proof,
};

/* A number out of range is an error like any other. */
int syscall_dispatch(struct trapframe *frame)
{
	uint32_t number = frame->eax;

	stat.syscalls++;
	if (number >= SYS_COUNT || calls[number] == NULL)
		return -ENOSYS;
	return calls[number](frame);
}
