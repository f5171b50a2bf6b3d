/*
 * Scenarios: parsing, and coming due.
 */
#include <criterion/criterion.h>
#include "kernel/lib.h"
#include "kernel/rules.h"

static struct rules rules;
static u32 fired[16], fired_count;

static bool parse(const char *text)
{
	fired_count = 0;
	return rules_parse(&rules, text, (u32)strlen(text));
}

static void due(u32 i)
{
	fired[fired_count++] = i;
}

/* Says an event; how many rules it made due. */
static u32 hear(const char *name, const char *rest)
{
	u32 before = fired_count;

	rules_hear(&rules, name, rest, due);
	return fired_count - before;
}

static void check_error(const char *text, u32 line, const char *why)
{
	cr_assert_not(parse(text), "took: %s", text);
	cr_assert_eq(rules.error_line, line, "%s: line %u", text, rules.error_line);
	cr_assert_str_eq(rules.error, why);
}

Test(parse, commands_comments_and_empty_lines)
{
	cr_assert(parse("# a comment\n\n  vms  \r\n\t# another\nmem map\nquit"));
	cr_assert_eq(rules.count, 3);
	cr_assert_str_eq(rules.rule[0].command, "vms");
	cr_assert_eq(rules.rule[0].line, 3);
	cr_assert_eq(rules.rule[0].kind, RULE_BOOT);
	cr_assert_str_eq(rules.rule[1].command, "mem map");
	cr_assert_str_eq(rules.rule[2].command, "quit");
	cr_assert_eq(rules.rule[2].line, 6);
}

Test(parse, nothing_at_all)
{
	cr_assert(parse(""));
	cr_assert(parse("\n\n#\n"));
	cr_assert_eq(rules.count, 0);
}

Test(parse, times)
{
	cr_assert(parse("at 1500 checkpoint a b\nat 0x10 vms"));
	cr_assert_eq(rules.rule[0].kind, RULE_AT);
	cr_assert_eq(rules.rule[0].at_ms, 1500);
	cr_assert_str_eq(rules.rule[0].command, "checkpoint a b");
	cr_assert_eq(rules.rule[1].at_ms, 16);
}

Test(parse, events)
{
	cr_assert(parse("on 3 con vm=2 text=\"a \\\"b\\\" : c\" : type 2 echo a : b"));
	cr_assert_eq(rules.rule[0].kind, RULE_ON);
	cr_assert_eq(rules.rule[0].nth, 3);
	cr_assert_str_eq(rules.rule[0].event, "con");
	cr_assert_eq(rules.rule[0].conditions, 2);
	cr_assert_str_eq(rules.rule[0].condition[0].key, "vm");
	cr_assert_str_eq(rules.rule[0].condition[0].value, "2");
	cr_assert_str_eq(rules.rule[0].condition[1].value, "a \"b\" : c");
	cr_assert_str_eq(rules.rule[0].command, "type 2 echo a : b");
}

Test(parse, an_event_without_conditions)
{
	cr_assert(parse("on boot : vms"));
	cr_assert_eq(rules.rule[0].nth, 1);
	cr_assert_eq(rules.rule[0].conditions, 0);
	cr_assert_str_eq(rules.rule[0].command, "vms");
}

Test(parse, a_command_may_begin_like_a_keyword)
{
	cr_assert(parse("online\natlas 3"));
	cr_assert_eq(rules.rule[0].kind, RULE_BOOT);
	cr_assert_eq(rules.rule[1].kind, RULE_BOOT);
}

Test(parse, mistakes_are_found_with_their_line)
{
	check_error("vms\nat x vms", 2, "the time is not a number of milliseconds");
	check_error("at 5", 1, "there is no command");
	check_error("at", 1, "the time is not a number of milliseconds");
	check_error("on", 1, "no event is named");
	check_error("on 2", 1, "no event is named");
	check_error("on : vms", 1, "no event is named");
	check_error("on 0 con : vms", 1, "the count must be at least 1");
	check_error("\n\non con vm=1 vms", 3, "a condition is not key=value");
	check_error("on con vm=1", 1, "there is no ` : ` before the command");
	check_error("on con vm=1 :", 1, "there is no command");
	check_error("on con =1 : vms", 1, "a condition is not key=value");
	check_error("on con text=\"open : vms", 1, "a value is malformed or too long");
	check_error("on con text=\"a\"b : vms", 1, "a value is malformed or too long");
	check_error("on e a=1 b=2 c=3 d=4 e=5 : vms", 1, "too many conditions");
}

Test(parse, a_zero_byte_is_refused)
{
	cr_assert_not(rules_parse(&rules, "vms\0quit", 8));
	cr_assert_not(rules_parse(&rules, "vms\0", 4));
}

Test(parse, too_much_is_refused)
{
	static char text[RULES_TEXT + 1];

	memset(text, '#', sizeof(text));
	cr_assert(rules_parse(&rules, text, RULES_TEXT));
	cr_assert_not(rules_parse(&rules, text, RULES_TEXT + 1));
	for (int i = 0; i <= RULES_MAX; i++)
		memcpy(text + 4 * i, "vms\n", 4);
	cr_assert(rules_parse(&rules, text, 4 * RULES_MAX));
	cr_assert_eq(rules.count, RULES_MAX);
	cr_assert_not(rules_parse(&rules, text, 4 * (RULES_MAX + 1)));
	cr_assert_eq(rules.error_line, RULES_MAX + 1);
}

Test(parse, a_value_that_no_event_can_hold_is_refused)
{
	char text[400];

	memset(text, 'x', sizeof(text));
	memcpy(text, "on e k=", 7);
	memcpy(text + sizeof(text) - 7, " : vms", 7);
	cr_assert_not(parse(text));
}

Test(hear, name_and_conditions)
{
	cr_assert(parse("on con vm=2 text=\"ready\" : vms"));
	cr_assert_eq(hear("con", "vm=1 text=\"ready\""), 0);
	cr_assert_eq(hear("con", "vm=2 text=\"ready \""), 0);
	cr_assert_eq(hear("mon", "vm=2 text=\"ready\""), 0);
	cr_assert_eq(hear("con", "text=\"ready\""), 0);
	cr_assert_eq(hear("con", "vm=2 text=\"ready\""), 1);
	cr_assert_eq(hear("con", "vm=2 text=\"ready\""), 0, "it came due twice");
}

Test(hear, the_nth)
{
	cr_assert(parse("on 3 tick : vms"));
	cr_assert_eq(hear("tick", ""), 0);
	cr_assert_eq(hear("tick", "n=1"), 0);
	cr_assert_eq(hear("tock", ""), 0);
	cr_assert_eq(hear("tick", ""), 1);
	cr_assert_eq(hear("tick", ""), 0);
}

Test(hear, every_time_but_not_while_it_waits)
{
	cr_assert(parse("every tick n=1 : vms"));
	cr_assert_eq(hear("tick", "n=2"), 0);
	cr_assert_eq(hear("tick", "n=1"), 1);
	cr_assert_eq(hear("tick", "n=1"), 0);
	rules.rule[0].due = false;
	cr_assert_eq(hear("tick", "n=1"), 1);
}

Test(hear, prefixes)
{
	cr_assert(parse("on con text=\"memtest: ok*\" : vms\non con text=* : mem"));
	cr_assert_eq(hear("con", "text=\"memtest: o\""), 1);
	cr_assert_eq(fired[0], 1);
	cr_assert_eq(hear("con", "text=\"memtest: ok 4096 pages\""), 1);
	cr_assert_eq(fired[1], 0);
}

Test(hear, suffixes)
{
	cr_assert(parse("on con text=*ready : vms"));
	cr_assert_eq(hear("con", "text=\"not ready yet\""), 0);
	cr_assert_eq(hear("con", "text=\"ready, ready\""), 1);
}

Test(hear, parts)
{
	cr_assert(parse("on con text=\"*forktest: ok*\" : vms"));
	cr_assert_eq(hear("con", "text=\"forktest: o\""), 0);
	cr_assert_eq(hear("con", "text=\"$ forktest: ok 8\""), 1);
}

Test(hear, values_are_compared_decoded)
{
	cr_assert(parse("on con text=\"a\\x41\\\"\" : vms"));
	cr_assert_eq(hear("con", "text=\"aA\\\"\""), 1);
}

Test(hear, several_in_the_order_of_the_file)
{
	cr_assert(parse("on x : a\nat 5 b\non x : c\nd\non x : e"));
	cr_assert_eq(hear("x", ""), 3);
	cr_assert_eq(fired[0], 0);
	cr_assert_eq(fired[1], 2);
	cr_assert_eq(fired[2], 4);
}

Test(next_at, the_earliest_first_then_the_order_of_the_file)
{
	static const int want[] = {2, 0, 3, -1};

	cr_assert(parse("at 20 a\non x : b\nat 10 c\nat 20 d"));
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		cr_assert_eq(rules_next_at(&rules), want[i]);
		if (want[i] >= 0)
			rules.rule[want[i]].due = true;
	}
}
