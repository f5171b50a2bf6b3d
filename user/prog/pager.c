/*
 * pager [MiB] [ops] [seed] [rounds]: works in memory of its own (default 1 MiB), a page at
 * a time (default 200 times a round), in some pages far more often than in others; half of
 * the time it changes the page, and always it checks it. With more memory than the machine
 * has, the kernel must page. With a fourth argument it prints how long each round took, and
 * how many pages the kernel wrote to its swap meanwhile.
 */
#include "../lib/guest.h"

enum {
	PAGE_WORDS = PAGE_BYTES / 4,
	STEP = 64, /* words: one in so many is used */
	MIB_MAX = 32,
	PAGES_MAX = MIB_MAX * (MIB / PAGE_BYTES),
	WRITE_ONE_IN = 2,
};

static uint32_t *area;
static uint32_t pages;
static uint32_t seed;
static uint16_t versions[PAGES_MAX];

/* What the words of a page begin with; they go on by one. */
static uint32_t first_word(uint32_t page)
{
	return random_seed(seed + versions[page], page);
}

/* A new version of a page. */
static void change(uint32_t page)
{
	uint32_t word;

	versions[page]++;
	word = first_word(page);
	for (uint32_t i = 0; i < PAGE_WORDS; i += STEP)
		area[page * PAGE_WORDS + i] = word++;
}

/* Is it the last version? */
static uint32_t check(uint32_t page)
{
	uint32_t word = first_word(page);
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < PAGE_WORDS; i += STEP)
		wrong |= area[page * PAGE_WORDS + i] ^ word++;
	if (wrong != 0)
		fail("pager", "a page has changed");
	return word;
}

/* The pages that were filled last are used most. The sum depends on all that were used. */
static uint32_t operate(uint32_t ops, uint32_t *state, uint32_t sum)
{
	for (uint32_t i = 0; i < ops; i++) {
		uint32_t page = pages - 1 - random_skewed(state, pages);

		sum = sum * 31 + check(page);
		if (random_next(state) % WRITE_ONE_IN == 0)
			change(page);
	}
	return sum;
}

/* The kernel's count of pages written to its swap. */
static uint32_t swap_outs(void)
{
	struct abi_stat stat = {0};

	get_stat(&stat);
	return stat.swap_outs;
}

/* The sum does not depend on the machine; the counts do. */
static uint32_t run_rounds(uint32_t rounds, uint32_t ops, bool counted)
{
	uint32_t state = random_seed(seed, PAGES_MAX);
	uint32_t sum = 0;
	uint32_t start;
	uint32_t outs;

	for (uint32_t i = 0; i < rounds; i++) {
		start = now_ms();
		outs = swap_outs();
		sum = operate(ops, &state, sum);
		if (counted)
			printf("pager: counts round=%u ops=%u ms=%u outs=%u\n", i, ops,
			       now_ms() - start, swap_outs() - outs);
	}
	return sum;
}

int main(int argc, char **argv)
{
	uint32_t mib = arg_number(argc, argv, 1, 1);
	uint32_t ops = arg_number(argc, argv, 2, 200);
	uint32_t rounds = arg_number(argc, argv, 4, 1);
	struct abi_stat stat = {0};
	uint32_t sum;

	if (mib == 0 || mib > MIB_MAX)
		fail("pager", "1 to 32 MiB");
	get_stat(&stat);
	seed = arg_number(argc, argv, 3, stat.seed);
	pages = mib * (MIB / PAGE_BYTES);
	area = sbrk((int)(mib * MIB));
	if (area == NULL)
		fail("pager", "no memory");
	for (uint32_t page = 0; page < pages; page++)
		change(page);
	sum = run_rounds(rounds, ops, argc > 4);
	printf("pager: ok mib=%u ops=%u sum=%08x\n", mib, ops, sum);
	return 0;
}
