/*
 * Reports of the sanitizers. They have no symbols in them, as a subject cannot open its own
 * file; addr2line finds the names afterwards.
 */
#include "grader/judge/report.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOG_BYTES = 16384, COMMAND = 1024 };

/* Cuts a line at its end. */
static char *line_of(char *at)
{
	at[strcspn(at, "\r\n")] = '\0';
	return at;
}

/* Long numbers are addresses of this run: they say nothing. */
static void without_addresses(char *to, size_t size, const char *from)
{
	size_t n = 0;

	while (*from && n + 3 < size) {
		size_t digits = strncmp(from, "0x", 2) == 0
					? strspn(from + 2, "0123456789abcdef")
					: 0;

		if (digits > 8) {
			to[n++] = '0';
			to[n++] = 'x';
			to[n++] = '?';
			from += 2 + digits;
			continue;
		}
		to[n++] = isprint((unsigned char)*from) ? *from : '?';
		from++;
	}
	to[n] = '\0';
}

static const char *meaning(const char *kind)
{
	static const char *const known[][2] = {
		{"use-after-poison", "touched memory that is not its own"},
		{"SEGV", "touched an address where nothing is"},
		{"global-buffer-overflow", "went beyond the end of an array"},
		{"stack-buffer-overflow", "went beyond the end of a local array"},
		{"stack-overflow", "called itself without end"},
		{"FPE", "divided by zero"},
	};

	for (u32 i = 0; i < ARRAY_LEN(known); i++)
		if (strncmp(kind, known[i][0], strlen(known[i][0])) == 0)
			return known[i][1];
	return "was stopped";
}

/* "==1==ERROR: AddressSanitizer: KIND on address ...": KIND in our words and in its own. */
static void name_crash(struct link *l, const char *kind, const char *rest)
{
	int word = (int)strcspn(kind, " \n");
	const char *how = strstr(rest, "WRITE of size") ? ", a write" : "";

	snprintf(l->text, sizeof(l->text), "the code %s%s (AddressSanitizer: %.*s)",
		 meaning(kind), how, word, kind);
}

/* Numbers of the first call stack, as arguments of addr2line. */
static u32 collect(const char *log, char *command, size_t size)
{
	size_t n = strlen(command);
	u32 count = 0;
	char want[16];
	const char *at = log;

	while (count < LINK_NOTES && n + 32 < size) {
		snprintf(want, sizeof(want), "    #%u 0x", count);
		at = strstr(at, want);
		if (!at)
			break;
		at += strlen(want);
		n += (size_t)snprintf(command + n, size - n, " 0x%.*s",
				      (int)strspn(at, "0123456789abcdef"), at);
		count++;
	}
	return count;
}

/* Everything that lies in the project, up to our own loop. */
static bool add_note(struct link *l, const char *function, const char *place)
{
	if (strcmp(function, "subject_perform") == 0 || strcmp(function, "main") == 0)
		return false;
	place += strncmp(place, "./", 2) ? 0 : 2;
	if (place[0] != '?' && place[0] != '/' && l->notes < LINK_NOTES)
		snprintf(l->note[l->notes++], LINK_TEXT, "in %.100s (%.100s)", function,
			 place);
	return true;
}

static void find_names(struct link *l, const char *log)
{
	char command[COMMAND], function[256], place[256];
	FILE *f;

	snprintf(command, sizeof(command), "addr2line -f -e '%.400s'", l->program);
	if (strchr(l->program, '\'') || !collect(log, command, sizeof(command)))
		return;
	strncat(command, " 2>/dev/null", sizeof(command) - strlen(command) - 1);
	f = popen(command, "r");
	while (f && fgets(function, sizeof(function), f) &&
	       fgets(place, sizeof(place), f)) {
		line_of(function);
		line_of(place)[strcspn(place, " ")] = '\0';
		if (!add_note(l, function, place))
			break;
	}
	if (f)
		pclose(f);
}

bool report_read(struct link *l)
{
	static char log[LOG_BYTES];
	ssize_t n = pread(l->log, log, sizeof(log) - 1, 0);
	char *asan, *ubsan;

	log[n > 0 ? n : 0] = '\0';
	asan = strstr(log, "ERROR: AddressSanitizer: ");
	ubsan = strstr(log, ": runtime error: ");
	if (asan) {
		name_crash(l, asan + strlen("ERROR: AddressSanitizer: "), asan);
		find_names(l, asan);
		return true;
	}
	if (ubsan) {
		while (ubsan > log && ubsan[-1] != '\n')
			ubsan--;
		without_addresses(l->text, sizeof(l->text), line_of(ubsan));
	}
	return ubsan != NULL;
}
