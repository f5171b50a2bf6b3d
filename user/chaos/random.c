/*
 * Marsaglia's xorshift, good enough for mischief.
 */
#include "random.h"

enum { MIX_SEED = 0x9E3779B9, MIX_LIFE = 0x85EBCA6B, WARM_UP = 16 };

static uint32_t state;

uint32_t random32(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

void random_seed(uint32_t seed, uint32_t life)
{
	state = (seed + 1) * (uint32_t)MIX_SEED ^ life * (uint32_t)MIX_LIFE;
	if (state == 0)
		state = 1;
	for (uint32_t i = 0; i < WARM_UP; i++)
		random32();
}

uint32_t random_below(uint32_t n)
{
	return random32() % n;
}

bool once_in(uint32_t n)
{
	return random_below(n) == 0;
}
