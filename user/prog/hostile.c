/*
 * hostile KIND: asks the kernel to misbehave (only with hostile=on).
 */
#include "../lib/guest.h"

static const char *const kinds[] = {
	[HOSTILE_CLI] = "cli",
	[HOSTILE_TRIPLE] = "triple",
	[HOSTILE_JUMPHIGH] = "jumphigh",
	[HOSTILE_BADCR3] = "badcr3",
	[HOSTILE_BADDMA] = "baddma",
	[HOSTILE_BALLOON_TWICE] = "twice",
	[HOSTILE_BALLOON_BEYOND] = "beyond",
	[HOSTILE_BALLOON_TABLE] = "table",
	[HOSTILE_BALLOON_GDT] = "gdt",
	[HOSTILE_BALLOON_STACK] = "stack",
	[HOSTILE_BALLOON_COUNT] = "count",
	[HOSTILE_BALLOON_STOP] = "stop",
	[HOSTILE_BALLOON_TOUCH] = "touch",
	[HOSTILE_LOOK] = "look",
};

/* The line is printed before anything happens. */
int main(int argc, char **argv)
{
	uint32_t count = sizeof(kinds) / sizeof(kinds[0]);
	uint32_t kind = 0;
	int error;

	while (argc > 1 && kind < count && strcmp(argv[1], kinds[kind]) != 0)
		kind++;
	if (argc < 2 || kind == count)
		fail("hostile",
		     "usage: hostile cli|triple|jumphigh|badcr3|baddma|twice|"
		     "beyond|table|gdt|stack|count|stop|touch|look");
	printf("hostile: %s\n", kinds[kind]);
	error = hostile((enum hostile_kind)kind);
	if (error == -EPERM)
		fail("hostile", "the kernel wants hostile=on");
	if (error < 0)
		fail("hostile", "what is beneath us did not answer as it should");
	printf("hostile: ok, came back from %s\n", kinds[kind]);
	return 0;
}
