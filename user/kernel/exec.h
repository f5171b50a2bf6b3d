/*
 * exec: replaces the running program by one from the disk (ELF32, static,
 * at most one read-only and one writable part; ELF specification 1.2).
 */
#ifndef EXEC_H
#define EXEC_H

#include <stdint.h>

struct trapframe;

/* Arguments as exec passes them: `count` strings, one after the other. */
struct exec_args {
	uint32_t count;
	uint32_t bytes;
	char text[]; /* in a page: at most ARGS_MAX bytes */
};

/*
 * Loads `path` and sets the frame to its start. -error while the old program
 * is whole; a failure after that ends the process. May sleep.
 */
int exec_load(const char *path, const struct exec_args *args, struct trapframe *frame);

#endif
