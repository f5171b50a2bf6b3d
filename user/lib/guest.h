/*
 * The programs' C library: system calls, printing, and a few helpers.
 *
 * Calls return what abi.h says; negative is -error. Output is collected per
 * line, so that lines of programs that run side by side never mix.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../include/abi.h"
#include "format.h"
#include "string.h"

enum { PAGE_BYTES = 4096, MIB = 1 << 20 };

int main(int argc, char **argv);

_Noreturn void exit(int status);
int fork(void);
int exec(const char *path, char *const argv[]);
int wait(int *status);
int getpid(void);
void *sbrk(int bytes); /* NULL when there is no memory */
int open(const char *path, uint32_t flags);
int close(int fd);
int read(int fd, void *buf, uint32_t bytes);
int write(int fd, const void *buf, uint32_t bytes);
int lseek(int fd, uint32_t offset);
int unlink(const char *path);
int readdir(const char *path, uint32_t index, struct abi_dirent *entry);
int sleep_ms(uint32_t ms);
int yield(void);
int kill(int pid);
int get_time(struct abi_time *time);
int get_stat(struct abi_stat *stat);
int get_proc(uint32_t index, struct abi_proc *proc);
int get_mem(struct abi_mem *mem);
int sync(void);
int poweroff(void);
int reboot(void);
int bench(enum bench_op op, void *argument, uint32_t count);
int hostile(enum hostile_kind kind);
int proof(uint32_t op, uint32_t a, uint32_t b);

/* Prints; whole lines go out at once. */
void printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What is left of a line goes out; exit does it too. */
void flush(void);

/* argv[index] as a number, or the default when it is not there. */
uint32_t arg_number(int argc, char **argv, int index, uint32_t otherwise);

/* A sequence of numbers from a seed (xorshift32); never returns 0. */
uint32_t random_next(uint32_t *state);

/* A state for random_next that differs for each pair. */
uint32_t random_seed(uint32_t seed, uint32_t stream);

/*
 * A number below n (at least SKEW_ZONES): each eighth of them comes half as often as the one
 * before it, but for the last two, which are alike.
 */
enum { SKEW_ZONES = 8 };
uint32_t random_skewed(uint32_t *state, uint32_t n);

/* The time since boot, by the clock's ticks. */
uint32_t now_ms(void);

/* fork, exec, wait: the exit status, or -error when it cannot be started. */
int run(char *const argv[]);

/* Says that the program failed, and ends it with status 1. */
_Noreturn void fail(const char *program, const char *why);

#endif
