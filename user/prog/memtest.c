/*
 * memtest [SEED] [MiB]: fills memory (default: half of all) with numbers from
 * the seed and checks them, changes all and checks again, then lets a child
 * change a part of its copy while the parent's must stay. With more memory
 * than there is, it tests the swap too.
 */
#include "../lib/guest.h"

enum { PAGE_WORDS = PAGE_BYTES / 4, CHILD_STEP = 8, PAGES_PER_MIB = MIB / PAGE_BYTES };

static uint32_t *area;
static uint32_t pages;
static uint32_t seed;

/* Fills a page for a pass. */
static void fill(uint32_t page, uint32_t pass)
{
	uint32_t state = random_seed(seed + pass, page);

	for (uint32_t i = 0; i < PAGE_WORDS; i++)
		area[page * PAGE_WORDS + i] = random_next(&state);
}

/* Checks a page of a pass, adding it to the sum. */
static bool check(uint32_t page, uint32_t pass, uint32_t *sum)
{
	uint32_t state = random_seed(seed + pass, page);
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < PAGE_WORDS; i++) {
		uint32_t word = area[page * PAGE_WORDS + i];

		wrong |= word ^ random_next(&state);
		*sum = (*sum << 1 | *sum >> 31) + word;
	}
	return wrong == 0;
}

/* All pages of a pass; says which is wrong. */
static uint32_t check_all(uint32_t pass)
{
	uint32_t sum = 0;

	for (uint32_t page = 0; page < pages; page++) {
		if (check(page, pass, &sum))
			continue;
		printf("memtest: FAIL seed=%u pass=%u page=%u\n", seed, pass, page);
		exit(1);
	}
	return sum;
}

/* A child's copy: some pages get another pass's numbers, all others stay. */
static _Noreturn void child(uint32_t pass)
{
	uint32_t sum = 0;
	bool good = true;

	for (uint32_t page = 0; page < pages; page += CHILD_STEP)
		fill(page, pass + 1);
	for (uint32_t page = 0; page < pages; page++)
		good &= check(page, page % CHILD_STEP == 0 ? pass + 1 : pass, &sum);
	exit(good ? 0 : 1);
}

/* The parent checks while the child changes. */
static uint32_t check_with_child(uint32_t pass)
{
	int status = 1;
	uint32_t sum;
	int pid = fork();

	if (pid == 0)
		child(pass);
	if (pid < 0)
		fail("memtest", "cannot fork");
	sum = check_all(pass);
	wait(&status);
	if (status != 0)
		fail("memtest", "the child saw wrong memory");
	return sum + check_all(pass);
}

/* The sum covers every word of every pass. */
int main(int argc, char **argv)
{
	struct abi_mem mem;
	struct abi_stat stat;
	uint32_t mib;
	uint32_t sum;

	if (get_mem(&mem) < 0 || get_stat(&stat) < 0)
		fail("memtest", "no information");
	seed = arg_number(argc, argv, 1, stat.seed);
	mib = arg_number(argc, argv, 2,
			 (mem.total + PAGES_PER_MIB) / PAGES_PER_MIB / 2);
	pages = mib * PAGES_PER_MIB;
	area = mib <= 256 ? sbrk((int)(mib * MIB)) : NULL;
	if (area == NULL)
		fail("memtest", "no memory");
	sum = 0;
	for (uint32_t pass = 0; pass < 2; pass++) {
		for (uint32_t page = 0; page < pages; page++)
			fill(page, pass);
		sum = sum * 3 + check_all(pass);
	}
	sum = sum * 3 + check_with_child(1);
	printf("memtest: ok seed=%u mib=%u sum=%08x\n", seed, mib, sum);
	return 0;
}
