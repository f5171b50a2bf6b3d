/*
 * nop: the smallest program, for the benchmark's exec.
 */
#include "../lib/guest.h"

/* Nothing. */
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}
