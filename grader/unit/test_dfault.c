/*
 * The double-fault table (trap 17), all of it, against the manual's wording: SDM vol. 3,
 * tables 6-4 and 6-5.
 */
#include "vmm/dfault.h"

#include <criterion/criterion.h>

enum {
	DE = 0,
	DB = 1,
	BP = 3,
	UD = 6,
	DF = 8,
	TS = 10,
	NP = 11,
	SS = 12,
	GP = 13,
	PF = 14
};

static bool contributory(unsigned v)
{
	return v == DE || v == TS || v == NP || v == SS || v == GP;
}

static enum dfault by_the_manual(unsigned first, unsigned second)
{
	bool bad = contributory(second) || second == PF;

	if (first == DF && bad)
		return DFAULT_TRIPLE;
	if (contributory(first) && contributory(second))
		return DFAULT_DOUBLE;
	if (first == PF && bad)
		return DFAULT_DOUBLE;
	return DFAULT_SERIAL;
}

Test(dfault, every_pair)
{
	for (unsigned first = 0; first <= DFAULT_INTERRUPT; first++)
		for (unsigned second = 0; second < 20; second++)
			if (second != DF)
				cr_assert_eq(dfault_combine(first, second),
					     by_the_manual(first, second), "%u then %u",
					     first, second);
}

Test(dfault, page_fault_on_the_way_to_a_page_fault)
{
	cr_assert_eq(dfault_combine(PF, PF), DFAULT_DOUBLE);
}

Test(dfault, page_fault_on_the_way_to_a_gp_comes_first)
{
	cr_assert_eq(dfault_combine(GP, PF), DFAULT_SERIAL);
	cr_assert_eq(dfault_combine(PF, GP), DFAULT_DOUBLE);
}

Test(dfault, interrupts_are_benign)
{
	cr_assert_eq(dfault_combine(DFAULT_INTERRUPT, GP), DFAULT_SERIAL);
	cr_assert_eq(dfault_combine(DFAULT_INTERRUPT, PF), DFAULT_SERIAL);
}

Test(dfault, third_one_is_a_triple_fault) /* trap 16 */
{
	cr_assert_eq(dfault_combine(DF, PF), DFAULT_TRIPLE);
	cr_assert_eq(dfault_combine(DF, GP), DFAULT_TRIPLE);
	cr_assert_eq(dfault_combine(DF, UD), DFAULT_SERIAL);
}
