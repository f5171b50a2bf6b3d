/*
 * Command lines into words.
 */
#include <criterion/criterion.h>
#include "kernel/words.h"

enum { MAX = 4 };

static char line[128];
static char *words[MAX];

static int split(const char *text, int after)
{
	strcpy(line, text);
	return words_split(line, words, MAX, after);
}

Test(words, blanks_separate)
{
	cr_assert_eq(split("  pt   0x1000\t2  ", 0), 3);
	cr_assert_str_eq(words[0], "pt");
	cr_assert_str_eq(words[1], "0x1000");
	cr_assert_str_eq(words[2], "2");
}

Test(words, nothing)
{
	cr_assert_eq(split("", 0), 0);
	cr_assert_eq(split("   ", 0), 0);
	cr_assert_eq(split("   ", 1), 0);
}

Test(words, quotes_join)
{
	cr_assert_eq(split("a \"b  c\" d\"e f\"g \"\"", 0), 4);
	cr_assert_str_eq(words[1], "b  c");
	cr_assert_str_eq(words[2], "de fg");
	cr_assert_str_eq(words[3], "");
}

Test(words, escapes_work_inside_quotes_only)
{
	cr_assert_eq(split("\"a\\\"b\\\\c\\d\" e\\f", 0), 2);
	cr_assert_str_eq(words[0], "a\"b\\c\\d");
	cr_assert_str_eq(words[1], "e\\f");
}

Test(words, an_open_quote_is_an_error)
{
	cr_assert_eq(split("a \"b c", 0), WORDS_OPEN_QUOTE);
	cr_assert_eq(split("\"", 0), WORDS_OPEN_QUOTE);
	cr_assert_eq(split("\"\\\"", 0), WORDS_OPEN_QUOTE);
}

Test(words, too_many_is_an_error)
{
	cr_assert_eq(split("a b c d", 0), MAX);
	cr_assert_eq(split("a b c d e", 0), WORDS_TOO_MANY);
}

Test(words, the_rest_stays_as_it_is)
{
	cr_assert_eq(split("type 2 echo \"a  b\"   c  ", 2), 3);
	cr_assert_str_eq(words[0], "type");
	cr_assert_str_eq(words[1], "2");
	cr_assert_str_eq(words[2], "echo \"a  b\"   c");
}

Test(words, a_rest_that_is_not_there)
{
	cr_assert_eq(split("type 2", 2), 2);
	cr_assert_eq(split("type 2   ", 2), 2);
}
