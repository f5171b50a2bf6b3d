/*
 * compute [n]: n rounds of integer work (default 100,000), nothing else.
 */
#include "../lib/guest.h"

/* The sum depends on every round. */
int main(int argc, char **argv)
{
	uint32_t count = arg_number(argc, argv, 1, 100000);
	uint32_t state = random_seed(1, 2);
	uint32_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum = sum * 31 + random_next(&state) % 1009;
	printf("compute: ok sum=%08x\n", sum);
	return 0;
}
