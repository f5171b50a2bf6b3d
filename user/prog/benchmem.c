/*
 * benchmem: what it costs, in instructions, that a page goes to the machine below and comes
 * back. Prints lines like those of bench. For a VM without a balloon driver (balloon=off),
 * whose host swaps pages when it reads what we print: grader/scenarios/bench-mem.scn.
 *
 *     balloon   one command INFLATE, the frame of a page freed
 *     pop       the first touch of such a page: a frame, zeroed, mapped
 *     swap_out  one page on its way to the host's disk, in batches; the waits do not count
 *     swap_in   the touch of a page that is on the disk, read, checked, mapped
 */
#include "../lib/guest.h"

enum {
	PAGES = 256, /* of a round of balloon and pop */
	ROUNDS = 8,
	AREA_PAGES = 2048, /* that the host may swap */
	WINDOW_MS = 3000,  /* in which it does */
};

struct row {
	const char *name;
	uint32_t ops;
	uint64_t busy;
	uint32_t exits;
};

static struct abi_clock started;

static void start(void)
{
	bench(BENCH_CLOCK, &started, 0);
}

/* Adds what passed since start; sign -1 takes it off. */
static void stop(struct row *row, int sign)
{
	struct abi_clock now;

	bench(BENCH_CLOCK, &now, 0);
	row->busy += (now.busy - started.busy) * (uint64_t)sign;
	row->exits += (now.exits - started.exits) * (uint32_t)sign;
}

static void call(enum bench_op op)
{
	if (bench(op, NULL, PAGES) < 0)
		fail("benchmem", "needs a VM with memory to spare and balloon=off");
}

/* One call on all pages, less one on none: BENCH_CLOCK is a call, too. */
static void measure(struct row *row, enum bench_op op)
{
	start();
	call(op);
	stop(row, 1);
	start();
	stop(row, -1);
	row->ops += PAGES;
}

/* The first round only warms up. */
static void measure_balloon(struct row *give, struct row *pop)
{
	struct row warm = {0};

	for (uint32_t i = 0; i <= ROUNDS; i++) {
		call(BENCH_TAKE);
		measure(i == 0 ? &warm : give, BENCH_GIVE);
		measure(i == 0 ? &warm : pop, BENCH_TOUCH);
		call(BENCH_PUT_BACK);
	}
}

/* How many of our pages are on the host's disk. */
static uint32_t swapped(void)
{
	struct abi_mem mem;

	if (get_mem(&mem) < 0)
		fail("benchmem", "no information");
	return mem.host_swapped;
}

static void touch(volatile char *area)
{
	for (uint32_t i = 0; i < AREA_PAGES; i++)
		area[i * PAGE_BYTES]++;
}

/* We sleep; `text` says to the host what it is to do meanwhile. */
static void window(struct row *row, int sign, const char *text)
{
	start();
	printf("benchmem: %s\n", text);
	sleep_ms(WINDOW_MS);
	stop(row, sign);
}

/* As long a sleep, without and with; as long a walk, with and without. */
static void measure_swap(struct row *out, struct row *in)
{
	volatile char *area = sbrk(AREA_PAGES * PAGE_BYTES);

	if (area == NULL)
		fail("benchmem", "no memory");
	touch(area);
	window(out, -1, "swap nothing");
	window(out, 1, "swap a lot of it");
	out->ops = swapped();
	printf("benchmem: no more\n");
	sleep_ms(WINDOW_MS);
	in->ops = swapped();
	start();
	touch(area);
	stop(in, 1);
	in->ops -= swapped();
	start();
	touch(area);
	stop(in, -1);
}

int main(int argc, char **argv)
{
	struct row rows[] = {{.name = "balloon"},
			     {.name = "pop"},
			     {.name = "swap_out"},
			     {.name = "swap_in"}};

	(void)argc;
	(void)argv;
	measure_balloon(&rows[0], &rows[1]);
	measure_swap(&rows[2], &rows[3]);
	for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		printf("bench: %s %u %llu %u\n", rows[i].name, rows[i].ops,
		       rows[i].busy, rows[i].exits);
	printf("benchmem: ok\n");
	return 0;
}
