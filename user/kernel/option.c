/*
 * What the loader asked for. Parsed once at boot, read by everybody.
 */
#include "option.h"

#include "../lib/string.h"
#include "driver.h"
#include "kprintf.h"
#include "layout.h"

struct options options = {
	.seed = 1, .dma = true, .balloon = BALLOON_PERCENT, .script = "/AUTORUN.SH"};

/* Takes one word off the line, without its quotes; false at the end. */
static bool next_word(const char **line, char *word, uint32_t size)
{
	uint32_t length = 0;
	bool quoted = false;
	const char *at = *line;

	while (*at == ' ')
		at++;
	if (*at == '\0')
		return false;
	for (; *at != '\0' && (quoted || *at != ' '); at++) {
		if (*at == '"')
			quoted = !quoted;
		else if (length + 1 < size)
			word[length++] = *at;
	}
	word[length] = '\0';
	*line = at;
	return true;
}

/* The value, when the word begins with the key; else NULL. */
static const char *value_of(const char *word, const char *key)
{
	size_t length = strlen(key);

	return strncmp(word, key, length) == 0 ? word + length : NULL;
}

/* One word; a loader may put the kernel's file name first. */
static void parse_word(const char *word)
{
	const char *value;

	if ((value = value_of(word, "seed=")) != NULL)
		options.seed = parse_number(value);
	else if ((value = value_of(word, "mem=")) != NULL)
		options.mem_mib = parse_number(value);
	else if ((value = value_of(word, "dma=")) != NULL)
		options.dma = strcmp(value, "off") != 0;
	else if ((value = value_of(word, "hostile=")) != NULL)
		options.hostile = strcmp(value, "on") == 0;
	else if ((value = value_of(word, "script=")) != NULL)
		copy_string(options.script, value, sizeof(options.script));
	else if ((value = value_of(word, "run=")) != NULL)
		copy_string(options.run, value, sizeof(options.run));
	else if ((value = value_of(word, "balloon=")) != NULL)
		options.balloon = strcmp(value, "off") == 0 ? 0 : parse_number(value);
	else if (word[0] != '/')
		kprintf("guest: option '%s' is not known\n", word);
}

/* The line comes from boot.S, always ended. */
void option_parse(const char *line)
{
	static char word[CMDLINE_MAX];

	while (next_word(&line, word, sizeof(word)))
		parse_word(word);
}
