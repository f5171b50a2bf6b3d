/*
 * The interrupt controllers, driven as a guest's driver drives them: through their ports,
 * with the acknowledge cycle in between.
 */
#include "grader/unit/model.h"
#include <criterion/criterion.h>

enum { CMD0 = 0x20, DATA0 = 0x21, CMD1 = 0xa0, DATA1 = 0xa1, EOI = 0x20 };

/* The usual: vectors 0x20 and 0x28, nothing masked. */
static void program(u8 icw4)
{
	out8(CMD0, 0x11), out8(DATA0, 0x20), out8(DATA0, 4), out8(DATA0, icw4);
	out8(CMD1, 0x11), out8(DATA1, 0x28), out8(DATA1, 2), out8(DATA1, icw4);
	out8(DATA0, 0), out8(DATA1, 0);
}

static void setup(void)
{
	model_init();
	program(0x01);
}

TestSuite(vpic, .init = setup, .timeout = 10);

static void line(unsigned irq, bool level)
{
	vpic_set_line(&vm.pic, irq, level);
}

static void pulse(unsigned irq)
{
	line(irq, false);
	line(irq, true);
}

static u8 isr(u16 port)
{
	out8(port, 0x0b);
	return in8(port);
}

static u8 irr(u16 port)
{
	out8(port, 0x0a);
	return in8(port);
}

Test(vpic, starts_as_a_bios_leaves_it)
{
	vpic_init(&vm);
	cr_assert_eq(in8(DATA0), 0xb8);
	cr_assert_eq(in8(DATA1), 0x8f);
	pulse(0);
	cr_assert_eq(vpic_ack(&vm.pic), 0x08);
}

Test(vpic, an_edge_is_one_interrupt)
{
	line(1, true);
	cr_assert(vpic_due(&vm.pic));
	cr_assert_eq(vpic_ack(&vm.pic), 0x21);
	out8(CMD0, EOI);
	cr_assert_not(vpic_due(&vm.pic), "the line is still high: no second edge");
	pulse(1);
	cr_assert(vpic_due(&vm.pic));
}

Test(vpic, irr_and_isr_can_be_read)
{
	line(4, true);
	cr_assert_eq(irr(CMD0), 0x10);
	cr_assert_eq(isr(CMD0), 0);
	vpic_ack(&vm.pic);
	cr_assert_eq(irr(CMD0), 0);
	cr_assert_eq(isr(CMD0), 0x10);
}

Test(vpic, a_masked_request_waits)
{
	out8(DATA0, 0x02);
	line(1, true);
	cr_assert_not(vpic_due(&vm.pic));
	cr_assert_eq(irr(CMD0), 0x02);
	out8(DATA0, 0);
	cr_assert(vpic_due(&vm.pic));
}

Test(vpic, the_more_urgent_goes_first_and_interrupts_the_less)
{
	line(5, true);
	line(3, true);
	cr_assert_eq(vpic_ack(&vm.pic), 0x23);
	cr_assert_not(vpic_due(&vm.pic), "5 must wait for 3");
	line(1, true);
	cr_assert_eq(vpic_ack(&vm.pic), 0x21);
	out8(CMD0, EOI);
	cr_assert_eq(isr(CMD0), 0x08, "EOI ends the most urgent");
	out8(CMD0, EOI);
	cr_assert_eq(vpic_ack(&vm.pic), 0x25);
}

Test(vpic, a_specific_eoi_ends_the_one_it_names)
{
	line(5, true);
	vpic_ack(&vm.pic);
	line(3, true);
	vpic_ack(&vm.pic);
	out8(CMD0, 0x60 | 5);
	cr_assert_eq(isr(CMD0), 0x08);
}

Test(vpic, the_second_chip_comes_through_input_two)
{
	line(14, true);
	cr_assert_eq(irr(CMD0), 0x04);
	cr_assert_eq(vpic_ack(&vm.pic), 0x2e);
	cr_assert_eq(isr(CMD0), 0x04);
	cr_assert_eq(isr(CMD1), 0x40);
	out8(CMD1, EOI);
	out8(CMD0, EOI);
	cr_assert_not(vpic_due(&vm.pic));
}

Test(vpic, two_requests_of_the_second_chip_are_both_served)
{
	line(14, true);
	line(15, true);
	cr_assert_eq(vpic_ack(&vm.pic), 0x2e);
	out8(CMD1, EOI);
	out8(CMD0, EOI);
	cr_assert(vpic_due(&vm.pic));
	cr_assert_eq(vpic_ack(&vm.pic), 0x2f);
}

Test(vpic, a_masked_cascade_holds_the_second_chip)
{
	out8(DATA0, 0x04);
	line(14, true);
	cr_assert_not(vpic_due(&vm.pic));
	out8(DATA0, 0);
	cr_assert_eq(vpic_ack(&vm.pic), 0x2e);
}

Test(vpic, with_nothing_waiting_the_vector_is_seven_and_spurious)
{
	cr_assert_eq(vpic_ack(&vm.pic), 0x27);
	cr_assert_eq(isr(CMD0), 0, "a spurious interrupt is not in service");
}

Test(vpic, a_line_that_falls_too_early_takes_its_request_back)
{
	line(3, true);
	line(3, false);
	cr_assert_not(vpic_due(&vm.pic));
	line(13, true);
	line(13, false);
	cr_assert_not(vpic_due(&vm.pic));
}

Test(vpic, automatic_eoi_leaves_nothing_in_service)
{
	program(0x03);
	line(1, true);
	cr_assert_eq(vpic_ack(&vm.pic), 0x21);
	cr_assert_eq(isr(CMD0), 0);
	line(5, true);
	cr_assert(vpic_due(&vm.pic));
}

Test(vpic, rotation_makes_the_served_one_last)
{
	line(3, true);
	vpic_ack(&vm.pic);
	out8(CMD0, 0xa0); /* rotate on non-specific EOI */
	line(5, true);
	pulse(3);
	cr_assert_eq(vpic_ack(&vm.pic), 0x25, "3 is last now");
}

Test(vpic, set_priority_names_the_last)
{
	out8(CMD0, 0xc0 | 4); /* 4 last: 5 first */
	line(0, true);
	line(5, true);
	cr_assert_eq(vpic_ack(&vm.pic), 0x25);
}

Test(vpic, special_mask_lets_the_less_urgent_in)
{
	line(1, true);
	vpic_ack(&vm.pic);
	line(6, true);
	cr_assert_not(vpic_due(&vm.pic));
	out8(DATA0, 0x02);
	out8(CMD0, 0x68);
	cr_assert_eq(vpic_ack(&vm.pic), 0x26);
}

Test(vpic, special_fully_nested_lets_the_second_chip_interrupt_itself)
{
	program(0x11);
	line(15, true);
	vpic_ack(&vm.pic);
	line(8, true);
	cr_assert(vpic_due(&vm.pic));
	cr_assert_eq(vpic_ack(&vm.pic), 0x28);
}

Test(vpic, a_level_input_asks_until_it_falls)
{
	out8(0x4d0, 0x20);
	line(5, true);
	cr_assert_eq(vpic_ack(&vm.pic), 0x25);
	out8(CMD0, EOI);
	cr_assert(vpic_due(&vm.pic), "still high");
	vpic_ack(&vm.pic);
	line(5, false);
	out8(CMD0, EOI);
	cr_assert_not(vpic_due(&vm.pic));
}

Test(vpic, timer_and_keyboard_are_never_level_triggered)
{
	out8(0x4d0, 0xff);
	out8(0x4d1, 0xff);
	cr_assert_eq(in8(0x4d0), 0xf8);
	cr_assert_eq(in8(0x4d1), 0xde);
}

Test(vpic, a_poll_serves_without_the_cpu)
{
	line(4, true);
	out8(CMD0, 0x0c);
	cr_assert_eq(in8(CMD0), 0x84);
	cr_assert_eq(isr(CMD0), 0x10);
	out8(CMD0, 0x0c);
	cr_assert_eq(in8(CMD0), 0);
}

Test(vpic, initializing_forgets_what_was_in_service)
{
	line(1, true);
	vpic_ack(&vm.pic);
	out8(CMD0, 0x11);
	line(3, true);
	cr_assert_not(vpic_due(&vm.pic), "not while it is being initialized");
	out8(DATA0, 0x40), out8(DATA0, 4), out8(DATA0, 1);
	cr_assert_eq(in8(DATA0), 0, "ICW1 clears the mask");
	cr_assert_eq(vpic_ack(&vm.pic), 0x43);
}

Test(vpic, every_byte_to_every_port_is_survived)
{
	static const u16 ports[] = {CMD0, DATA0, CMD1, DATA1, 0x4d0, 0x4d1};
	u32 i, x = 12345;

	for (i = 0; i < 200000; i++) {
		x = x * 1664525 + 1013904223;
		out8(ports[x >> 20 & 3], x >> 8);
		line((x >> 24) % 16, x >> 28 & 1);
		if (vpic_due(&vm.pic))
			vpic_ack(&vm.pic);
		in8(ports[(x >> 4) % 6]);
	}
	setup();
	pulse(0);
	cr_assert_eq(vpic_ack(&vm.pic), 0x20);
}
