/*
 * filebench [MiB] [ops] [seed] [rounds]: writes a set of files (default 1 MiB), then
 * reads and sometimes writes 4 KiB blocks of them (default 200), some far more often than
 * others, and checks each. (The source is named like its file on the disk: 8 letters; the
 * shell cuts longer names.) What fits the guest's cache is fast. With a fourth argument it
 * does the operations so often, and prints how long each round took.
 */
#include "../lib/guest.h"

enum {
	FILES = 4,
	BLOCK_WORDS = PAGE_BYTES / 4,
	MIB_MAX = 24,
	BLOCKS_MAX = MIB_MAX * (MIB / PAGE_BYTES),
	WRITE_ONE_IN = 8,
};

static uint32_t block[BLOCK_WORDS];
static uint16_t versions[BLOCKS_MAX];
static int files[FILES];
static uint32_t blocks;
static uint32_t seed;

/* A name of its own for each file of each process. */
static void file_name(char *name, uint32_t index)
{
	uint32_t pid = (uint32_t)getpid();

	copy_string(name, "/F0000_0.DAT", PATH_MAX);
	for (uint32_t i = 0; i < 4; i++, pid /= 10)
		name[5 - i] = (char)('0' + pid % 10);
	name[7] = (char)('0' + index);
}

/* Where a block is: the files take turns. */
static int seek(uint32_t number)
{
	int fd = files[number % FILES];

	if (lseek(fd, number / FILES * PAGE_BYTES) < 0)
		fail("filebench", "seek");
	return fd;
}

/* A block's words are a line through a point that its version gives. */
static uint32_t first_word(uint32_t number)
{
	return random_seed(seed + versions[number], number);
}

/* Makes a new version of a block and writes it. */
static void write_block(uint32_t number)
{
	uint32_t word;

	versions[number]++;
	word = first_word(number);
	for (uint32_t i = 0; i < BLOCK_WORDS; i++)
		block[i] = word + i * word;
	if (write(seek(number), block, PAGE_BYTES) != PAGE_BYTES)
		fail("filebench", "write");
}

/* Reads a block, compares it with what was written last. */
static uint32_t read_block(uint32_t number)
{
	uint32_t word = first_word(number);
	uint32_t wrong = 0;

	if (read(seek(number), block, PAGE_BYTES) != PAGE_BYTES)
		fail("filebench", "read");
	for (uint32_t i = 0; i < BLOCK_WORDS; i++)
		wrong |= block[i] ^ (word + i * word);
	if (wrong != 0)
		fail("filebench", "a block has changed");
	return word;
}

/* The files, filled from their first block on. */
static void create(void)
{
	char name[PATH_MAX];

	for (uint32_t i = 0; i < FILES; i++) {
		file_name(name, i);
		files[i] = open(name, O_WRITE | O_CREATE | O_TRUNC);
		if (files[i] < 0)
			fail("filebench", "cannot create its files");
	}
	for (uint32_t number = 0; number < blocks; number++)
		write_block(number);
}

/* Leaves the disk as it was. */
static void cleanup(void)
{
	char name[PATH_MAX];

	for (uint32_t i = 0; i < FILES; i++) {
		close(files[i]);
		file_name(name, i);
		unlink(name);
	}
}

/*
 * The blocks that were written last are used most, as by who goes on with his work. The sum
 * depends on every block that was read.
 */
static uint32_t operate(uint32_t ops, uint32_t *state, uint32_t sum)
{
	for (uint32_t i = 0; i < ops; i++) {
		uint32_t number = blocks - 1 - random_skewed(state, blocks);

		if (random_next(state) % WRITE_ONE_IN == 0)
			write_block(number);
		else
			sum = sum * 31 + read_block(number);
	}
	return sum;
}

/* Times are only printed when asked for: they differ from run to run. */
static uint32_t run_rounds(uint32_t rounds, uint32_t ops, bool timed)
{
	uint32_t state = random_seed(seed, BLOCKS_MAX);
	uint32_t sum = 0;
	uint32_t start;

	for (uint32_t i = 0; i < rounds; i++) {
		start = now_ms();
		sum = operate(ops, &state, sum);
		if (timed)
			printf("filebench: counts round=%u ops=%u ms=%u\n", i, ops,
			       now_ms() - start);
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
		fail("filebench", "1 to 24 MiB");
	get_stat(&stat);
	seed = arg_number(argc, argv, 3, stat.seed);
	blocks = mib * (MIB / PAGE_BYTES);
	create();
	if (argc > 4)
		sync();
	sum = run_rounds(rounds, ops, argc > 4);
	cleanup();
	printf("filebench: ok mib=%u ops=%u sum=%08x\n", mib, ops, sum);
	return 0;
}
