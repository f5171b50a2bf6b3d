/*
 * 64-bit division for the compiler. gcc turns `u64 / u64` into calls of these; the ones
 * in libgcc take their arguments on the stack, but code built with -mregparm=3 passes
 * them in registers, so libgcc's would divide garbage. These are built like the rest of
 * the kernel and the linker finds them first. Code that knows its divisor to be short
 * uses div_u64.
 */
#include "kernel/lib.h"

u64 __udivmoddi4(u64 n, u64 d, u64 *rem);
u64 __udivdi3(u64 n, u64 d);
u64 __umoddi3(u64 n, u64 d);
s64 __divdi3(s64 n, s64 d);
s64 __moddi3(s64 n, s64 d);

/* Bit by bit: for divisors of more than 32 bits, which are rare. */
static u64 long_division(u64 n, u64 d, u64 *rem)
{
	u64 quotient = 0, left = 0;

	for (int bit = 63; bit >= 0; bit--) {
		bool carry = left >> 63;

		left = left << 1 | (n >> bit & 1);
		if (carry || left >= d) {
			left -= d;
			quotient |= 1ull << bit;
		}
	}
	*rem = left;
	return quotient;
}

/* Quotient and remainder at once; d > 0. */
u64 __udivmoddi4(u64 n, u64 d, u64 *rem)
{
	u64 quotient, left;

	if (d >> 32) {
		quotient = long_division(n, d, &left);
	} else {
		u32 short_left;

		quotient = div_u64(n, (u32)d, &short_left);
		left = short_left;
	}
	if (rem)
		*rem = left;
	return quotient;
}

u64 __udivdi3(u64 n, u64 d)
{
	return __udivmoddi4(n, d, NULL);
}

u64 __umoddi3(u64 n, u64 d)
{
	u64 rem;

	__udivmoddi4(n, d, &rem);
	return rem;
}

/* The absolute value, right for the most negative number too. */
static u64 magnitude(s64 v)
{
	return v < 0 ? -(u64)v : (u64)v;
}

/* Signed: rounds towards zero, as C does. */
s64 __divdi3(s64 n, s64 d)
{
	u64 q = __udivdi3(magnitude(n), magnitude(d));

	return (s64)((n < 0) != (d < 0) ? -q : q);
}

s64 __moddi3(s64 n, s64 d)
{
	u64 r = __umoddi3(magnitude(n), magnitude(d));

	return (s64)(n < 0 ? -r : r);
}
