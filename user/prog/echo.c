/*
 * echo WORDS: the words. The shell has it built in; this one is for exec.
 */
#include "../lib/guest.h"

/* One line. */
int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		printf(i > 1 ? " %s" : "%s", argv[i]);
	printf("\n");
	return 0;
}
