/*
 * Boot options. The line is cut into words once; each look-up marks its word as known.
 * Pure: compiles for unit tests on the build host.
 */
#include "kernel/options.h"
#include "kernel/lib.h"

enum { WORDS_MAX = 48 };

struct word {
	char *name;
	char *value; /* NULL: there was no '=' */
	bool asked;
};

static char line_copy[OPTIONS_LINE];
static struct word words[WORDS_MAX];
static unsigned word_count;
static char complaint[96];

static void complain(const char *what, const char *name, const char *value)
{
	if (!complaint[0])
		format(complaint, sizeof complaint, "%s: %s=%s", what, name,
		       value ? value : "");
}

static void add_word(char *text)
{
	char *eq = strchr(text, '=');

	if (word_count == WORDS_MAX) {
		complain("too many options", text, NULL);
		return;
	}
	if (eq)
		*eq++ = '\0';
	words[word_count++] = (struct word){.name = text, .value = eq};
}

void options_init(const char *line)
{
	char *p = line_copy;

	word_count = 0;
	complaint[0] = '\0';
	format(line_copy, sizeof line_copy, "%s", line);
	while (*p) {
		while (*p == ' ')
			*p++ = '\0';
		if (!*p)
			break;
		char *start = p;
		while (*p && *p != ' ')
			p++;
		if (*p)
			*p++ = '\0';
		add_word(start);
	}
}

/* The last one wins, so that a user can override what a script put first. */
static struct word *find(const char *name)
{
	struct word *found = NULL;

	for (unsigned i = 0; i < word_count; i++) {
		if (strcmp(words[i].name, name) == 0) {
			words[i].asked = true;
			found = &words[i];
		}
	}
	return found;
}

u32 option_u32(const char *name, u32 dflt, u32 min, u32 max)
{
	struct word *w = find(name);
	u32 v;

	if (!w)
		return dflt;
	if (w->value && parse_u32(w->value, max, &v) && v >= min)
		return v;
	complain("bad value", name, w->value);
	return dflt;
}

bool option_bool(const char *name, bool dflt)
{
	struct word *w = find(name);

	if (!w)
		return dflt;
	if (w->value && strcmp(w->value, "on") == 0)
		return true;
	if (w->value && strcmp(w->value, "off") == 0)
		return false;
	complain("neither on nor off", name, w->value);
	return dflt;
}

const char *option_str(const char *name, const char *dflt)
{
	struct word *w = find(name);

	return w && w->value ? w->value : dflt;
}

const char *options_check(void)
{
	for (unsigned i = 0; i < word_count; i++)
		if (!words[i].asked)
			complain("unknown option", words[i].name, words[i].value);
	return complaint[0] ? complaint : NULL;
}
