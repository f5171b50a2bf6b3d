/*
 * The serial port: what it sends and takes, when it interrupts, and the loopback by which
 * drivers find it.
 */
#include "grader/unit/model.h"
#include <criterion/criterion.h>

enum { DATA = 0x3f8, IER, IIR, LCR, MCR, LSR, MSR, SCR };

static void setup(void)
{
	model_init();
	out8(LCR, 0x03);
	out8(MCR, 0x0b);
}

TestSuite(vuart, .init = setup, .timeout = 10);

Test(vuart, sends_to_the_console)
{
	out8(DATA, 'h'), out8(DATA, 'i');
	cr_assert_str_eq(model.out, "hi");
	cr_assert_eq(in8(LSR), 0x60);
}

Test(vuart, trap_42_without_eight_bits_the_text_is_masked)
{
	vuart_init(&vm);
	out8(DATA, 'a');
	cr_assert_eq(model.out[0], 1);
	out8(LCR, 0x02);
	out8(DATA, 'a');
	cr_assert_eq(model.out[1], 'a');
}

Test(vuart, the_divisor_hides_behind_bit_7)
{
	out8(LCR, 0x83);
	out8(DATA, 1), out8(IER, 2);
	cr_assert_eq(in8(DATA), 1);
	cr_assert_eq(in8(IER), 2);
	out8(LCR, 0x03);
	cr_assert_eq(in8(IER), 0);
	cr_assert_eq(model.out_length, 0u);
}

Test(vuart, the_scratch_register_keeps_a_byte)
{
	out8(SCR, 0xa5);
	cr_assert_eq(in8(SCR), 0xa5);
}

Test(vuart, typed_bytes_arrive_in_order)
{
	model.typed = "ab";
	vuart_poll_input(&vm);
	cr_assert_eq(in8(LSR) & 1, 1);
	cr_assert_eq(in8(DATA), 'a');
	cr_assert_eq(in8(DATA), 'b');
	cr_assert_eq(in8(LSR) & 1, 0);
}

Test(vuart, more_than_the_fifo_holds_waits_and_none_is_lost)
{
	char got[65] = "";
	u32 i;

	model.typed =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!?";
	out8(IIR, 0x01);
	vuart_poll_input(&vm);
	cr_assert_eq(vm.uart.used, 16);
	for (i = 0; i < 64; i++)
		got[i] = in8(DATA);
	cr_assert_str_eq(got, "0123456789abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ!?");
	cr_assert_eq(in8(LSR) & 3, 0, "no overrun");
}

Test(vuart, without_the_fifo_there_is_room_for_one)
{
	model.typed = "abc";
	vuart_poll_input(&vm);
	cr_assert_eq(vm.uart.used, 1);
	cr_assert_eq(in8(DATA), 'a');
	cr_assert_eq(in8(DATA), 'b');
}

Test(vuart, a_received_byte_interrupts)
{
	out8(IER, 0x01);
	cr_assert_not(model_line(4));
	model.typed = "x";
	vuart_poll_input(&vm);
	cr_assert(model_line(4));
	cr_assert_eq(in8(IIR), 0x04);
	in8(DATA);
	cr_assert_not(model_line(4));
	cr_assert_eq(in8(IIR), 0x01);
}

/* A driver that takes one byte an interrupt must get an edge for each. */
Test(vuart, each_byte_is_an_edge)
{
	u32 n = 0;

	out8(0x21, 0);
	out8(IER, 0x01);
	model.typed = "12345";
	vuart_poll_input(&vm);
	while (vpic_due(&vm.pic) && n < 100) {
		vpic_ack(&vm.pic);
		cr_assert_eq(in8(DATA), '1' + n);
		out8(0x20, 0x20);
		n++;
	}
	cr_assert_eq(n, 5u);
}

Test(vuart, the_trigger_level_tells_data_from_a_timeout)
{
	out8(IIR, 0x41); /* 4 bytes */
	out8(IER, 0x01);
	model.typed = "abc";
	vuart_poll_input(&vm);
	cr_assert_eq(in8(IIR), 0xcc);
	model.typed = "d";
	vuart_poll_input(&vm);
	cr_assert_eq(in8(IIR), 0xc4);
}

Test(vuart, an_empty_transmitter_interrupts_when_enabled_and_after_each_byte)
{
	out8(IER, 0x02);
	cr_assert(model_line(4));
	cr_assert_eq(in8(IIR), 0x02);
	cr_assert_not(model_line(4), "reading IIR takes it back");
	cr_assert_eq(in8(IIR), 0x01);
	out8(DATA, 'x');
	cr_assert(model_line(4));
}

Test(vuart, each_byte_sent_is_an_edge)
{
	u32 n;

	out8(0x21, 0);
	out8(IER, 0x02);
	for (n = 0; n < 5; n++) {
		cr_assert(vpic_due(&vm.pic), "stopped after %u", n);
		vpic_ack(&vm.pic);
		out8(DATA, 'x'); /* without a look at IIR */
		out8(0x20, 0x20);
	}
}

Test(vuart, received_data_go_before_the_transmitter)
{
	out8(IER, 0x03);
	model.typed = "x";
	vuart_poll_input(&vm);
	cr_assert_eq(in8(IIR), 0x04);
	in8(DATA);
	cr_assert_eq(in8(IIR), 0x02);
}

Test(vuart, out2_gates_the_interrupt)
{
	out8(MCR, 0x03);
	out8(IER, 0x02);
	cr_assert_not(model_line(4));
	out8(MCR, 0x0b);
	cr_assert(model_line(4));
}

Test(vuart, loopback_turns_the_modem_lines_around)
{
	out8(MCR, 0x1a); /* RTS and OUT2: how drivers probe */
	cr_assert_eq(in8(MSR) & 0xf0, 0x90);
	out8(MCR, 0x15);
	cr_assert_eq(in8(MSR) & 0xf0, 0x60);
	out8(MCR, 0x0b);
	cr_assert_eq(in8(MSR) & 0xf0, 0xb0);
	in8(MSR);
	cr_assert_eq(in8(MSR) & 0x0f, 0, "reading clears the deltas");
}

Test(vuart, loopback_sends_to_itself_and_can_overrun)
{
	out8(MCR, 0x10);
	out8(DATA, 'l');
	cr_assert_eq(in8(DATA), 'l');
	cr_assert_eq(model.out_length, 0u);
	out8(DATA, 'a'), out8(DATA, 'b');
	cr_assert_eq(in8(LSR) & 3, 3);
	cr_assert_eq(in8(LSR) & 3, 1, "reading clears the overrun");
	cr_assert_eq(in8(DATA), 'a');
}

Test(vuart, the_fifo_bits_identify_a_16550a)
{
	out8(IIR, 0x01);
	cr_assert_eq(in8(IIR), 0xc1);
	out8(IIR, 0x00);
	cr_assert_eq(in8(IIR), 0x01);
	out8(IER, 0xff);
	cr_assert_eq(in8(IER), 0x0f);
}

Test(vuart, clearing_the_fifo_empties_it)
{
	model.typed = "abc";
	out8(IIR, 0x01);
	vuart_poll_input(&vm);
	out8(IIR, 0x03);
	cr_assert_eq(in8(LSR) & 1, 0);
}

Test(vuart, a_word_write_is_two_bytes)
{
	io_out(&vm, SCR - 1, 2, 0x5500);
	cr_assert_eq(in8(SCR), 0x55);
}
