/*
 * proof SEED [STAGES]: works with memory in every way that the kernel offers, and leaves
 * what came out in the kernel, stage by stage (include/proof.h). Then it goes on in rounds
 * for ever, changing its memory as it goes: a machine that is looked at at any instant has
 * to be in the middle of it. STAGES are letters, "zfumsrwt" when not told:
 * z zero and fill, f fork, u user, m marks, s storm, r shrink, w swap, t scan.
 */
#include "../include/proof.h"

#include "../lib/guest.h"

enum { PAGE_WORDS = PAGE_BYTES / 4, WORDS = PROOF_PAGES * PAGE_WORDS };
enum { CHILD_STREAM = 1000, AGAIN_STREAM = 2000, ROUND_MS = 10, STATUS_MASK = 63 };
enum { CALL_FAILED = 3, KERNEL_TEXT = 0x80100000, VMM = 0xFC000000, REACH = 0x4000 };
enum { LOOK_FAILED = 0x80, FIRST_LETTER = 'a' };

static uint32_t *area;
static uint32_t seed;
static char *seed_text = "1";

/* A stage is done. */
static void keep(enum proof_slot slot, uint32_t value)
{
	if (proof(PROOF_KEEP, slot, value) != 0)
		fail("proof", "the kernel keeps nothing");
}

/* Each page gets the numbers of its own stream. */
static void fill(uint32_t page, uint32_t stream)
{
	uint32_t state = random_seed(seed, stream + page);

	for (uint32_t i = 0; i < PAGE_WORDS; i++)
		area[page * PAGE_WORDS + i] = random_next(&state);
}

/* One number for all of the area, that depends on the order. */
static uint32_t fold(void)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < WORDS; i++)
		sum = (sum << 1 | sum >> 31) + area[i];
	return sum;
}

/* All bits that are set anywhere in n pages. */
static uint32_t any_bits(const uint32_t *from, uint32_t n)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < n * PAGE_WORDS; i++)
		bits |= from[i];
	return bits;
}

static uint32_t *more(uint32_t pages)
{
	uint32_t *at = sbrk((int)(pages * PAGE_BYTES));

	if (at == NULL)
		fail("proof", "no memory");
	return at;
}

/* Pages are written in another order than they are read in. */
static void stage_zero(void)
{
	keep(PROOF_ZERO, random_seed(seed, PROOF_ZERO) ^ any_bits(area, PROOF_PAGES));
	for (uint32_t i = 0; i < PROOF_PAGES; i++)
		fill(i * 5 % PROOF_PAGES, 0);
	keep(PROOF_FILL, fold());
}

/* The child changes the pages that the seed says. */
static _Noreturn void change_copy(void)
{
	uint32_t mask = random_seed(seed, PROOF_CHILD);

	for (uint32_t i = 0; i < PROOF_PAGES; i++)
		if (mask >> i & 1)
			fill(i, CHILD_STREAM);
	keep(PROOF_CHILD, fold());
	exit(0);
}

static int wait_status(void)
{
	int status = -1;

	wait(&status);
	return status;
}

/* Afterwards the parent's pages are its own again, and it writes to half of them. */
static void stage_fork(void)
{
	int pid = fork();

	if (pid == 0)
		change_copy();
	if (pid < 0)
		fail("proof", "cannot fork");
	wait_status();
	for (uint32_t i = 1; i < PROOF_PAGES; i += 2)
		fill(i, AGAIN_STREAM);
	keep(PROOF_PARENT, fold());
}

/* What no program may do; survives it only by a mistake of those below. */
static _Noreturn void trespass(uint32_t kind)
{
	uint32_t off = random_seed(seed, kind) % REACH & ~3u;
	volatile uint32_t *kernel = (uint32_t *)(KERNEL_TEXT + off);

	switch (kind) {
	case 0:
		exit((int)(*kernel & STATUS_MASK));
	case 1:
		*kernel = 0;
		break;
	case 2:
		*(volatile uint32_t *)(uint32_t)main = 0;
		break;
	case 3:
		exit((int)(*(volatile uint32_t *)(VMM + off) & STATUS_MASK));
	default:
		((void (*)(void))(uint32_t)kernel)();
	}
	exit(0);
}

/* The kernel ends each of them. */
static void stage_user(void)
{
	uint32_t sum = random_seed(seed, PROOF_USER);

	for (uint32_t kind = 0; kind < 5; kind++) {
		int pid = fork();

		if (pid == 0)
			trespass(kind);
		sum = sum * 31 + (uint32_t)wait_status();
	}
	keep(PROOF_USER, sum);
}

/* Takes the marks off a page of the area; what they were. */
static uint32_t look(uint32_t page)
{
	int marks = proof(PROOF_LOOK, (uint32_t)&area[page * PAGE_WORDS], 0);

	return marks < 0 ? LOOK_FAILED : (uint32_t)marks;
}

/* What the seed has in mind for a page: bit 0 read it, bit 1 write to it. */
static void touch(uint32_t page)
{
	uint32_t what = random_seed(seed, AGAIN_STREAM + page);
	volatile uint32_t *word = &area[page * PAGE_WORDS + (what >> 8) % PAGE_WORDS];

	if (what & 1)
		(void)*word;
	if (what & 2)
		*word = what;
}

/* All pages lose their marks, then some are touched, then all are looked at. */
static void stage_marks(void)
{
	uint32_t sum = random_seed(seed, PROOF_MARKS);

	for (uint32_t i = 0; i < PROOF_MARKED; i++)
		area[i * PAGE_WORDS]++;
	for (uint32_t i = 0; i < PROOF_MARKED; i++)
		look(i);
	for (uint32_t i = 0; i < PROOF_MARKED; i++)
		touch(i);
	for (uint32_t i = 0; i < PROOF_MARKED; i++)
		sum = sum * 31 + look(i);
	keep(PROOF_MARKS, sum ^ fold());
}

/* What a child of the storm comes back with. */
static int child_status(uint32_t number)
{
	return (int)(random_seed(seed, CHILD_STREAM + number) & STATUS_MASK);
}

/* Every other child becomes a new program, which gets its number as a letter. */
static _Noreturn void storm_child(uint32_t number)
{
	char letter[] = {(char)(FIRST_LETTER + number), '\0'};
	char *argv[] = {"proof", seed_text, "child", letter, NULL};
	uint32_t page = number % PROOF_PAGES;

	area[page * PAGE_WORDS] = number;
	yield();
	if (area[page * PAGE_WORDS] != number)
		exit(CALL_FAILED);
	if (number % 2 == 0)
		exit(child_status(number));
	exec("/BIN/PROOF", argv);
	exit(CALL_FAILED);
}

/* Tables are made, used and given back, again and again. */
static void stage_storm(void)
{
	uint32_t sum = random_seed(seed, PROOF_STORM);

	for (uint32_t n = 0; n < PROOF_STORMS; n++) {
		int pid = fork();

		if (pid == 0)
			storm_child(n);
		area[n * PAGE_WORDS + 1] = n;
		sum = sum * 31 + (uint32_t)wait_status();
	}
	keep(PROOF_STORM, sum ^ fold());
}

/* The upper pages go, and come back without what was in them. */
static void stage_shrink(void)
{
	uint32_t kept = PROOF_PAGES - PROOF_SHRUNK;
	uint32_t bits;

	sbrk(-(int)(PROOF_SHRUNK * PAGE_BYTES));
	more(PROOF_SHRUNK);
	bits = any_bits(area + kept * PAGE_WORDS, PROOF_SHRUNK);
	keep(PROOF_SHRINK, (random_seed(seed, PROOF_SHRINK) + fold()) ^ bits);
}

/* Two words a page: the guest's clock sends most of them to the disk and back. */
static void stage_swap(void)
{
	uint32_t *big = more(PROOF_SWAP_PAGES);
	uint32_t sum = random_seed(seed, PROOF_SWAP);

	for (uint32_t i = 0; i < PROOF_SWAP_PAGES; i++) {
		big[i * PAGE_WORDS] = random_seed(seed, i);
		big[(i + 1) * PAGE_WORDS - 1] = i;
	}
	for (uint32_t i = 0; i < PROOF_SWAP_PAGES; i++)
		sum = sum * 31 + (big[i * PAGE_WORDS] ^ big[(i + 1) * PAGE_WORDS - 1]);
	sbrk(-(int)(PROOF_SWAP_PAGES * PAGE_BYTES));
	keep(PROOF_SWAP, sum);
}

/* Memory that this life of the machine never used is touched as well. */
static void stage_scan(void)
{
	keep(PROOF_SCAN,
	     random_seed(seed, PROOF_SCAN) ^ (uint32_t)proof(PROOF_TOUCH, 0, 0));
}

/* Each step depends on all that were before, through memory. */
static _Noreturn void rounds(void)
{
	uint32_t chain = random_seed(seed, PROOF_CHAIN);

	for (uint32_t i = 0; i < PROOF_PAGES; i++)
		fill(i, 0);
	printf("proof: running\n");
	for (uint32_t round = 1;; round++) {
		for (uint32_t i = 0; i < PROOF_STEPS; i++) {
			uint32_t at = chain % WORDS;

			chain = random_seed(chain ^ area[at], round);
			area[at] = chain;
		}
		keep(PROOF_CHAIN, chain);
		keep(PROOF_ROUND, round);
		sleep_ms(ROUND_MS);
	}
}

static const struct {
	char letter;
	void (*run)(void);
} stages[] = {
	{'z', stage_zero},  {'f', stage_fork},	 {'u', stage_user}, {'m', stage_marks},
	{'s', stage_storm}, {'r', stage_shrink}, {'w', stage_swap}, {'t', stage_scan},
};

static void run_stages(const char *letters)
{
	for (; *letters; letters++)
		for (uint32_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
			if (stages[i].letter == *letters)
				stages[i].run();
}

/* A child of the storm has its own arguments. */
int main(int argc, char **argv)
{
	if (argc > 1)
		seed_text = argv[1];
	seed = parse_number(seed_text);
	if (argc > 3 && strcmp(argv[2], "child") == 0)
		exit(child_status((uint32_t)(argv[3][0] - FIRST_LETTER)));
	if (proof(PROOF_BEGIN, seed, 0) != 0)
		fail("proof", "the kernel has no proofs");
	keep(PROOF_ALIVE, random_seed(seed, PROOF_ALIVE));
	area = more(PROOF_PAGES);
	run_stages(argc > 2 ? argv[2] : "zfumsrwt");
	rounds();
}
