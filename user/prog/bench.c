/*
 * bench [name]: what single operations cost in instructions. Prints one line
 * for each, "bench: NAME OPS BUSYTICKS EXITS": totals of all operations, the
 * ticks without those halted, and the VM exits (0 on the bare machine).
 *
 * Each operation runs once before it is timed; nothing is printed until all
 * are done. Some rows are the difference of two loops.
 */
#include "../lib/guest.h"

enum {
	ROWS_MAX = 24,
	SYSCALLS = 40000,
	SWITCHES = 2000, /* by each of the two processes */
	BATCH = 64,	 /* pages touched in one go */
	FAULT_BATCHES = 60,
	ZERO_BATCHES = 20,
	PTE_WRITES = 200000,
	PTE_FLUSHES = 20000,
	FORKS = 50,
	FORK_PAGES = 64,
	FORK_TOUCHED = 8,
	EXECS = 40,
	READS_WARM = 4000,
	COLD_BLOCKS = 64,
	COMPUTE_TURNS = 200000,
	CLIS = 200000,
	HIDDEN_BATCHES = 60,
	DIRECTORY_BATCHES = 100,
	DIRECTORY_ENTRIES = 16,
	PTE_PART = 500, /* done by one call */
	CLI_PART = 5000,
};

struct row {
	const char *name;
	uint32_t ops;
	uint64_t busy;
	uint32_t exits;
};

struct test {
	const char *name;
	void (*run)(struct row *row);
};

static char pages[BATCH * PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
static struct abi_clock started;
static const char data_file[] = "/BENCH.DAT";

/* Starts the clock. */
static void start(void)
{
	bench(BENCH_CLOCK, &started, 0);
}

/* Adds what passed since start to a row. */
static void stop(struct row *row, uint32_t ops)
{
	struct abi_clock now;

	bench(BENCH_CLOCK, &now, 0);
	row->ops += ops;
	row->busy += now.busy - started.busy;
	row->exits += now.exits - started.exits;
}

/* Takes what passed since start off a row: the loop without the operation. */
static void take_off(struct row *row)
{
	struct row empty = {0};

	stop(&empty, 0);
	row->busy -= empty.busy < row->busy ? empty.busy : row->busy;
	row->exits -= empty.exits < row->exits ? empty.exits : row->exits;
}

/* The end of a batch: the two looks at the clock do not count. */
static void stop_batch(struct row *row)
{
	stop(row, BATCH);
	start();
	take_off(row);
}

/* Writes one word of each page. */
static void touch(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		*(volatile uint32_t *)(pages + i * PAGE_BYTES) = i;
}

/* The null system call. */
static void test_syscall(struct row *row)
{
	start();
	for (uint32_t i = 0; i < SYSCALLS; i++)
		getpid();
	stop(row, SYSCALLS);
}

/* Two processes that yield to each other; both end when done. */
static void test_ctxsw(struct row *row)
{
	int pid = fork();

	if (pid < 0)
		fail("bench", "cannot fork");
	yield(); /* the child is at its loop now */
	start();
	for (uint32_t i = 0; i < SWITCHES; i++)
		yield();
	if (pid == 0)
		exit(0);
	stop(row, 2 * SWITCHES);
	wait(NULL);
}

/* Pages that are there, but not mapped. */
static void test_pgfault(struct row *row)
{
	touch(BATCH);
	for (uint32_t i = 0; i < FAULT_BATCHES; i++) {
		if (bench(BENCH_UNMAP, pages, BATCH) < 0)
			fail("bench", "pages are not ready");
		start();
		touch(BATCH);
		stop_batch(row);
	}
}

/* Fresh memory, given back afterwards. */
static void test_demandzero(struct row *row)
{
	for (uint32_t i = 0; i < ZERO_BATCHES; i++) {
		char *area = sbrk(BATCH * PAGE_BYTES);

		if (area == NULL)
			fail("bench", "no memory");
		start();
		for (uint32_t j = 0; j < BATCH; j++)
			*(volatile char *)(area + j * PAGE_BYTES) = 1;
		stop_batch(row);
		sbrk(-(BATCH * PAGE_BYTES));
	}
}

/* A loop of the kernel's, in parts: it lets no interrupt in. */
static void kernel_loop(enum bench_op op, uint32_t count, uint32_t part)
{
	for (uint32_t i = 0; i < count; i += part)
		bench(op, pages, part);
}

/* One loop of the kernel's, less another. */
static void difference(struct row *row, enum bench_op with, enum bench_op without,
		       uint32_t count, uint32_t part)
{
	touch(1);
	start();
	kernel_loop(with, count, part);
	stop(row, count);
	start();
	kernel_loop(without, count, part);
	take_off(row);
}

/* The kernel writes a page-table entry. */
static void test_ptemod(struct row *row)
{
	difference(row, BENCH_PTE, BENCH_EMPTY, PTE_WRITES, PTE_PART);
}

/* The same, with the flush that mostly follows. */
static void test_ptemod_invlpg(struct row *row)
{
	difference(row, BENCH_PTE_FLUSH, BENCH_EMPTY, PTE_FLUSHES, PTE_PART);
}

/* One loop over directory entries; calling the kernel does not count. */
static void directory_loop(struct row *row, enum bench_op op)
{
	start();
	if (bench(op, pages, DIRECTORY_ENTRIES) < 0)
		fail("bench", "there is no page table");
	stop(row, DIRECTORY_ENTRIES);
	start();
	bench(BENCH_EMPTY, pages, DIRECTORY_ENTRIES);
	take_off(row);
}

/*
 * The kernel writes to the directory in use, as it does when a process gets a page table
 * and when it loses one that was used.
 */
static void test_pdemod(struct row *row)
{
	touch(1);
	for (uint32_t i = 0; i < DIRECTORY_BATCHES; i++) {
		directory_loop(row, BENCH_PDE_SET);
		bench(BENCH_PDE_TOUCH, pages, DIRECTORY_ENTRIES);
		directory_loop(row, BENCH_PDE_CLEAR);
	}
}

/* 64 resident writable pages, of which the child writes 8. */
static void test_forkwait(struct row *row)
{
	touch(FORK_PAGES);
	start();
	for (uint32_t i = 0; i < FORKS; i++) {
		int pid = fork();

		if (pid < 0)
			fail("bench", "cannot fork");
		if (pid == 0) {
			touch(FORK_TOUCHED);
			exit(0);
		}
		wait(NULL);
	}
	stop(row, FORKS);
}

/* fork, exec of a program that does nothing, wait. */
static void test_exec(struct row *row)
{
	char *argv[] = {"nop", NULL};

	start();
	for (uint32_t i = 0; i < EXECS; i++)
		if (run(argv) != 0)
			fail("bench", "nop failed");
	stop(row, EXECS);
}

/* A file to read from. */
static int open_data(void)
{
	int fd = open(data_file, O_WRITE | O_CREATE | O_TRUNC);

	if (fd < 0)
		fail("bench", "cannot write its file");
	for (uint32_t i = 0; i < COLD_BLOCKS; i++)
		if (write(fd, pages, PAGE_BYTES) != PAGE_BYTES)
			fail("bench", "cannot write its file");
	return fd;
}

/* Reads blocks one after the other. */
static void read_blocks(int fd, uint32_t count, bool same)
{
	lseek(fd, 0);
	for (uint32_t i = 0; i < count; i++) {
		if (same)
			lseek(fd, 0);
		if (read(fd, pages, PAGE_BYTES) != PAGE_BYTES)
			fail("bench", "cannot read its file");
	}
}

/* Nothing is cached: each read goes to the disk. Waiting does not count. */
static void test_diskread_cold(struct row *row)
{
	int fd = open_data();

	read_blocks(fd, COLD_BLOCKS, false);
	bench(BENCH_DROP_CACHE, NULL, 0);
	start();
	read_blocks(fd, COLD_BLOCKS, false);
	stop(row, COLD_BLOCKS);
	close(fd);
	unlink(data_file);
}

/* From the cache. */
static void test_diskread(struct row *row)
{
	int fd = open_data();

	start();
	read_blocks(fd, READS_WARM, true);
	stop(row, READS_WARM);
	close(fd);
	unlink(data_file);
}

/* No calls and no faults. */
static void test_compute(struct row *row)
{
	uint32_t state = 1;

	start();
	for (uint32_t i = 0; i < COMPUTE_TURNS; i++)
		random_next(&state);
	stop(row, COMPUTE_TURNS);
}

/* One run of mix: one operation. */
static void test_mix(struct row *row)
{
	char *argv[] = {"mix", "-q", "3", NULL};

	start();
	if (run(argv) != 0)
		fail("bench", "mix failed");
	stop(row, 1);
}

/* The instruction alone. */
static void test_cli(struct row *row)
{
	difference(row, BENCH_CLI, BENCH_EMPTY, CLIS, CLI_PART);
}

/* The first read of a page that is there, whose translation was flushed. */
static void test_hidden(struct row *row)
{
	touch(BATCH);
	for (uint32_t i = 0; i < HIDDEN_BATCHES; i++) {
		if (bench(BENCH_RENEW, pages, BATCH) < 0)
			fail("bench", "pages are not ready");
		start();
		for (uint32_t j = 0; j < BATCH; j++)
			(void)*(const volatile uint32_t *)(pages + j * PAGE_BYTES);
		stop_batch(row);
	}
}

static const struct test tests[] = {
	{"syscall", test_syscall},   {"ctxsw", test_ctxsw},
	{"pgfault", test_pgfault},   {"demandzero", test_demandzero},
	{"ptemod", test_ptemod},     {"forkwait", test_forkwait},
	{"exec", test_exec},	     {"diskread_cold", test_diskread_cold},
	{"diskread", test_diskread}, {"compute", test_compute},
	{"mix", test_mix},	     {"cli", test_cli},
	{"hidden", test_hidden},     {"ptemod_invlpg", test_ptemod_invlpg},
	{"pdemod", test_pdemod},
};

/* Once to warm up, once for the row. */
static void measure(const struct test *test, struct row *row)
{
	struct row warm = {0};

	test->run(&warm);
	*row = (struct row){.name = test->name};
	test->run(row);
}

/* All rows, or the one that is named. */
int main(int argc, char **argv)
{
	static struct row rows[ROWS_MAX];
	uint32_t count = 0;

	for (uint32_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (argc < 2 || strcmp(argv[1], tests[i].name) == 0)
			measure(&tests[i], &rows[count++]);
	for (uint32_t i = 0; i < count; i++)
		printf("bench: %s %u %llu %u\n", rows[i].name, rows[i].ops,
		       rows[i].busy, rows[i].exits);
	if (count == 0)
		fail("bench", "there is no such row");
	printf("bench: ok %u rows\n", count);
	return 0;
}
