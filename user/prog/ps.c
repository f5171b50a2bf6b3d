/*
 * ps: the processes.
 */
#include "../lib/guest.h"

static const char *const states[] = {"free", "new", "ready", "asleep", "ended"};

/* In the order of the kernel's slots. */
int main(int argc, char **argv)
{
	struct abi_proc proc;

	(void)argc;
	(void)argv;
	printf("  PID PARENT STATE  PAGES SWAPPED NAME\n");
	for (uint32_t i = 0; get_proc(i, &proc) > 0; i++)
		if (proc.pid != 0)
			printf("%5u %6u %-6s %5u %7u %s\n", proc.pid, proc.parent,
			       states[proc.state], proc.resident, proc.swapped,
			       proc.name);
	return 0;
}
