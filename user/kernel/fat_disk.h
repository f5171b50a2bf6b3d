/*
 * What fat.c (chains of clusters) offers fatfile.c and fatdir.c, and the directory
 * entry as it lies on the disk. Nobody else includes this.
 */
#ifndef FAT_DISK_H
#define FAT_DISK_H

#include "fat.h"

enum {
	FAT_NAME = 11,
	FAT_ATTR_VOLUME = 0x08,
	FAT_ATTR_DIRECTORY = 0x10,
	FAT_ATTR_ARCHIVE = 0x20,
	FAT_DELETED = 0xE5,
	FAT_NO_MORE = 0x00,
	FAT_SECTOR = 512,
};

struct fat_entry {
	uint8_t name[FAT_NAME];
	uint8_t attributes;
	uint8_t unused[14];
	uint16_t first;
	uint32_t size;
} __attribute__((packed));

_Static_assert(sizeof(struct fat_entry) == 32, "a directory entry is 32 bytes");

/* Byte offset of a directory's sector number `index`; -ENOENT past its end. */
int fat_directory_sector(struct fat_node *directory, uint32_t index, uint32_t *at);

/* Adds a cleared cluster to a directory; the root cannot grow: -ENOSPC. */
int fat_directory_grow(struct fat_node *directory);

/* The disk cluster of a file's cluster `index`; -ENOENT past the chain's end. */
int fat_map(struct fat_node *node, uint32_t index, uint16_t *cluster);

/* Adds cluster `index` to a chain that ends before it. */
int fat_extend(struct fat_node *node, uint32_t index);

/* Drops what a node remembers of its chain. */
void fat_forget(struct fat_node *node);

/* A cluster's bytes: where, and how many. */
uint32_t fat_cluster_at(uint32_t cluster);
uint32_t fat_cluster_bytes(void);

/* How many of `bytes` from file offset `at` on are known to lie in one piece. */
uint32_t fat_contiguous(const struct fat_node *node, uint32_t at, uint32_t bytes);

/* Frees a chain; stops with -EIO where it is damaged. */
int fat_free_chain(uint16_t first);

/* Is this a size that fits the disk, and a first cluster that is on it? */
bool fat_plausible(uint16_t first, uint32_t size);

#endif
