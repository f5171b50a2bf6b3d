/*
 * free: where the memory is, in KiB.
 */
#include "../lib/guest.h"

enum { KIB_PER_PAGE = PAGE_BYTES / 1024 };

/* One line for memory, one for swap. */
int main(int argc, char **argv)
{
	struct abi_mem mem;

	(void)argc;
	(void)argv;
	if (get_mem(&mem) < 0)
		fail("free", "no information");
	printf("memory %u KiB: free %u cached %u programs %u tables %u kernel %u "
	       "balloon %u\n",
	       mem.total * KIB_PER_PAGE, mem.free * KIB_PER_PAGE,
	       mem.cached * KIB_PER_PAGE, mem.anon * KIB_PER_PAGE,
	       mem.tables * KIB_PER_PAGE, mem.kernel * KIB_PER_PAGE,
	       mem.balloon * KIB_PER_PAGE);
	printf("swap %u KiB: used %u, swapped by the host %u\n",
	       mem.swap_total * KIB_PER_PAGE, mem.swap_used * KIB_PER_PAGE,
	       mem.host_swapped * KIB_PER_PAGE);
	return 0;
}
