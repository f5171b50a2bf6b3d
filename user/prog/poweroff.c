/*
 * poweroff: writes what is dirty and switches the machine off.
 */
#include "../lib/guest.h"

/* Never comes back. */
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	poweroff();
	return 1;
}
