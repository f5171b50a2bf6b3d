/*
 * The contract between the guest kernel and its programs: system call
 * numbers, error numbers and the structures that cross the border.
 *
 * A call is `int $0x80` with the number in EAX and up to three arguments in
 * EBX, ECX and EDX. The result comes back in EAX; a negative one is -ERROR.
 * All pointers are checked: a bad one gives -EFAULT, never a dead kernel.
 */
#ifndef ABI_H
#define ABI_H

#include <stdint.h>

enum sys_number {
	SYS_EXIT = 1, /* (status): does not return */
	SYS_FORK,     /* (): pid of the child, 0 in the child */
	SYS_EXEC,     /* (path, argv): returns only on error */
	SYS_WAIT,     /* (int *status): pid of the child that ended */
	SYS_GETPID,   /* () */
	SYS_SBRK,     /* (bytes, signed): the old break */
	SYS_OPEN,     /* (path, flags): descriptor */
	SYS_CLOSE,    /* (fd) */
	SYS_READ,     /* (fd, buf, len): bytes, 0 at the end */
	SYS_WRITE,    /* (fd, buf, len): bytes */
	SYS_LSEEK,    /* (fd, offset): the new offset, from the start */
	SYS_UNLINK,   /* (path) */
	SYS_READDIR, /* (path, index from 0, struct abi_dirent *): next index, 0: end */
	SYS_SLEEP,   /* (ms) */
	SYS_YIELD,   /* () */
	SYS_KILL,    /* (pid) */
	SYS_TIME,    /* (struct abi_time *) */
	SYS_STAT,    /* (struct abi_stat *) */
	SYS_PROCINFO, /* (index, struct abi_proc *): 1, or 0 past the end */
	SYS_MEMINFO,  /* (struct abi_mem *) */
	SYS_SYNC,     /* (): all dirty blocks are on the disk afterwards */
	SYS_POWEROFF, /* (): does not return */
	SYS_REBOOT,   /* (): does not return */
	SYS_BENCH,    /* (enum bench_op, argument, count) */
	SYS_HOSTILE,  /* (enum hostile_kind): only with hostile=on */
	SYS_PROOF,    /* (enum proof_op, ...): proof.h */
	SYS_COUNT
};

enum sys_error {
	EPERM = 1,
	ENOENT = 2,
	EINTR = 4,
	EIO = 5,
	E2BIG = 7,
	ENOEXEC = 8,
	EBADF = 9,
	ECHILD = 10,
	EAGAIN = 11,
	ENOMEM = 12,
	EFAULT = 14,
	EBUSY = 16,
	ENOTDIR = 20,
	EISDIR = 21,
	EINVAL = 22,
	EMFILE = 24,
	ENOSPC = 28,
	ENAMETOOLONG = 36,
	ENOSYS = 38,
};

enum open_flag {
	O_WRITE = 1,  /* writing is allowed */
	O_CREATE = 2, /* make the file when there is none */
	O_TRUNC = 4,  /* empty it first */
	O_APPEND = 8, /* start at its end */
};

enum {
	PATH_MAX = 64,	 /* bytes of a path, its NUL counted */
	ARGS_MAX = 1024, /* bytes of all arguments of exec */
	ARGC_MAX = 32,
	NAME_MAX = 16,	     /* bytes of a process or file name, NUL counted */
	STATUS_KILLED = 128, /* exit status of a killed process */
};

struct abi_dirent {
	char name[NAME_MAX]; /* 8.3, upper case, "NAME.EXT" */
	uint32_t size;	     /* bytes */
	uint32_t is_dir;
};

struct abi_time {
	uint32_t unix_seconds; /* wall clock, from the RTC at boot */
	uint32_t ms;	       /* since boot, by ticks */
};

/* What the kernel has counted since boot. */
struct abi_stat {
	uint64_t halted; /* TSC ticks spent in hlt */
	uint32_t ticks;	 /* timer interrupts, 100 a second */
	uint32_t syscalls;
	uint32_t switches;
	uint32_t irqs;
	uint32_t faults; /* page faults, all kinds below included */
	uint32_t demand_zero;
	uint32_t cow_copies;
	uint32_t swap_ins;
	uint32_t swap_outs;
	uint32_t forks;
	uint32_t execs;
	uint32_t block_reads; /* whole 4 KiB blocks that programs read from files */
	uint32_t disk_reads;  /* requests that went to the disk */
	uint32_t disk_writes;
	uint32_t seed; /* of the command line */
};

enum proc_state {
	PROC_FREE,
	PROC_EMBRYO, /* being made by fork */
	PROC_READY,  /* running or waiting for the CPU */
	PROC_ASLEEP,
	PROC_ZOMBIE,
};

struct abi_proc {
	uint32_t pid; /* 0 when the slot is free */
	uint32_t parent;
	uint32_t state;	   /* enum proc_state */
	uint32_t resident; /* pages */
	uint32_t swapped;  /* pages */
	char name[NAME_MAX];
};

/* Pages of 4 KiB. */
struct abi_mem {
	uint32_t total;
	uint32_t free;
	uint32_t kernel;
	uint32_t tables; /* page tables and directories */
	uint32_t anon;
	uint32_t cached;
	uint32_t balloon; /* lent to the machine below */
	uint32_t swap_total;
	uint32_t swap_used;
	uint32_t host_swapped; /* of ours, on the disk of the machine below */
};

/* Operations of SYS_BENCH; `count` is bounded by BENCH_COUNT_MAX. */
enum bench_op {
	BENCH_CLOCK,	  /* arg: struct abi_clock * */
	BENCH_UNMAP,	  /* arg: address; makes `count` pages ready, not present */
	BENCH_RENEW,	  /* the same pages: another soft bit, flushed */
	BENCH_DROP_CACHE, /* writes and forgets all cached blocks */
	BENCH_EMPTY,	  /* loops `count` times */
	BENCH_CLI,	  /* cli, `count` times */
	BENCH_PTE,	  /* writes a PTE of arg's page `count` times */
	BENCH_PTE_FLUSH,  /* the same, each followed by invlpg */
	BENCH_PDE_SET, /* puts arg's page table under `count` more directory entries */
	BENCH_PDE_TOUCH, /* reads arg's page through each of them */
	BENCH_PDE_CLEAR, /* empties them again, from the last to the first */
	BENCH_TAKE,	 /* `count` free pages, for those that follow (benchmem.c) */
	BENCH_GIVE,	 /* they go to the machine below */
	BENCH_TOUCH,	 /* and come back, as zeroes */
	BENCH_PUT_BACK,	 /* they are free */
};

enum { BENCH_COUNT_MAX = 1000000 };

struct abi_clock {
	uint64_t busy;	 /* ticks less those halted, of this machine or its host */
	uint32_t exits;	 /* VM exits so far; 0 on the bare machine */
	uint32_t on_vmm; /* 1 when the info port answers */
};

enum hostile_kind {
	HOSTILE_CLI,	  /* cli; jmp . in the kernel */
	HOSTILE_TRIPLE,	  /* an empty IDT, then int3 */
	HOSTILE_JUMPHIGH, /* the kernel jumps to 0xFC000000 */
	HOSTILE_BADCR3,	  /* CR3 = 0xFFFFF000 */
	HOSTILE_BADDMA,	  /* DMA beyond memory, then a PRD table beyond it */
	/* A balloon driver that ... (badballoon.c) */
	HOSTILE_BALLOON_TWICE,	/* gives a page twice, takes it back twice */
	HOSTILE_BALLOON_BEYOND, /* gives what is no memory */
	HOSTILE_BALLOON_TABLE,	/* gives its kernel's page table */
	HOSTILE_BALLOON_GDT,	/* gives its GDT */
	HOSTILE_BALLOON_STACK,	/* gives the stack that it runs on */
	HOSTILE_BALLOON_COUNT,	/* lies about how many pages it has */
	HOSTILE_BALLOON_STOP,	/* stops halfway */
	HOSTILE_BALLOON_TOUCH,	/* and a kernel that uses what it gave */
	HOSTILE_LOOK,		/* reads all free pages, as they come from below */
};

#endif
