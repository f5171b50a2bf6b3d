/*
 * canary OWNER MIB [MS]: leaves its mark in so much memory (canary.h), waits, and looks
 * whether all is as it was. The mark is for a reader outside the machine: when this memory
 * is somebody else's one day, nothing of it may be there.
 */
#include "../include/canary.h"
#include "../lib/guest.h"

enum { PAGE_WORDS = PAGE_BYTES / 4 };

/* An odd word of its own for each place, but the mark where it belongs. */
static uint32_t word_of(uint32_t owner, uint32_t i)
{
	return i % CANARY_STRIDE == 0 ? CANARY_MAGIC + owner : i * 2 + 1;
}

int main(int argc, char **argv)
{
	uint32_t owner = arg_number(argc, argv, 1, 0);
	uint32_t mib = arg_number(argc, argv, 2, 1);
	uint32_t words = mib * (MIB / PAGE_BYTES) * PAGE_WORDS;
	uint32_t *area;

	if (owner < 1 || owner > CANARY_OWNERS || mib > 256)
		fail("canary", "usage: canary OWNER MIB [MS]");
	area = sbrk((int)(mib * MIB));
	if (area == NULL)
		fail("canary", "no memory");
	for (uint32_t i = 0; i < words; i++)
		area[i] = word_of(owner, i);
	printf("canary: %u set\n", owner);
	sleep_ms(arg_number(argc, argv, 3, 0));
	for (uint32_t i = 0; i < words; i++)
		if (area[i] != word_of(owner, i))
			fail("canary", "a word has changed");
	printf("canary: ok owner=%u mib=%u\n", owner, mib);
	return 0;
}
