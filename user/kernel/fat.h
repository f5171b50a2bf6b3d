/*
 * FAT16 (Microsoft's "FAT: General Overview", 1.03) on blk.h's bytes.
 *
 * No hardware and no locks: the caller (file.c) lets in one at a time. All
 * functions return 0 or a count, or -error; -EIO also for a damaged image:
 * every number that comes from the disk is checked before it is used, and
 * every loop is bounded. All that take a node or path may sleep.
 */
#ifndef FAT_H
#define FAT_H

#include <stdbool.h>
#include <stdint.h>

#include "../include/abi.h"

enum { FAT_RUNS = 32 };

/* `count` clusters one after the other on the disk, from file cluster `index`. */
struct fat_run {
	uint16_t index;
	uint16_t cluster;
	uint16_t count;
};

/* A file or directory. Owned by the caller; zeroed runs are always right. */
struct fat_node {
	uint32_t entry; /* byte offset of its directory entry, 0: the root */
	uint32_t size;	/* bytes; 0 for directories */
	uint16_t first; /* first cluster, 0: none */
	bool is_dir;
	uint16_t last_index; /* the place in the chain that was found last */
	uint16_t last_cluster;
	uint8_t run_count;
	struct fat_run runs[FAT_RUNS]; /* what is known of the chain, from its start */
};

/* Reads the boot sector of a partition of `sectors`. */
int fat_mount(uint32_t sectors);

/* Finds a path ("/BIN/SH"); case does not matter. */
int fat_lookup(const char *path, struct fat_node *node);

/* Makes an empty file where there is none. */
int fat_create(const char *path, struct fat_node *node);

/* Bytes read, 0 at or past the end; buf as in blk.h. */
int fat_read(struct fat_node *node, uint32_t at, void *buf, uint32_t bytes);

/* Bytes written, grows the file; `at` not past the end. */
int fat_write(struct fat_node *node, uint32_t at, const void *buf, uint32_t bytes);

/* Empties a file. */
int fat_truncate(struct fat_node *node);

/* Takes a file away; nobody may have it open. */
int fat_unlink(const char *path);

/* The entry at or after `index`: the next index to ask for, 0 at the end. */
int fat_readdir(struct fat_node *directory, uint32_t index, struct abi_dirent *out);

#endif
