/*
 * toucher MIB:SECONDS...: the toucher of the paper's figure 6. For each step
 * it touches so many MiB of one big area, over and over, for so long. A
 * smaller step leaves the rest of its memory untouched, but does not free it.
 */
#include "../lib/guest.h"

enum { REST_MS = 20, MIB_MAX = 256 };

struct step {
	uint32_t mib;
	uint32_t seconds;
};

/* "8:30"; without a time, one second. */
static struct step parse_step(const char *text)
{
	struct step step = {parse_number(text), 1};

	while (*text != '\0' && *text != ':')
		text++;
	if (*text == ':')
		step.seconds = parse_number(text + 1);
	return step;
}

/* Each page has its own number in its first word; 0 when never touched. */
static bool touch(char *area, uint32_t pages)
{
	for (uint32_t i = 0; i < pages; i++) {
		volatile uint32_t *word = (volatile uint32_t *)(area + i * PAGE_BYTES);

		if (*word != 0 && *word != i + 1)
			return false;
		*word = i + 1;
	}
	return true;
}

/* At least once, then until the time is over. */
static void run_step(char *area, struct step step)
{
	uint32_t start = now_ms();

	do {
		if (!touch(area, step.mib * (MIB / PAGE_BYTES)))
			fail("toucher", "a page has changed");
		sleep_ms(REST_MS);
	} while (now_ms() - start < step.seconds * 1000);
}

/* Memory for the biggest step, taken once. */
int main(int argc, char **argv)
{
	uint32_t most = 0;
	char *area;

	for (int i = 1; i < argc; i++)
		if (parse_step(argv[i]).mib > most)
			most = parse_step(argv[i]).mib;
	if (argc < 2 || most > MIB_MAX)
		fail("toucher", "usage: toucher MIB:SECONDS...");
	area = sbrk((int)(most * MIB));
	if (area == NULL)
		fail("toucher", "no memory");
	for (int i = 1; i < argc; i++)
		run_step(area, parse_step(argv[i]));
	printf("toucher: ok %d steps\n", argc - 1);
	return 0;
}
