/*
 * Outcome files. Text that a subject had a hand in is made harmless on the way.
 */
#include "grader/judge/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 1024, ID = 128, PATH = 1024 };

/* The id of the row whose column `run` is this test, in the lab's table. */
static bool find_id(const char *name, char *id)
{
	const char *table = getenv("BALLAST_TABLE");
	FILE *f = table ? fopen(table, "r") : NULL;
	char line[LINE], run[ID], row[ID];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = line[0] != '#' &&
			sscanf(line,
			       "%127[^\t]\t%*[^\t]\t%*[^\t]\t%*[^\t]\t%*[^\t]\t%*[^\t]\t%127[^\t]",
			       row, run) == 2 &&
			strcmp(run, name) == 0;
	if (f)
		fclose(f);
	if (found)
		strcpy(id, row);
	return found;
}

static void put(FILE *f, const char *key, const char *value)
{
	if (!value)
		return;
	fprintf(f, "%s\t", key);
	for (; *value; value++)
		fputc(*value >= ' ' && *value <= '~' ? *value : '?', f);
	fputc('\n', f);
}

static void put_all(FILE *f, const struct outcome *o)
{
	put(f, "status", o->status);
	put(f, "expected", o->expected);
	put(f, "found", o->found);
	put(f, "where", o->where);
	for (u32 i = 0; i < OUTCOME_NOTES; i++)
		put(f, "note", o->note[i]);
}

void outcome_write(const char *name, const struct outcome *o)
{
	const char *folder = getenv("BALLAST_RESULTS");
	char path[PATH], temp[PATH + 8], id[ID];
	FILE *f;

	if (!folder || !find_id(name, id) || strchr(id, '/'))
		return;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, id) >= sizeof(path))
		return;
	snprintf(temp, sizeof(temp), "%s.new", path);
	f = fopen(temp, "w");
	if (!f)
		return;
	put_all(f, o);
	if (fclose(f) || rename(temp, path))
		unlink(temp);
}
