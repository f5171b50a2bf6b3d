/*
 * What the fuzzing targets share: demands that end the process, and a reader of the
 * fuzzer's bytes.
 */
#ifndef GRADER_FUZZ_FUZZ_H
#define GRADER_FUZZ_FUZZ_H

#include "kernel/types.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEMAND(what)                                                               \
	do {                                                                       \
		if (!(what)) {                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, \
				#what);                                            \
			abort();                                                   \
		}                                                                  \
	} while (0)

struct input {
	const u8 *at;
	size_t left;
};

/* The next word of the input; zero bytes when it has ended. */
static inline u32 take(struct input *in)
{
	u32 value = 0;
	size_t n = in->left < sizeof(value) ? in->left : sizeof(value);

	if (n)
		memcpy(&value, in->at, n);
	in->at += n;
	in->left -= n;
	return value;
}

/* libFuzzer calls this with each input. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#endif
