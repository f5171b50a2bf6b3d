/*
 * Words of a command line. The text only shrinks while quotes are taken off, so it is
 * done in place.
 */
#include "kernel/words.h"
#include "kernel/lib.h"

static char *skip_blanks(char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Reads one word at *p, moves *p behind it. False: a quote is not closed. */
static bool take_word(char **p)
{
	char *from = *p, *to = *p;
	bool quoted = false;

	for (; *from && (quoted || (*from != ' ' && *from != '\t')); from++) {
		if (*from == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && *from == '\\' && (from[1] == '"' || from[1] == '\\'))
			from++;
		*to++ = *from;
	}
	*p = *from ? from + 1 : from;
	*to = '\0';
	return !quoted;
}

/* Cuts the blanks at the end off. */
static void trim(char *s)
{
	size_t n = strlen(s);

	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		s[--n] = '\0';
}

int words_split(char *line, char **words, int max, int split)
{
	int count = 0;

	for (char *p = skip_blanks(line); *p; p = skip_blanks(p)) {
		if (count == max)
			return WORDS_TOO_MANY;
		words[count++] = p;
		if (split > 0 && count > split) {
			trim(p);
			return count;
		}
		if (!take_word(&p))
			return WORDS_OPEN_QUOTE;
	}
	return count;
}
