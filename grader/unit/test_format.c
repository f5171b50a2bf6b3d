/*
 * The little printf and the numbers: every conversion, every way to be cut short.
 */
#include <criterion/criterion.h>
#include "kernel/lib.h"

#define CHECK_TEXT(want, ...)                                     \
	do {                                                      \
		char buf_[128];                                   \
		int n_ = format(buf_, sizeof(buf_), __VA_ARGS__); \
		cr_assert_str_eq(buf_, want);                     \
		cr_assert_eq(n_, (int)strlen(want));              \
	} while (0)

/* format, out of the compiler's sight: for formats that it would warn of. */
static int hidden(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = format_v(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

Test(format, unknown_conversions_are_seen)
{
	char buf[32];

	hidden(buf, sizeof(buf), "a%qb%");
	cr_assert_str_eq(buf, "a%qb");
}

Test(format, decimals)
{
	CHECK_TEXT("0 7 -7", "%d %d %d", 0, 7, -7);
	CHECK_TEXT("-2147483648", "%d", INT32_MIN);
	CHECK_TEXT("4294967295", "%u", UINT32_MAX);
}

Test(format, sixty_four_bits)
{
	CHECK_TEXT("18446744073709551615", "%llu", (unsigned long long)UINT64_MAX);
	CHECK_TEXT("-9223372036854775808", "%lld", (long long)INT64_MIN);
	CHECK_TEXT("ffffffff00000000", "%llx", 0xffffffff00000000ull);
	CHECK_TEXT("4294967296", "%llu", 1ull << 32);
}

Test(format, hexadecimals)
{
	CHECK_TEXT("beef 0 ffffffff", "%x %x %x", 0xbeef, 0, UINT32_MAX);
	CHECK_TEXT("0000001f", "%08x", 0x1f);
}

Test(format, widths_pad_on_the_side_that_was_asked_for)
{
	CHECK_TEXT("[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42);
	CHECK_TEXT("[  -42][-42  ][-0042]", "[%5d][%-5d][%05d]", -42, -42, -42);
	CHECK_TEXT("[123456]", "[%3d]", 123456);
	CHECK_TEXT("[  ab][ab  ]", "[%4s][%-4s]", "ab", "ab");
	CHECK_TEXT("[ab  ][  ab]", "[%*s][%*s]", -4, "ab", 4, "ab");
}

Test(format, a_left_aligned_number_is_never_filled_with_zeroes)
{
	const char *fmt = "[%-05d]"; /* not a literal: the compiler would warn of it */
	char buf[16];

	hidden(buf, sizeof(buf), fmt, 7);
	cr_assert_str_eq(buf, "[7    ]");
}

Test(format, strings_and_characters)
{
	CHECK_TEXT("a-b", "%c-%c", 'a', 'b');
	CHECK_TEXT("100%", "%d%%", 100);
	CHECK_TEXT("abc", "%.3s", "abcdef");
	CHECK_TEXT("ab", "%.*s", 2, "abcdef");
}

Test(format, a_precision_keeps_it_from_reading_on)
{
	char *four = malloc(4); /* not ended: the sanitizer sees a fifth read */

	memcpy(four, "wxyz", 4);
	CHECK_TEXT("wxyz", "%.4s", four);
	free(four);
}

Test(format, pointers)
{
	CHECK_TEXT("0x1234", "%p", (void *)0x1234);
}

Test(format, sizes)
{
	CHECK_TEXT("12345678901", "%lu", 12345678901ul);
	CHECK_TEXT("77", "%zu", (size_t)77);
}

Test(format, cuts_short_and_still_tells_the_length)
{
	char buf[4] = {1, 1, 1, 1};

	cr_assert_eq(format(buf, 3, "%s", "hello"), 5);
	cr_assert_str_eq(buf, "he");
	cr_assert_eq(buf[3], 1);
}

Test(format, room_for_nothing)
{
	char c = 'x';

	cr_assert_eq(format(&c, 0, "%d", 12345), 5);
	cr_assert_eq(c, 'x');
	cr_assert_eq(format(&c, 1, "%d", 12345), 5);
	cr_assert_eq(c, '\0');
}

Test(parse_u32, numbers)
{
	u32 v;

	cr_assert(parse_u32("0", 10, &v) && v == 0);
	cr_assert(parse_u32("10", 10, &v) && v == 10);
	cr_assert(parse_u32("0x1F", 100, &v) && v == 31);
	cr_assert(parse_u32("4294967295", UINT32_MAX, &v) && v == UINT32_MAX);
	cr_assert(parse_u32("0xffffffff", UINT32_MAX, &v) && v == UINT32_MAX);
}

Test(parse_u32, what_is_no_number)
{
	static const char *const bad[] = {
		"",	      "-1",  "+1",	   " 1",
		"1 ",	      "0x",  "0xg",	   "12a",
		"a",	      "1.5", "4294967296", "99999999999999999999999",
		"0x100000000"};
	u32 v = 77;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_assert_not(parse_u32(bad[i], UINT32_MAX, &v), "took \"%s\"", bad[i]);
	cr_assert_eq(v, 77, "a refused number changed the result");
}

Test(parse_u32, the_limit_holds)
{
	u32 v;

	cr_assert_not(parse_u32("11", 10, &v));
	cr_assert_not(parse_u32("1", 0, &v));
	cr_assert(parse_u32("0", 0, &v));
}

Test(div_u64, agrees_with_the_compiler)
{
	static const u64 ns[] = {0,	     1,		 999,	    UINT32_MAX,
				 1ull << 32, 1ull << 63, UINT64_MAX};
	static const u32 ds[] = {1, 2, 10, 1000000, 0x80000000u, UINT32_MAX};

	for (size_t i = 0; i < ARRAY_LEN(ns); i++) {
		for (size_t j = 0; j < ARRAY_LEN(ds); j++) {
			u32 rem;

			cr_assert_eq(div_u64(ns[i], ds[j], &rem), ns[i] / ds[j]);
			cr_assert_eq(rem, ns[i] % ds[j]);
			cr_assert_eq(div_u64(ns[i], ds[j], NULL), ns[i] / ds[j]);
		}
	}
}

Test(format, a_null_string_is_seen)
{
	char buf[16];

	hidden(buf, sizeof(buf), "x%sy", (const char *)NULL);
	cr_assert_str_eq(buf, "x(null)y");
}
