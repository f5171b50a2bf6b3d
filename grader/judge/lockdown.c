/*
 * The system calls of a subject, as filters of the kernel (seccomp, classic BPF).
 */
#include "grader/judge/lockdown.h"
#include "kernel/types.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FILTER_MAX = 128 };

struct filter {
	struct sock_filter line[FILTER_MAX];
	u16 count;
};

/* A jump over `t` lines if it holds, over `f` if not. */
static void add(struct filter *f, u16 code, u32 k, u8 t, u8 e)
{
	if (f->count < FILTER_MAX)
		f->line[f->count++] = (struct sock_filter){code, t, e, k};
}

static void finish(struct filter *f, u32 verdict)
{
	add(f, BPF_RET | BPF_K, verdict, 0, 0);
}

static void load(struct filter *f, u32 offset)
{
	add(f, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

enum { NR_AT = offsetof(struct seccomp_data, nr) };
enum { ARCH_AT = offsetof(struct seccomp_data, arch) };
#define ARG_AT(n) ((u32)offsetof(struct seccomp_data, args[n]))

#define DENY (SECCOMP_RET_ERRNO | EPERM)

/* Numbers mean something else for programs of 32 bits and for x32: none of those. */
static void begin(struct filter *f)
{
	load(f, ARCH_AT);
	add(f, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
	finish(f, SECCOMP_RET_KILL_PROCESS);
	load(f, NR_AT);
	add(f, BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
	finish(f, DENY);
}

static void rule(struct filter *f, u32 number, u32 verdict)
{
	add(f, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
	finish(f, verdict);
}

/* open and openat: as long as nothing is written or made. */
static void only_reading(struct filter *f, u32 number, u32 flags)
{
	add(f, BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4);
	load(f, ARG_AT(flags));
	add(f, BPF_JMP | BPF_JSET | BPF_K, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 0, 1);
	finish(f, DENY);
	finish(f, SECCOMP_RET_ALLOW);
}

static bool install(struct filter *f)
{
	struct sock_fprog program = {f->count, f->line};

	return f->count < FILTER_MAX && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

bool lockdown_inner(void)
{
	static const u32 allowed[] = {
		SYS_read,	 SYS_write,	SYS_exit,	    SYS_exit_group,
		SYS_mmap,	 SYS_munmap,	SYS_mprotect,	    SYS_madvise,
		SYS_mremap,	 SYS_brk,	SYS_futex,	    SYS_sched_yield,
		SYS_getpid,	 SYS_gettid,	SYS_rt_sigprocmask, SYS_rt_sigreturn,
		SYS_sigaltstack, SYS_getrlimit, SYS_clock_gettime,
	};
	struct filter f = {.count = 0};

	begin(&f);
	for (u32 i = 0; i < ARRAY_LEN(allowed); i++)
		rule(&f, allowed[i], SECCOMP_RET_ALLOW);
	finish(&f, DENY);
	return install(&f);
}

bool lockdown_outer(void)
{
	static const u32 denied[] = {
		SYS_fork,
		SYS_vfork,
		SYS_clone,
		SYS_clone3,
		SYS_kill,
		SYS_tkill,
		SYS_tgkill,
		SYS_ptrace,
		SYS_socket,
		SYS_socketpair,
		SYS_unlink,
		SYS_unlinkat,
		SYS_rename,
		SYS_renameat,
		SYS_renameat2,
		SYS_mkdir,
		SYS_mkdirat,
		SYS_link,
		SYS_linkat,
		SYS_symlink,
		SYS_symlinkat,
		SYS_truncate,
		SYS_chmod,
		SYS_fchmodat,
		SYS_chown,
		SYS_mount,
		SYS_creat,
		SYS_openat2,
		SYS_setrlimit,
		SYS_memfd_create,
		SYS_process_vm_readv,
		SYS_process_vm_writev,
		SYS_pidfd_open,
		SYS_bpf,
		SYS_io_uring_setup,
		SYS_userfaultfd,
		SYS_unshare,
		SYS_setns,
	};
	struct filter f = {.count = 0};

	begin(&f);
	for (u32 i = 0; i < ARRAY_LEN(denied); i++)
		rule(&f, denied[i], DENY);
	only_reading(&f, SYS_open, 1);
	only_reading(&f, SYS_openat, 2);
	finish(&f, SECCOMP_RET_ALLOW);
	return install(&f);
}
