/*
 * idle [s]: sleeps (default 1 s).
 */
#include "../lib/guest.h"

/* Other processes, or the halt, have the CPU meanwhile. */
int main(int argc, char **argv)
{
	uint32_t seconds = arg_number(argc, argv, 1, 1);

	for (uint32_t i = 0; i < seconds; i++)
		sleep_ms(1000);
	printf("idle: ok %u s\n", seconds);
	return 0;
}
