/*
 * Scan codes to characters.
 */
#include <criterion/criterion.h>
#include "kernel/kbd.h"

static struct kbd kbd;

static void check_key(u8 code, const char *want)
{
	const char *got = kbd_decode(&kbd, code);

	cr_assert_str_eq(got, want, "code 0x%02x", code);
}

static void start(void)
{
	kbd = (struct kbd){.shift = false};
}

TestSuite(kbd, .init = start);

Test(kbd, plain_keys)
{
	check_key(0x1E, "a");
	check_key(0x02, "1");
	check_key(0x1C, "\r");
	check_key(0x0E, "\177");
	check_key(0x39, " ");
	check_key(0x35, "/");
}

Test(kbd, letting_go_makes_nothing)
{
	check_key(0x9E, "");
	check_key(0x82, "");
}

Test(kbd, shift_is_held)
{
	check_key(0x2A, "");
	check_key(0x1E, "A");
	check_key(0x02, "!");
	check_key(0xAA, "");
	check_key(0x1E, "a");
	check_key(0x36, "");
	check_key(0x28, "\"");
	check_key(0xB6, "");
	check_key(0x28, "'");
}

Test(kbd, caps_lock_turns_letters_only)
{
	check_key(0x3A, "");
	check_key(0xBA, "");
	check_key(0x1E, "A");
	check_key(0x02, "1");
	check_key(0x2A, "");
	check_key(0x1E, "a");
	check_key(0xAA, "");
	check_key(0x3A, "");
	check_key(0x1E, "a");
}

Test(kbd, ctrl_makes_control_characters)
{
	check_key(0x1D, "");
	check_key(0x1E, "\001");
	check_key(0x11, "\027");
	check_key(0x02, "1");
	check_key(0x9D, "");
	check_key(0x1E, "a");
}

Test(kbd, right_ctrl_too)
{
	check_key(0xE0, "");
	check_key(0x1D, "");
	check_key(0x1E, "\001");
	check_key(0xE0, "");
	check_key(0x9D, "");
	check_key(0x1E, "a");
}

Test(kbd, arrows_are_ansi_sequences)
{
	static const struct {
		u8 code;
		const char *text;
	} keys[] = {
		{0x48, "\033[A"}, {0x50, "\033[B"}, {0x4D, "\033[C"}, {0x4B, "\033[D"}};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		check_key(0xE0, "");
		check_key(keys[i].code, keys[i].text);
		check_key(0xE0, "");
		check_key(keys[i].code | 0x80, "");
	}
}

Test(kbd, the_fake_shift_around_arrows_is_no_shift)
{
	check_key(0xE0, "");
	check_key(0x2A, "");
	check_key(0x1E, "a");
}

Test(kbd, any_code_is_survived)
{
	for (int prefix = 0; prefix < 2; prefix++) {
		for (int code = 0; code < 256; code++) {
			if (prefix)
				kbd_decode(&kbd, 0xE0);
			cr_assert_lt(strlen(kbd_decode(&kbd, (u8)code)), 8);
		}
	}
}

/* Every character that a key makes is made by the key that kbd_encode names. */
Test(kbd, there_and_back)
{
	for (int c = 1; c < 128; c++) {
		bool shift = false;
		u8 code = kbd_encode((char)c, &shift);
		char want[2] = {(char)c, '\0'};

		if (c >= ' ')
			cr_assert_neq(code, 0, "no key for '%c'", c);
		if (!code)
			continue;
		start();
		if (shift)
			check_key(KBD_SHIFT, "");
		check_key(code, want);
		check_key(code | KBD_RELEASED, "");
	}
	cr_assert_eq(kbd_encode('\0', &(bool){false}), 0);
}
