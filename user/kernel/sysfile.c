/*
 * The system calls about files: descriptors and pointers are checked here.
 */
#include <stddef.h>

#include "../include/abi.h"
#include "file.h"
#include "proc.h"
#include "space.h"
#include "syscall.h"
#include "trap.h"

/* The open file behind a descriptor, NULL when there is none. */
static struct file *file_of(uint32_t fd)
{
	return fd < FILES ? current->files[fd] : NULL;
}

/* The lowest free descriptor. */
int sys_open(struct trapframe *frame)
{
	char path[PATH_MAX];
	struct file *file;
	int fd = 0;
	int error = user_string(path, (const char *)frame->ebx, sizeof(path));

	while (fd < FILES && current->files[fd] != NULL)
		fd++;
	if (error >= 0 && fd == FILES)
		error = -EMFILE;
	if (error >= 0)
		error = file_open(path, frame->ecx, &file);
	if (error < 0)
		return error;
	current->files[fd] = file;
	return fd;
}

/* The descriptor is free afterwards. */
int sys_close(struct trapframe *frame)
{
	struct file *file = file_of(frame->ebx);

	if (file == NULL)
		return -EBADF;
	current->files[frame->ebx] = NULL;
	file_close(file);
	return 0;
}

/* The buffer's pages may come by demand meanwhile. */
int sys_read(struct trapframe *frame)
{
	struct file *file = file_of(frame->ebx);
	void *buf = (void *)frame->ecx;

	if (file == NULL)
		return -EBADF;
	if (!user_range(buf, frame->edx))
		return -EFAULT;
	return file_read(file, buf, frame->edx);
}

/* Whole, or as far as the disk has room. */
int sys_write(struct trapframe *frame)
{
	struct file *file = file_of(frame->ebx);
	const void *buf = (const void *)frame->ecx;

	if (file == NULL)
		return -EBADF;
	if (!user_range(buf, frame->edx))
		return -EFAULT;
	return file_write(file, buf, frame->edx);
}

/* From the start of the file. */
int sys_lseek(struct trapframe *frame)
{
	struct file *file = file_of(frame->ebx);

	return file != NULL ? file_seek(file, frame->ecx) : -EBADF;
}

/* By path. */
int sys_unlink(struct trapframe *frame)
{
	char path[PATH_MAX];
	int error = user_string(path, (const char *)frame->ebx, sizeof(path));

	return error >= 0 ? file_unlink(path) : error;
}

/* One entry of a directory. */
int sys_readdir(struct trapframe *frame)
{
	char path[PATH_MAX];
	struct abi_dirent entry;
	int result = user_string(path, (const char *)frame->ebx, sizeof(path));

	if (result >= 0)
		result = file_readdir(path, frame->ecx, &entry);
	if (result > 0 && user_write((void *)frame->edx, &entry, sizeof(entry)) != 0)
		return -EFAULT;
	return result;
}
