/*
 * Processes: 64 slots, each with a kernel stack of its own.
 */
#ifndef PROC_H
#define PROC_H

#include <stdbool.h>
#include <stdint.h>

#include "../include/abi.h"
#include "sched.h"
#include "space.h"

struct file;
struct trapframe;

enum { PROCS = 64, FILES = 8 };

struct proc {
	uint32_t esp; /* saved kernel stack pointer, while not running */
	uint32_t stack_top;
	struct space space;  /* directory NULL: none */
	struct proc *next;   /* in `queue` */
	struct waitq *queue; /* run queue or what it waits for, NULL: neither */
	struct proc *parent;
	struct waitq child_ended;
	uint32_t pid;
	int status;	/* of a zombie */
	uint8_t state;	/* enum proc_state */
	bool breakable; /* its sleep ends when it is killed */
	bool killed;	/* ends on its way back to the program */
	bool service;	/* the kernel's own: no program, no space, no end */
	struct file *files[FILES];
	char name[NAME_MAX];
};

extern struct proc procs[PROCS];
extern struct proc *current;

/* Makes process 1 of a kernel function and runs it; does not return. */
_Noreturn void proc_start(void (*function)(void));

/*
 * Starts a process of the kernel's own, which runs `function` for ever. It has no space:
 * it runs in that of whoever ran before. False: no slot or no memory. May sleep.
 */
bool proc_serve(const char *name, void (*function)(void));

/* Copies the running process; the child returns 0 from the same call.
 * The child's pid, or -error. May sleep. */
int proc_fork(const struct trapframe *frame);

/* Ends the running process. */
_Noreturn void proc_exit(int status);

/* Waits for a child to end: its pid, or -error. May sleep. */
int proc_wait(int *status);

/* Asks a process to end. */
int proc_kill(uint32_t pid);

/* Control-C: kills what the shell waits for. From the UART's interrupt. */
void proc_interrupt(void);

/* What ps shows of a slot: 1, or 0 past the last. */
int proc_info(uint32_t index, struct abi_proc *info);

#endif
