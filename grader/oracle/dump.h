/*
 * A memory dump: machine memory as the plugin or the debugger wrote it, byte 0 first.
 * Everything in it may be forged: each read is bounded, and nothing is a pointer.
 */
#ifndef GRADER_ORACLE_DUMP_H
#define GRADER_ORACLE_DUMP_H

#include "kernel/checkpoint.h"
#include "kernel/frame.h"

struct dump {
	u8 *bytes; /* owned by whoever loaded it */
	u64 size;
	u32 host_cr3; /* for dump_read_virtual */
};

/* Reads a whole file. False (and errno) when it can't be read or has no whole page. */
bool dump_load(struct dump *d, const char *path);

/* Copies `len` bytes at a machine address. False when they aren't all in the dump. */
bool dump_read(const struct dump *d, u64 at, void *to, size_t len);

/* Where a host-virtual address lies in the machine. False: it is not mapped. */
bool dump_translate(const struct dump *d, u32 va, u64 *pa);

/* The same at a host-virtual address, page by page through host_cr3. */
bool dump_read_virtual(const struct dump *d, u32 va, void *to, size_t len);

/* Entry `index` of the page table (or directory) at machine address `table`. */
bool dump_entry(const struct dump *d, u32 table, u32 index, u32 *entry);

#endif
