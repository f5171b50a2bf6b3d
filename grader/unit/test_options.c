/*
 * Boot options: what is asked for, what nobody asked for, and lines without an end.
 */
#include "kernel/lib.h"
#include "kernel/options.h"

#include <criterion/criterion.h>

Test(options, values)
{
	options_init("vms=4 mem=0x80 pvi=off seed=1 seed=7");
	cr_assert_eq(option_u32("vms", 1, 1, 16), 4);
	cr_assert_eq(option_u32("mem", 1, 1, 512), 0x80);
	cr_assert_eq(option_u32("seed", 0, 0, ~0u), 7, "the last one counts");
	cr_assert_not(option_bool("pvi", true));
	cr_assert_eq(option_u32("low", 32, 1, 32), 32);
	cr_assert_null(options_check());
}

Test(options, unknown_word)
{
	options_init("vms=4 colour=red");
	option_u32("vms", 1, 1, 16);
	cr_assert_not_null(options_check());
	cr_assert_not_null(strstr(options_check(), "colour"));
}

Test(options, bad_values)
{
	options_init("vms=17");
	cr_assert_eq(option_u32("vms", 4, 1, 16), 4);
	cr_assert_not_null(options_check());
	options_init("pvi=maybe");
	cr_assert(option_bool("pvi", true));
	cr_assert_not_null(options_check());
	options_init("vms");
	cr_assert_eq(option_u32("vms", 4, 1, 16), 4);
	cr_assert_not_null(options_check());
}

Test(options, endless_line)
{
	char line[4 * OPTIONS_LINE];

	for (size_t i = 0; i + 2 < sizeof line; i += 2)
		memcpy(line + i, "a ", 2);
	line[sizeof line - 2] = '\0';
	options_init(line);
	cr_assert_not_null(options_check());
}
