/*
 * reboot: writes what is dirty and resets the machine.
 */
#include "../lib/guest.h"

/* Never comes back. */
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	reboot();
	return 1;
}
