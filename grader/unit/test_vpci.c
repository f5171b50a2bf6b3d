/*
 * PCI configuration space, and with it the small devices: keyboard controller, the odd
 * ports, and the port table itself.
 */
#include "grader/unit/model.h"
#include <criterion/criterion.h>

enum { ADDR = 0xcf8, DATA = 0xcfc };
enum { HOST = 0x00, ISA = 0x08, IDE = 0x09 }; /* device << 3 | function */

TestSuite(vpci, .init = model_init, .timeout = 10);
TestSuite(vkbd, .init = model_init, .timeout = 10);
TestSuite(vmisc, .init = model_init, .timeout = 10);
TestSuite(io, .init = model_init, .timeout = 10);

static void point_at(u32 where, u32 reg)
{
	io_out(&vm, ADDR, 4, 0x80000000 | where << 8 | reg);
}

static u32 get(u32 where, u32 reg)
{
	point_at(where, reg);
	return io_in(&vm, DATA, 4);
}

static void put(u32 where, u32 reg, u32 value)
{
	point_at(where, reg);
	io_out(&vm, DATA, 4, value);
}

Test(vpci, three_functions_and_nobody_else)
{
	u32 where, found = 0;

	for (where = 0; where < 0x10000; where++)
		found += get(where, 0) != ~0u;
	cr_assert_eq(found, 3u);
	cr_assert_eq(get(HOST, 0), 0x12378086u);
	cr_assert_eq(get(ISA, 0), 0x70008086u);
	cr_assert_eq(get(IDE, 0), 0x70108086u);
}

Test(vpci, the_isa_bridge_says_it_has_more_functions)
{
	cr_assert(get(ISA, 0x0c) & 0x00800000);
}

Test(vpci, the_ide_class_is_0101_80)
{
	cr_assert_eq(get(IDE, 8) >> 8, 0x010180u);
	point_at(IDE, 8);
	cr_assert_eq(io_in(&vm, DATA + 2, 2), 0x0101u);
	cr_assert_eq(in8(DATA + 1), 0x80);
}

Test(vpci, bar4_is_sized_by_all_ones)
{
	cr_assert_eq(get(IDE, 0x20), 0xc001u);
	put(IDE, 0x20, ~0u);
	cr_assert_eq(get(IDE, 0x20), 0xfff1u);
	put(IDE, 0x20, 0xd004);
	cr_assert_eq(get(IDE, 0x20), 0xd001u);
}

Test(vpci, the_bus_master_moves_with_bar4)
{
	put(IDE, 0x20, 0xd000);
	io_out(&vm, 0xd004, 4, 0x12345678);
	cr_assert_eq(io_in(&vm, 0xd004, 4), 0x12345678u);
	cr_assert_eq(io_in(&vm, 0xc004, 4), ~0u);
	put(IDE, 4, 0);
	cr_assert_eq(io_in(&vm, 0xd004, 4), ~0u, "I/O is off");
}

Test(vpci, identity_cant_be_written)
{
	put(IDE, 0, 0);
	put(IDE, 8, 0);
	cr_assert_eq(get(IDE, 0), 0x70108086u);
	cr_assert_eq(get(IDE, 8) >> 8, 0x010180u);
}

Test(vpci, the_command_register_by_words)
{
	point_at(IDE, 4);
	io_out(&vm, DATA, 2, 0xffff);
	cr_assert_eq(io_in(&vm, DATA, 2), 0x0005u);
	cr_assert_eq(io_in(&vm, DATA + 2, 2), 0x0280u);
	cr_assert(vpci_ide_master(&vm));
}

Test(vpci, bytes_land_in_their_lane)
{
	put(IDE, 0x40, 0);
	out8(DATA + 1, 0xa3);
	io_out(&vm, DATA + 2, 2, 0x5678);
	cr_assert_eq(get(IDE, 0x40), 0x5678a300u);
	cr_assert_eq(in8(DATA + 3), 0x56);
}

Test(vpci, disabled_or_elsewhere_reads_all_ones)
{
	io_out(&vm, ADDR, 4, 0);
	cr_assert_eq(io_in(&vm, DATA, 4), ~0u);
	cr_assert_eq(get(0x100, 0), ~0u, "bus 1");
	cr_assert_eq(io_in(&vm, DATA + 2, 4), ~0u, "across the end");
}

Test(vpci, the_address_register_wants_a_whole_word)
{
	point_at(IDE, 0x20);
	out8(ADDR, 0xff);
	io_out(&vm, ADDR + 2, 2, 0xffff);
	cr_assert_eq(io_in(&vm, ADDR, 4), 0x80000920u);
}

Test(vpci, the_reset_register)
{
	out8(0xcf9, 0x02);
	cr_assert_eq(model.resets, 0u);
	out8(0xcf9, 0x06);
	cr_assert_eq(model.resets, 1u);
}

Test(vkbd, the_probe_of_a_kernel_ends)
{
	while (in8(0x64) & 1)
		in8(0x60);
	out8(0x64, 0xaa);
	cr_assert_eq(in8(0x64) & 3, 1);
	cr_assert_eq(in8(0x60), 0x55);
	out8(0x64, 0xab);
	cr_assert_eq(in8(0x60), 0x00);
	cr_assert_eq(in8(0x64) & 1, 0);
}

Test(vkbd, the_command_byte)
{
	out8(0x64, 0x60), out8(0x60, 0x44);
	out8(0x64, 0x20);
	cr_assert_eq(in8(0x60), 0x44);
}

Test(vkbd, the_keyboard_resets_and_says_who_it_is)
{
	out8(0x64, 0x60), out8(0x60, 0x00);
	out8(0x60, 0xff);
	cr_assert_eq(in8(0x60), 0xfa);
	cr_assert_eq(in8(0x60), 0xaa);
	out8(0x60, 0xf2);
	cr_assert_eq(in8(0x60), 0xfa);
	cr_assert_eq(in8(0x60), 0xab);
	cr_assert_eq(in8(0x60), 0x83);
	out8(0x60, 0xed), out8(0x60, 7);
	cr_assert_eq(in8(0x60), 0xfa);
	cr_assert_eq(in8(0x60), 0xfa);
	cr_assert_eq(in8(0x64) & 1, 0);
}

Test(vkbd, answers_interrupt_when_allowed)
{
	out8(0x60, 0xee);
	cr_assert(model_line(1));
	cr_assert_eq(in8(0x60), 0xee);
	cr_assert_not(model_line(1));
	out8(0x64, 0x60), out8(0x60, 0x00);
	out8(0x60, 0xee);
	cr_assert_not(model_line(1));
}

Test(vkbd, pulls_the_reset_line)
{
	out8(0x64, 0xff);
	cr_assert_eq(model.resets, 0u);
	out8(0x64, 0xfe);
	cr_assert_eq(model.resets, 1u);
	out8(0x64, 0xd1), out8(0x60, 0x02);
	cr_assert_eq(model.resets, 2u);
	cr_assert_str_eq(model.reset_why, "keyboard controller");
}

Test(vkbd, a20_by_both_ways)
{
	cr_assert_eq(in8(0x92), 2);
	out8(0x64, 0xd1), out8(0x60, 0x01);
	cr_assert_eq(in8(0x92), 0);
	out8(0x92, 2);
	out8(0x64, 0xd0);
	cr_assert(in8(0x60) & 2);
	cr_assert_eq(model.resets, 0u);
	out8(0x92, 3);
	cr_assert_eq(model.resets, 1u);
}

Test(vkbd, more_answers_than_fit_are_survived)
{
	u32 i, x = 1;

	for (i = 0; i < 50000; i++) {
		x = x * 1664525 + 1013904223;
		out8(x & 0x80000 ? 0x64 : 0x60, x >> 8);
		if (x & 0x100000)
			in8(0x60);
		cr_assert_leq(vm.kbd.used, VKBD_QUEUE);
	}
}

Test(vmisc, the_word_shutdown_switches_off)
{
	const char *s;

	for (s = "ShutShutdow"; *s; s++)
		out8(0x8900, *s);
	cr_assert_eq(model.power_offs, 0u);
	out8(0x8900, 'n');
	cr_assert_eq(model.power_offs, 1u);
}

Test(vmisc, tells_numbers_that_hold_together)
{
	model.halted = 0x1122334455667788;
	vm.stats.exits = 0x100000002;
	io_out(&vm, 0xba10, 4, 0);
	cr_assert_eq(io_in(&vm, 0xba10, 4), 0x424c5354u);
	io_out(&vm, 0xba10, 4, 1);
	model.halted = 1;
	cr_assert_eq(io_in(&vm, 0xba10, 4), 0x55667788u);
	io_out(&vm, 0xba10, 4, 2);
	cr_assert_eq(io_in(&vm, 0xba10, 4), 0x11223344u);
	io_out(&vm, 0xba10, 4, 3);
	cr_assert_eq(io_in(&vm, 0xba10, 4), 2u);
	io_out(&vm, 0xba10, 4, 4);
	cr_assert_eq(io_in(&vm, 0xba10, 4), 1u);
	io_out(&vm, 0xba10, 4, 5);
	cr_assert_eq(io_in(&vm, 0xba10, 4), 3u);
	vm.lives = 7;
	io_out(&vm, 0xba10, 4, 6);
	cr_assert_eq(io_in(&vm, 0xba10, 4), 7u);
	io_out(&vm, 0xba10, 4, 7);
	cr_assert_eq(io_in(&vm, 0xba10, 4), ~0u);
}

Test(io, nobody_reads_all_ones)
{
	cr_assert_eq(io_in(&vm, 0x1234, 1), 0xffu);
	cr_assert_eq(io_in(&vm, 0x1234, 2), 0xffffu);
	cr_assert_eq(io_in(&vm, 0x1234, 4), ~0u);
	cr_assert_eq(io_in(&vm, 0x177, 1), 0xffu, "no second IDE channel");
	io_out(&vm, 0x80, 1, 0x55);
	io_out(&vm, 0xf4, 4, 1);
}

Test(io, a_wide_access_is_split_among_devices)
{
	u32 value;

	out8(0x21, 0x5a);
	value = io_in(&vm, 0x21, 2);
	cr_assert_eq(value, 0xff5au);
	io_out(&vm, 0x1f, 4, 0x00a50000); /* 0x21 is the third byte */
	cr_assert_eq(in8(0x21), 0xa5);
}

Test(io, the_last_port_wraps)
{
	vm.stats.io = 0;
	cr_assert_eq(io_in(&vm, 0xffff, 4), ~0u);
	io_out(&vm, 0xffff, 4, 0);
	cr_assert_eq(vm.stats.io, 2ull, "a split access counts once");
}

Test(io, every_port_and_width_is_survived)
{
	u32 port, size;

	for (port = 0; port < 0x10000; port++) {
		for (size = 1; size <= 4; size *= 2) {
			io_in(&vm, port, size);
			io_out(&vm, port, size, 0xa5a5a5a5);
			model_complete_all();
			io_in(&vm, port, size);
		}
	}
	model_complete_all();
	model_check_quiet();
}
