/*
 * stat: what the kernel has counted since boot.
 */
#include "../lib/guest.h"

/* Four lines. */
int main(int argc, char **argv)
{
	struct abi_stat stat;

	(void)argc;
	(void)argv;
	if (get_stat(&stat) < 0)
		fail("stat", "no information");
	printf("faults %u: zero %u cow %u swap-in %u swap-out %u\n", stat.faults,
	       stat.demand_zero, stat.cow_copies, stat.swap_ins, stat.swap_outs);
	printf("syscalls %u switches %u forks %u execs %u\n", stat.syscalls,
	       stat.switches, stat.forks, stat.execs);
	printf("interrupts %u timer %u\n", stat.irqs, stat.ticks);
	printf("disk reads %u writes %u, blocks read by programs %u\n", stat.disk_reads,
	       stat.disk_writes, stat.block_reads);
	printf("halted %llu\n", stat.halted);
	return 0;
}
