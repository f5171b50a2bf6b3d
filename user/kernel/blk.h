/*
 * The file system's partition as a run of bytes. The kernel's cache
 * implements it; unit tests bring a file.
 */
#ifndef BLK_H
#define BLK_H

#include <stdint.h>

/*
 * 0, -EIO (disk), -EINVAL (outside the partition) or -EFAULT (a program's
 * buffer). `buf` may be a program's memory, checked before to be below the
 * kernel. Both may sleep.
 */
int blk_read(uint32_t at, void *buf, uint32_t bytes);
int blk_write(uint32_t at, const void *buf, uint32_t bytes);

#endif
