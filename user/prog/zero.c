/*
 * zero [MiB] [s]: takes pages (default 1 MiB) by reading them, so that they
 * hold zeroes and nothing else, keeps them for a while, and checks them.
 */
#include "../lib/guest.h"

/* Are all words zero? The first read of a page takes it. */
static bool all_zero(const uint32_t *area, uint32_t words)
{
	for (uint32_t i = 0; i < words; i++)
		if (area[i] != 0)
			return false;
	return true;
}

/* Twice, with the wait between. */
int main(int argc, char **argv)
{
	uint32_t mib = arg_number(argc, argv, 1, 1);
	uint32_t seconds = arg_number(argc, argv, 2, 0);
	uint32_t *area = mib <= 256 ? sbrk((int)(mib * MIB)) : NULL;

	if (area == NULL)
		fail("zero", "no memory");
	if (!all_zero(area, mib * (MIB / 4)))
		fail("zero", "a fresh page was not zero");
	sleep_ms(seconds * 1000);
	if (!all_zero(area, mib * (MIB / 4)))
		fail("zero", "a page has changed");
	printf("zero: ok %u MiB\n", mib);
	return 0;
}
