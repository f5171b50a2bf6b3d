/*
 * PCG: a 64-bit linear congruence whose output is permuted, so that its weak low bits
 * do not show. Pure; tested on the build host against the published sequence.
 */
#include "kernel/rng.h"

#define PCG_MULTIPLIER 6364136223846793005ull
#define PCG_INCREMENT \
	(54ull << 1 | 1) /* stream 54, that of the published test vector */

static u64 state;

void rng_seed(u32 seed)
{
	state = 0;
	rng_u32();
	state += seed;
	rng_u32();
}

u32 rng_u32(void)
{
	u64 old = state;
	u32 mixed = (u32)((old >> 18 ^ old) >> 27);
	u32 turn = (u32)(old >> 59);

	state = old * PCG_MULTIPLIER + PCG_INCREMENT;
	return mixed >> turn | mixed << (-turn & 31);
}

u32 rng_below(u32 n)
{
	u32 skip =
		-n %
		n; /* 2^32 mod n: as many values would make the first ones likelier */
	u32 r;

	do {
		r = rng_u32();
	} while (r < skip);
	return r % n;
}
