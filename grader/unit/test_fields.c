/*
 * Event text: what is written can be read again, whatever bytes a guest prints.
 */
#include <criterion/criterion.h>
#include "kernel/fields.h"
#include "kernel/lib.h"

static void check_round_trip(const char *text)
{
	char quoted[1024], back[1024];
	const char *p = quoted;

	field_quote(quoted, sizeof(quoted), text, strlen(text));
	cr_assert(field_value(&p, back, sizeof(back)));
	cr_assert_str_eq(back, text);
	cr_assert_eq(*p, '\0');
}

Test(quote, plain_text)
{
	char buf[32];

	cr_assert_eq(field_quote(buf, sizeof(buf), "hello", 5), 7);
	cr_assert_str_eq(buf, "\"hello\"");
}

Test(quote, what_would_break_the_line_is_escaped)
{
	char buf[64];

	field_quote(buf, sizeof(buf), "a\"b\\c\nd\x01\xff", 9);
	cr_assert_str_eq(buf, "\"a\\\"b\\\\c\\nd\\x01\\xff\"");
}

Test(quote, every_byte_comes_back)
{
	char all[256];

	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	check_round_trip(all);
	check_round_trip("");
	check_round_trip("\\n is not \n");
}

Test(quote, never_splits_an_escape_nor_leaves_the_quote_open)
{
	for (size_t size = 3; size < 24; size++) {
		char *buf = malloc(size), back[32];
		const char *p = buf;
		size_t n = field_quote(buf, size, "ab\xff\xff\"\"", 6);

		cr_assert_lt(n, size);
		cr_assert(field_value(&p, back, sizeof(back)), "size %zu: %s", size,
			  buf);
		free(buf);
	}
}

Test(value, bare_ends_at_a_blank)
{
	const char *p = "0x28 next";
	char buf[16];

	cr_assert(field_value(&p, buf, sizeof(buf)));
	cr_assert_str_eq(buf, "0x28");
	cr_assert_str_eq(p, " next");
}

Test(value, bad_quotes_are_refused)
{
	static const char *const bad[] = {"\"open",   "\"",	   "\"bad \\q\"",
					  "\"\\x4\"", "\"\\xg0\"", "\"end\\"};
	char buf[16];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *p = bad[i];

		cr_assert_not(field_value(&p, buf, sizeof(buf)), "took %s", bad[i]);
	}
}

Test(value, too_long_is_cut_but_read_to_its_end)
{
	const char *p = "\"abcdefgh\" rest";
	char buf[4];

	cr_assert(field_value(&p, buf, sizeof(buf)));
	cr_assert_str_eq(buf, "abc");
	cr_assert_str_eq(p, " rest");
}

Test(find, finds_keys)
{
	const char *rest = "vm=2 ppn=0x28 text=\"x=1 vm=9\" refs=3";
	char buf[32];

	cr_assert(field_find(rest, "vm", buf, sizeof(buf)));
	cr_assert_str_eq(buf, "2");
	cr_assert(field_find(rest, "text", buf, sizeof(buf)));
	cr_assert_str_eq(buf, "x=1 vm=9");
	cr_assert(field_find(rest, "refs", buf, sizeof(buf)));
	cr_assert_str_eq(buf, "3");
}

Test(find, a_key_inside_a_value_or_another_key_is_none)
{
	char buf[32];

	cr_assert_not(field_find("text=\"x=1 y\"", "x", buf, sizeof(buf)));
	cr_assert_not(field_find("xvm=1 vmx=2", "vm", buf, sizeof(buf)));
	cr_assert_not(field_find("", "vm", buf, sizeof(buf)));
	cr_assert_not(field_find("vm", "vm", buf, sizeof(buf)));
}

Test(find, stops_at_malformed_text)
{
	char buf[32];

	cr_assert_not(field_find("text=\"open vm=2", "vm", buf, sizeof(buf)));
}
