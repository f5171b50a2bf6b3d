/*
 * Open files: what a descriptor stands for. The console is one, files of the
 * FAT partition are the others. The file system's lock is here: FAT code
 * runs for one process at a time. All but file_share may sleep.
 */
#ifndef FILE_H
#define FILE_H

#include <stdint.h>

#include "../include/abi.h"

struct file;

/* Reads the partition table, starts cache, FAT and swap; panics without disk. */
void file_boot(void);

/* The console, for the first process. */
struct file *file_console(void);

/* Opens by path: 0 or -error. */
int file_open(const char *path, uint32_t flags, struct file **file);

/* One holder more (fork), one less. */
void file_share(struct file *file);
void file_close(struct file *file);

/* Bytes or -error; `buf` lies below the kernel, or in it (exec's headers). */
int file_read(struct file *file, void *buf, uint32_t bytes);
int file_write(struct file *file, const void *buf, uint32_t bytes);
int file_seek(struct file *file, uint32_t offset);

int file_unlink(const char *path);
int file_readdir(const char *path, uint32_t index, struct abi_dirent *entry);

#endif
