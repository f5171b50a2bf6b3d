/*
 * The virtual keyboard: typed keys come through the 8042 one code an interrupt, behind what
 * the controller has to say, and never more than there is room for.
 */
#include "grader/unit/model.h"
#include "kernel/kbd.h"
#include <criterion/criterion.h>
#include <string.h>

enum {
	DATA = 0x60,
	STATUS = 0x64,
	PIC = 0x20,
	ST_FULL = 0x01,
	IRQ = 1,
	WRITE_COMMAND = 0x60,
	KEYBOARD_OFF = 0xad,
	KEYBOARD_ON = 0xae,
	SELF_TEST = 0xaa,
	SELF_TEST_OK = 0x55,
	ECHO = 0xd2,
	SET_LEDS = 0xed,
	ENABLE = 0xf4,
	DISABLE = 0xf5,
	RESET = 0xff,
	ACK = 0xfa,
	READY = 0xaa,
	NO_IRQ = 0x64, /* command byte: translate, system, no mouse; no interrupts */
	NO_TRANSLATE = 0x25,
};

TestSuite(vkbd, .init = model_init);

static void type(const char *text)
{
	for (; *text; text++)
		cr_assert(vkbd_type(&vm, *text), "'%c' is not taken", *text);
}

/* What a guest reads until the output buffer is empty, as characters. */
static void expect(const char *text)
{
	struct kbd kbd = {0};
	char got[256] = "";
	u32 codes = 0;

	while (in8(STATUS) & ST_FULL) {
		cr_assert_lt(codes++, 2000u, "it never ends");
		cr_assert(model_line(IRQ), "code %u without an interrupt", codes);
		strcat(got, kbd_decode(&kbd, in8(DATA)));
	}
	cr_assert_not(model_line(IRQ), "an interrupt for nothing");
	cr_assert_str_eq(got, text);
}

static void command(u8 value)
{
	out8(STATUS, value);
}

Test(vkbd, nothing_typed_nothing_there)
{
	cr_assert_not(in8(STATUS) & ST_FULL);
	cr_assert_not(model_line(IRQ));
}

Test(vkbd, a_key_goes_down_and_up)
{
	type("a");
	cr_assert(in8(STATUS) & ST_FULL);
	cr_assert(model_line(IRQ));
	cr_assert_eq(in8(DATA), 0x1e);
	cr_assert(model_line(IRQ), "the next code has an interrupt of its own");
	cr_assert_eq(in8(DATA), 0x9e);
	cr_assert_not(model_line(IRQ));
	cr_assert_not(in8(STATUS) & ST_FULL);
	cr_assert_eq(in8(DATA), 0x9e, "an empty buffer shows the last byte again");
}

/* The PIC sees edges: each code must raise the line anew, or the guest hears of one only. */
Test(vkbd, an_edge_for_each_code)
{
	static const u8 words[] = {0x20, 0x04, 0x01}; /* ICW2 to ICW4 */

	out8(PIC, 0x11);
	for (u32 i = 0; i < sizeof(words); i++)
		out8(PIC + 1, words[i]);
	out8(PIC + 1, (u8) ~(1 << IRQ));
	type("aB");
	for (u32 i = 0; i < 6; i++) {
		cr_assert(vpic_due(&vm.pic), "code %u", i);
		cr_assert_eq(vpic_ack(&vm.pic), 0x20 + IRQ);
		in8(DATA);
		out8(PIC, 0x20);
	}
	cr_assert_not(vpic_due(&vm.pic));
}

Test(vkbd, shift_is_held_around_the_key)
{
	static const u8 codes[] = {0x2a, 0x1e, 0x9e, 0xaa};

	type("A");
	for (u32 i = 0; i < sizeof(codes); i++)
		cr_assert_eq(in8(DATA), codes[i], "code %u", i);
	cr_assert_not(in8(STATUS) & ST_FULL);
}

Test(vkbd, all_that_can_be_typed)
{
	char text[96];

	for (char c = ' '; c <= '~'; c++)
		text[c - ' '] = c;
	text['~' - ' ' + 1] = '\0';
	type(text);
	expect(text);
	type("\r\t");
	expect("\r\t");
}

Test(vkbd, what_no_key_makes)
{
	cr_assert_not(vkbd_type(&vm, '\0'));
	cr_assert_not(vkbd_type(&vm, '\001'));
	cr_assert_not(vkbd_type(&vm, (char)0xe4));
	expect("");
}

/* One too many is refused whole: no Shift that stays down. */
Test(vkbd, more_than_there_is_room_for)
{
	u32 taken = 0;
	char last = 0;

	while (vkbd_type(&vm, 'A'))
		cr_assert_lt(taken++, 2000u);
	cr_assert_geq(taken, (u32)VKBD_TYPED / 4);
	cr_assert_not(vkbd_type(&vm, 'A'));
	for (u32 i = 0; i < taken * 4; i++) {
		cr_assert(in8(STATUS) & ST_FULL, "code %u of %u", i, taken * 4);
		last = (char)in8(DATA);
	}
	cr_assert_eq((u8)last, 0xaa);
	cr_assert_not(in8(STATUS) & ST_FULL);
	/* Around the end of the ring. */
	for (u32 i = 0; i < 300; i++) {
		type("xY");
		expect("xY");
	}
}

Test(vkbd, behind_what_the_controller_says)
{
	command(SELF_TEST);
	type("a");
	command(ECHO);
	out8(DATA, 0x77);
	cr_assert_eq(in8(DATA), SELF_TEST_OK);
	cr_assert_eq(in8(DATA), 0x77);
	expect("a");
}

Test(vkbd, held_back_while_the_keyboard_is_off)
{
	command(KEYBOARD_OFF);
	type("held");
	expect("");
	command(KEYBOARD_ON);
	expect("held");
}

/* Flags of the LEDs follow their command: no key comes between. */
Test(vkbd, not_into_the_middle_of_a_command)
{
	out8(DATA, SET_LEDS);
	type("k");
	cr_assert_eq(in8(DATA), ACK);
	cr_assert_not(in8(STATUS) & ST_FULL);
	out8(DATA, 7);
	cr_assert_eq(in8(DATA), ACK);
	expect("k");
}

Test(vkbd, polled_without_interrupts)
{
	command(WRITE_COMMAND);
	out8(DATA, NO_IRQ);
	type("a");
	cr_assert_not(model_line(IRQ));
	cr_assert(in8(STATUS) & ST_FULL);
	cr_assert_eq(in8(DATA), 0x1e);
	cr_assert_eq(in8(DATA), 0x9e);
	cr_assert_not(model_line(IRQ));
}

Test(vkbd, nobody_listens)
{
	type("gone");
	in8(DATA);
	out8(DATA, DISABLE);
	cr_assert_not(vkbd_type(&vm, 'a'));
	while (in8(STATUS) & ST_FULL)
		cr_assert_eq(in8(DATA), in8(STATUS) & ST_FULL ? 0x22 | 0x80 : ACK);
	out8(DATA, ENABLE);
	cr_assert_eq(in8(DATA), ACK);
	type("back");
	expect("back");
	out8(DATA, DISABLE);
	in8(DATA);
	out8(DATA, RESET);
	cr_assert_eq(in8(DATA), ACK);
	cr_assert_eq(in8(DATA), READY);
	type("again");
	expect("again");
}

/* Keys that make no character, held down as long as one likes. */
Test(vkbd, codes_as_they_are)
{
	cr_assert(vkbd_scan(&vm, 0xe0) && vkbd_scan(&vm, 0x4b));
	expect("\033[D");
	cr_assert(vkbd_scan(&vm, 0x2a));
	type("a");
	expect("A");
	for (u32 i = 0; i < VKBD_TYPED; i++)
		cr_assert(vkbd_scan(&vm, 0x1d));
	cr_assert(vkbd_scan(&vm, 0x9d), "the first is in the output buffer");
	cr_assert_not(vkbd_scan(&vm, 0x9d));
	out8(DATA, DISABLE);
	cr_assert_not(vkbd_scan(&vm, 0x1d));
}

/* Our keys are those of set 1, which is what the controller makes of set 2. */
Test(vkbd, codes_that_we_do_not_speak)
{
	command(WRITE_COMMAND);
	out8(DATA, NO_TRANSLATE);
	cr_assert_not(vkbd_type(&vm, 'a'));
}

/* --- where nothing is ------------------------------------------------------------ */

/* A PC's bus floats: all ones are read, and writes change nothing. */
Test(vkbd, ports_that_nobody_answers)
{
	static const u16 ports[] = {0x0000, 0x0080, 0x0220, 0x0278, 0x02f8, 0x0300,
				    0x0378, 0x03b4, 0x03c0, 0x03d4, 0x03e8, 0x03f2,
				    0x0170, 0x0376, 0x5e0,  0xfffc};

	for (u32 i = 0; i < ARRAY_LEN(ports); i++) {
		for (unsigned size = 1; size <= 4; size *= 2) {
			u32 ones = size == 4 ? ~0u : (1u << 8 * size) - 1;

			io_out(&vm, ports[i], size, 0x12345678 & ones);
			cr_assert_eq(io_in(&vm, ports[i], size), ones,
				     "port 0x%x, %u bytes", ports[i], size);
		}
	}
	expect("");
}
