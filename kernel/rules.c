/*
 * Parsing and matching of scenarios. The copy of the text is cut up in place: blanks
 * and line ends become NULs, and the rules point between them.
 */
#include "kernel/rules.h"
#include "kernel/fields.h"
#include "kernel/lib.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *skip_blanks(char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

/* Cuts one word off at *p, which moves to what follows. */
static char *take_word(char **p)
{
	char *word = skip_blanks(*p), *end = word;

	while (*end && !is_blank(*end))
		end++;
	*p = end;
	if (*end) {
		*end = '\0';
		*p = skip_blanks(end + 1);
	}
	return word;
}

/* Decodes the value at *p in place; it never gets longer. */
static char *take_value(char **p)
{
	char value[RULE_VALUE], *start = *p, *end;
	const char *at = start;

	if (!field_value(&at, value, sizeof(value)))
		return NULL;
	end = start + (at - start);
	if ((size_t)(end - start) >= sizeof(value) || (*end && !is_blank(*end)))
		return NULL;
	*p = *end ? skip_blanks(end + 1) : end;
	memcpy(start, value, strlen(value) + 1);
	return start;
}

/* A star at either end is not part of the value but says that more may stand there. */
static void take_stars(struct condition *c)
{
	size_t length;

	if (c->value[0] == '*') {
		c->any_before = true;
		c->value++;
	}
	length = strlen(c->value);
	if (length > 0 && c->value[length - 1] == '*') {
		c->any_after = true;
		c->value[length - 1] = '\0';
	}
}

/* Reads `key=value` at *p. Returns what is wrong with it, or NULL. */
static const char *take_condition(struct rule *rule, char **p)
{
	struct condition *c = &rule->condition[rule->conditions];
	char *equals = strchr(*p, '=');

	if (rule->conditions == RULE_CONDITIONS)
		return "too many conditions";
	if (!equals || equals == *p)
		return "a condition is not key=value";
	for (char *q = *p; q < equals; q++)
		if (is_blank(*q))
			return "a condition is not key=value";
	*equals = '\0';
	c->key = *p;
	*p = equals + 1;
	c->value = take_value(p);
	if (!c->value)
		return "a value is malformed or too long";
	take_stars(c);
	rule->conditions++;
	return NULL;
}

/* Whether the next word is the colon before the command. */
static bool at_colon(const char *p)
{
	return p[0] == ':' && (p[1] == '\0' || is_blank(p[1]));
}

/* The event, its conditions, the command. Returns what is wrong, or NULL. */
static const char *parse_event(struct rule *rule, char *word, char *p)
{
	if (!*word || at_colon(word))
		return "no event is named";
	rule->event = word;
	while (*p && !at_colon(p)) {
		const char *why = take_condition(rule, &p);

		if (why)
			return why;
	}
	if (!*p)
		return "there is no ` : ` before the command";
	rule->command = skip_blanks(p + 1);
	return NULL;
}

/* Everything behind `on`. Returns what is wrong with it, or NULL. */
static const char *parse_on(struct rule *rule, char *p)
{
	char *word = take_word(&p);

	rule->kind = RULE_ON;
	rule->nth = 1;
	if (parse_u32(word, UINT32_MAX, &rule->nth))
		word = take_word(&p);
	if (rule->nth == 0)
		return "the count must be at least 1";
	return parse_event(rule, word, p);
}

/* Everything behind `every`. */
static const char *parse_every(struct rule *rule, char *p)
{
	char *word = take_word(&p);

	rule->kind = RULE_ON;
	rule->nth = 1;
	rule->again = true;
	return parse_event(rule, word, p);
}

/* Everything behind `at`. Returns what is wrong with it, or NULL. */
static const char *parse_at(struct rule *rule, char *p)
{
	char *word = take_word(&p);

	rule->kind = RULE_AT;
	if (!parse_u32(word, UINT32_MAX, &rule->at_ms))
		return "the time is not a number of milliseconds";
	rule->command = p;
	return NULL;
}

/* True when the line begins with this word. */
static bool begins_with(const char *line, const char *word)
{
	size_t n = strlen(word);

	return strncmp(line, word, n) == 0 && (line[n] == '\0' || is_blank(line[n]));
}

/* Parses one line into a rule. Returns what is wrong with it, or NULL. */
static const char *parse_rule(struct rule *rule, char *line)
{
	enum { KEYWORD = 2, EVERY = 5 }; /* lengths of `on` and `at`, of `every` */
	const char *why = NULL;

	rule->command = line;
	if (begins_with(line, "on"))
		why = parse_on(rule, line + KEYWORD);
	else if (begins_with(line, "every"))
		why = parse_every(rule, line + EVERY);
	else if (begins_with(line, "at"))
		why = parse_at(rule, line + KEYWORD);
	if (!why && !*rule->command)
		why = "there is no command";
	return why;
}

/*
 * Ends the line at *p with a NUL, cuts blanks at its end off; returns its first word.
 */
static char *take_line(char **p)
{
	char *start = *p, *end = start;

	while (*end && *end != '\n')
		end++;
	*p = *end ? end + 1 : end;
	while (end > start && (is_blank(end[-1]) || end[-1] == '\r'))
		end--;
	*end = '\0';
	return skip_blanks(start);
}

/* Parsing stops here; says so. */
static bool give_up(struct rules *r, u32 line, const char *why)
{
	r->error_line = line;
	r->error = why;
	return false;
}

bool rules_parse(struct rules *r, const char *text, u32 size)
{
	u32 line = 0;

	memset(r, 0, sizeof(*r));
	if (size > RULES_TEXT)
		return give_up(r, 0, "the scenario is too long");
	memcpy(r->text, text, size);
	if (strlen(r->text) < size)
		return give_up(r, 0, "there is a zero byte in it");
	for (char *p = r->text; *p;) {
		char *start = take_line(&p);
		const char *why;

		line++;
		if (*start == '#' || !*start)
			continue;
		if (r->count == RULES_MAX)
			return give_up(r, line, "too many rules");
		r->rule[r->count].line = line;
		why = parse_rule(&r->rule[r->count++], start);
		if (why)
			return give_up(r, line, why);
	}
	return true;
}

static bool value_matches(const struct condition *c, const char *value)
{
	size_t n = strlen(c->value), have = strlen(value);

	if (have < n)
		return false;
	for (size_t at = 0; at <= (c->any_before ? have - n : 0); at++)
		if (strncmp(value + at, c->value, n) == 0 &&
		    (c->any_after || at + n == have))
			return true;
	return false;
}

static bool condition_holds(const struct condition *c, const char *rest)
{
	char value[RULE_VALUE];

	if (!field_find(rest, c->key, value, sizeof(value)))
		return false;
	return value_matches(c, value);
}

static bool matches(const struct rule *rule, const char *name, const char *rest)
{
	if (rule->kind != RULE_ON || rule->due || strcmp(rule->event, name) != 0)
		return false;
	for (u32 i = 0; i < rule->conditions; i++)
		if (!condition_holds(&rule->condition[i], rest))
			return false;
	return true;
}

void rules_hear(struct rules *r, const char *name, const char *rest, void (*due)(u32 i))
{
	for (u32 i = 0; i < r->count; i++) {
		struct rule *rule = &r->rule[i];

		if (!matches(rule, name, rest) || ++rule->heard < rule->nth)
			continue;
		rule->due = true;
		due(i);
	}
}

int rules_next_at(const struct rules *r)
{
	int next = -1;

	for (u32 i = 0; i < r->count; i++) {
		const struct rule *rule = &r->rule[i];

		if (rule->kind == RULE_AT && !rule->due &&
		    (next < 0 || rule->at_ms < r->rule[next].at_ms))
			next = (int)i;
	}
	return next;
}
