/*
 * forktest [n]: n children (default 8), in waves, each with a copy-on-write
 * view of the parent's memory that it changes and checks. Neither the parent
 * nor a sibling may see the change.
 */
#include "../lib/guest.h"

enum { PAGES = 32, WORDS = PAGES * PAGE_BYTES / 4, WAVE = 4, CHILD_OK = 42 };

static uint32_t memory[WORDS];

/* Each word of the parent's pattern. */
static uint32_t pattern(uint32_t index)
{
	return index * 2654435761u ^ 0x5A5A5A5Au;
}

/* Does the memory hold the pattern, plus `delta` on odd pages? */
static bool check(uint32_t delta)
{
	for (uint32_t i = 0; i < WORDS; i++) {
		uint32_t odd = i / (PAGE_BYTES / 4) % 2;

		if (memory[i] != pattern(i) + odd * delta)
			return false;
	}
	return true;
}

/* Sees the parent's memory, changes half of it, sees its own. */
static _Noreturn void child(uint32_t number)
{
	if (!check(0))
		exit(1);
	for (uint32_t i = 0; i < WORDS; i++)
		if (i / (PAGE_BYTES / 4) % 2 == 1)
			memory[i] += number;
	yield();
	exit(check(number) ? CHILD_OK : 2);
}

/* A few children at a time, so that small machines can. */
static uint32_t wave(uint32_t first, uint32_t count)
{
	uint32_t good = 0;
	uint32_t started = 0;
	int status;
	int pid;

	for (uint32_t i = 0; i < count; i++) {
		pid = fork();
		if (pid == 0)
			child(first + i + 1);
		started += pid > 0;
	}
	for (uint32_t i = 0; i < started; i++)
		if (wait(&status) > 0 && status == CHILD_OK)
			good++;
	return good;
}

/* Every child must come back with the right status. */
int main(int argc, char **argv)
{
	uint32_t count = arg_number(argc, argv, 1, 8);
	uint32_t good = 0;

	for (uint32_t i = 0; i < WORDS; i++)
		memory[i] = pattern(i);
	for (uint32_t i = 0; i < count; i += WAVE)
		good += wave(i, count - i < WAVE ? count - i : WAVE);
	if (good != count || !check(0)) {
		printf("forktest: FAIL %u of %u children\n", good, count);
		return 1;
	}
	printf("forktest: ok %u children\n", count);
	return 0;
}
