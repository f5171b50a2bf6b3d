/*
 * Critical sections by pushf, cli and popf, as kernels that count their holds have them.
 */
#include "kernel.h"

static uint32_t holds;
static uint32_t flags_before;

void hold(void)
{
	uint32_t flags = read_eflags();

	cli();
	if (holds++ == 0)
		flags_before = flags;
}

void release(void)
{
	if (read_eflags() & EFLAGS_IF)
		stop("interrupts are on in a critical section");
	if (holds == 0)
		stop("one release() too many");
	if (--holds == 0)
		write_eflags(flags_before);
}
