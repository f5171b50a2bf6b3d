/*
 * The generator: the published sequence, and what callers rely on.
 */
#include "kernel/rng.h"

#include <criterion/criterion.h>

/* The first outputs of pcg32-demo for seed 42, stream 54 (pcg-random.org). */
Test(rng, published_sequence)
{
	static const u32 expected[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330,
				       0x83d2f293, 0xbfa4784b, 0xcbed606e};

	rng_seed(42);
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		cr_assert_eq(rng_u32(), expected[i], "output %zu", i);
}

Test(rng, a_seed_is_a_sequence)
{
	u32 first[16];

	rng_seed(4711);
	for (int i = 0; i < 16; i++)
		first[i] = rng_u32();
	rng_seed(4711);
	for (int i = 0; i < 16; i++)
		cr_assert_eq(rng_u32(), first[i]);
	rng_seed(4712);
	cr_assert_neq(rng_u32(), first[0]);
}

Test(rng, below_stays_below)
{
	rng_seed(1);
	for (u32 n = 1; n < 2000; n += 37)
		for (int i = 0; i < 50; i++)
			cr_assert_lt(rng_below(n), n);
	cr_assert_eq(rng_below(1), 0);
}

Test(rng, below_is_even)
{
	enum { SIDES = 6, THROWS = 60000 };
	u32 count[SIDES] = {0};

	rng_seed(1);
	for (int i = 0; i < THROWS; i++)
		count[rng_below(SIDES)]++;
	for (int i = 0; i < SIDES; i++)
		cr_assert(count[i] > 9700 && count[i] < 10300, "side %d came %u times",
			  i, count[i]);
}

/*
 * 3/4 of all 32-bit numbers: taken modulo that, without rejection, the first third would
 * come half of the time.
 */
Test(rng, below_is_unbiased)
{
	enum { DRAWS = 30000 };
	u32 n = 3u << 30, low = 0;

	rng_seed(5);
	for (int i = 0; i < DRAWS; i++)
		low += rng_below(n) < n / 3;
	cr_assert_gt(low, DRAWS / 3 - DRAWS / 50);
	cr_assert_lt(low, DRAWS / 3 + DRAWS / 50);
}
