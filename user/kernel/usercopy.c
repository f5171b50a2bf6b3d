/*
 * Program memory, as seen from the kernel: ranges are checked against the
 * kernel's half, and user_copy (vectors.S) survives pages that cannot be had.
 */
#include "../include/abi.h"
#include "layout.h"
#include "space.h"

int user_copy(void *to, const void *from, uint32_t bytes);

/* Without wrapping around. */
bool user_range(const void *address, uint32_t bytes)
{
	uint32_t start = (uint32_t)address;

	return start < KERNBASE && bytes <= KERNBASE - start;
}

/* From the program. */
int user_read(void *to, const void *from, uint32_t bytes)
{
	return user_range(from, bytes) ? user_copy(to, from, bytes) : -1;
}

/* To the program. */
int user_write(void *to, const void *from, uint32_t bytes)
{
	return user_range(to, bytes) ? user_copy(to, from, bytes) : -1;
}

/* Byte by byte: where the string ends is not known before. */
int user_string(char *to, const char *from, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		if (user_read(&to[i], &from[i], 1) != 0)
			return -EFAULT;
		if (to[i] == '\0')
			return (int)i;
	}
	return -ENAMETOOLONG;
}
