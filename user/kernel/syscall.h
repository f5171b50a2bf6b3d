/*
 * The system calls: numbers and meaning are in abi.h.
 */
#ifndef SYSCALL_H
#define SYSCALL_H

struct trapframe;

/* Runs the call that the frame asks for; its result, negative for an error. */
int syscall_dispatch(struct trapframe *frame);

/* The calls of sysfile.c; arguments and results as in abi.h. */
int sys_open(struct trapframe *frame);
int sys_close(struct trapframe *frame);
int sys_read(struct trapframe *frame);
int sys_write(struct trapframe *frame);
int sys_lseek(struct trapframe *frame);
int sys_unlink(struct trapframe *frame);
int sys_readdir(struct trapframe *frame);

/* Of bench.c, hostile.c and proof.c. */
int sys_bench(struct trapframe *frame);
int sys_hostile(struct trapframe *frame);
int sys_proof(struct trapframe *frame);

#endif
