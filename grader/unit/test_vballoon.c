/*
 * The balloon's port: commands reach the balloon, answers come back, nonsense is nothing.
 */
#include "grader/unit/model.h"
#include <criterion/criterion.h>
#include <string.h>

TestSuite(vballoon, .init = model_init, .fini = model_check_quiet, .timeout = 10);

enum { PORT = 0xba11 };

static u32 ask(u32 command, u32 argument)
{
	io_out(&vm, PORT, 4, command << 24 | argument);
	return io_in(&vm, PORT, 4);
}

Test(vballoon, says_hello)
{
	cr_assert_eq(io_in(&vm, PORT, 4), ~0u, "nothing was asked");
	cr_assert_eq(ask(0, 0), 0x4E4C4C42u);
}

Test(vballoon, commands_with_their_arguments)
{
	cr_assert_eq(ask(1, 600), 0u);
	cr_assert_str_eq(model.balloon, "start 258");
	cr_assert_eq(ask(3, 0xffffff), 0u);
	cr_assert_str_eq(model.balloon, "inflate ffffff");
	cr_assert_eq(ask(4, 7), 0u);
	cr_assert_str_eq(model.balloon, "deflate 7");
}

Test(vballoon, answers)
{
	vm.balloon.target = 77;
	cr_assert_eq(ask(2, 0), 77u);
	vm.pmap.swapped = 5;
	cr_assert_eq(ask(5, 0), 5u);
	model.balloon_says = BALLOON_RESET;
	cr_assert_eq(ask(2, 0), 0xfffffffdu);
	cr_assert_eq(ask(3, 1), 0xfffffffdu);
	model.balloon_says = BALLOON_REFUSED;
	cr_assert_eq(ask(3, 1), 0xfffffffeu);
	cr_assert_eq(io_in(&vm, PORT, 4), 0xfffffffeu, "until the next command");
}

Test(vballoon, trap25_nonsense_is_nothing)
{
	for (u32 command = 6; command < 256; command++)
		cr_assert_eq(ask(command, 0x123), ~0u, "command %u", command);
	cr_assert_eq(model.balloon[0], '\0');
}

/* As on a PC, where nobody is there. */
Test(vballoon, other_widths_read_all_ones)
{
	ask(0, 0);
	cr_assert_eq(io_in(&vm, PORT, 1), 0xffu);
	cr_assert_eq(io_in(&vm, PORT, 2), 0xffffu);
	io_out(&vm, PORT, 1, 1);
	io_out(&vm, PORT, 2, 0x300);
	cr_assert_eq(io_in(&vm, PORT, 4), 0x4E4C4C42u);
}

Test(vballoon, a_new_life_has_no_answer)
{
	ask(0, 0);
	io_init(&vm);
	cr_assert_eq(io_in(&vm, PORT, 4), ~0u);
}
