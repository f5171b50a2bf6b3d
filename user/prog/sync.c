/*
 * sync: writes all that is dirty to the disk.
 */
#include "../lib/guest.h"

/* Says when it did not work. */
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (sync() < 0)
		fail("sync", "the disk has errors");
	return 0;
}
