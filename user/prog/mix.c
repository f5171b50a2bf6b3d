/*
 * mix [rounds]: a load like a compiler's (default 4 rounds). In each round
 * the "driver" reads a source file block by block, and starts a "pass": a
 * program that reads the source in small pieces, builds tokens in fresh
 * memory, sorts some, and ends with a digest as its status.
 *
 * `mix -p ROUND` is the pass, `mix -q rounds` prints nothing. The line that
 * begins "mix: counts" holds the kernel's counters and the busy ticks.
 */
#include "../lib/guest.h"

enum {
	SOURCE_BLOCKS = 16,
	SOURCE_BYTES = SOURCE_BLOCKS * PAGE_BYTES,
	PIECE = 64,
	PIECES = 60, /* that a pass reads: two calls each */
	TOKEN_PAGES = 52,
	TOKENS = TOKEN_PAGES * PAGE_BYTES / 4,
	STRIDE = 61, /* words between tokens that the pass writes */
	SORTED = 96,
	WORK = 20000, /* turns of plain computing */
	DIGEST_MASK = 0x3F,
};

static const char source[] = "/MIX.SRC";
static uint32_t buf[PAGE_BYTES / 4];

/* A source that is the same on every machine. */
static void make_source(void)
{
	uint32_t state = random_seed(3, 4);
	int fd = open(source, O_WRITE | O_CREATE | O_TRUNC);

	if (fd < 0)
		fail("mix", "cannot write its source");
	for (uint32_t i = 0; i < SOURCE_BLOCKS; i++) {
		for (uint32_t j = 0; j < PAGE_BYTES / 4; j++)
			buf[j] = random_next(&state);
		if (write(fd, buf, PAGE_BYTES) != PAGE_BYTES)
			fail("mix", "cannot write its source");
	}
	close(fd);
}

/* The driver's reading: whole blocks, a little of each looked at. */
static uint32_t read_source(void)
{
	int fd = open(source, 0);
	uint32_t sum = 0;

	if (fd < 0)
		fail("mix", "cannot read its source");
	while (read(fd, buf, PAGE_BYTES) == PAGE_BYTES)
		for (uint32_t i = 0; i < PAGE_BYTES / 4; i += 16)
			sum = sum * 31 + buf[i];
	close(fd);
	return sum;
}

/* The lexer: small reads all over the source, tokens into fresh pages. */
static uint32_t lex(uint32_t *tokens, uint32_t round)
{
	uint32_t state = random_seed(5, round);
	int fd = open(source, 0);
	uint32_t sum = 0;

	if (fd < 0)
		fail("mix", "a pass cannot read the source");
	for (uint32_t i = 0; i < PIECES; i++) {
		uint32_t at = random_next(&state) % (SOURCE_BYTES - PIECE);

		if (lseek(fd, at) < 0 || read(fd, buf, PIECE) != PIECE)
			fail("mix", "a pass cannot read the source");
		for (uint32_t j = 0; j < PIECE / 4; j++)
			sum = sum * 33 + buf[j];
	}
	close(fd);
	for (uint32_t i = 0; i < TOKENS; i += STRIDE)
		tokens[i] = random_next(&state) ^ sum;
	return sum;
}

/* The symbol table: insertion sort of some tokens. */
static uint32_t sort(uint32_t *tokens)
{
	for (uint32_t i = 1; i < SORTED; i++) {
		uint32_t token = tokens[i * STRIDE];
		uint32_t j = i;

		for (; j > 0 && tokens[(j - 1) * STRIDE] > token; j--)
			tokens[j * STRIDE] = tokens[(j - 1) * STRIDE];
		tokens[j * STRIDE] = token;
	}
	return tokens[SORTED / 2 * STRIDE];
}

/* One compiler pass, in a process and a program image of its own. */
static int pass(uint32_t round)
{
	uint32_t *tokens = sbrk(TOKEN_PAGES * PAGE_BYTES);
	uint32_t sum;
	uint32_t state;

	if (tokens == NULL)
		return -1;
	sum = lex(tokens, round);
	sum += sort(tokens);
	state = random_seed(sum, round);
	for (uint32_t i = 0; i < WORK; i++)
		sum = sum * 31 + random_next(&state);
	return (int)((sum ^ sum >> 16) & DIGEST_MASK);
}

/* A round's number as an argument. */
static int run_pass(uint32_t round)
{
	char digits[4] = {(char)('0' + round / 100 % 10), (char)('0' + round / 10 % 10),
			  (char)('0' + round % 10), '\0'};
	char *argv[] = {"mix", "-p", digits, NULL};
	int status = run(argv);

	if (status < 0 || status > DIGEST_MASK)
		fail("mix", "a pass failed");
	return status;
}

/* The differences of the counters. */
static void print_counts(const struct abi_stat *from, const struct abi_stat *to,
			 uint64_t busy)
{
	printf("mix: counts ticks=%llu syscalls=%u faults=%u forks=%u execs=%u reads=%u\n",
	       busy, to->syscalls - from->syscalls, to->faults - from->faults,
	       to->forks - from->forks, to->execs - from->execs,
	       to->block_reads - from->block_reads);
}

/* The driver. */
int main(int argc, char **argv)
{
	struct abi_stat before, after;
	struct abi_clock start, end;
	bool quiet = argc > 1 && strcmp(argv[1], "-q") == 0;
	uint32_t rounds = arg_number(argc, argv, quiet ? 2 : 1, 4);
	uint32_t sum = 0;

	if (argc > 2 && strcmp(argv[1], "-p") == 0)
		return pass(parse_number(argv[2]));
	make_source();
	get_stat(&before);
	bench(BENCH_CLOCK, &start, 0);
	for (uint32_t round = 0; round < rounds; round++)
		sum = (sum + read_source()) * 31 + (uint32_t)run_pass(round);
	bench(BENCH_CLOCK, &end, 0);
	get_stat(&after);
	unlink(source);
	if (!quiet) {
		print_counts(&before, &after, end.busy - start.busy);
		printf("mix: ok rounds=%u sum=%08x\n", rounds, sum);
	}
	return 0;
}
