/*
 * Talking to the machine below: the only place that knows of its port.
 */
#include "below.h"

#include "x86.h"

enum { PORT = 0xBA11, COMMAND_SHIFT = 24 };

/* See the table in below.h. */
uint32_t below_ask(enum below_command command, uint32_t argument)
{
	outl(PORT, (uint32_t)command << COMMAND_SHIFT | argument);
	return inl(PORT);
}

/* For free(1). */
uint32_t below_swapped(void)
{
	uint32_t pages = below_ask(BELOW_SWAPPED, 0);

	return pages == UINT32_MAX ? 0 : pages;
}
