/*
 * The rules of an unannounced look, by name.
 */
#include "grader/oracle/peekrules.h"
#include "user/include/proof.h"

#define RULE_OF_SLOT(name, slot)                     \
	static bool proof_##name(struct evidence *e) \
	{                                            \
		return proof_holds(e, slot);         \
	}
RULE_OF_SLOT(alive, PROOF_ALIVE)
RULE_OF_SLOT(zero, PROOF_ZERO)
RULE_OF_SLOT(fill, PROOF_FILL)
RULE_OF_SLOT(child, PROOF_CHILD)
RULE_OF_SLOT(parent, PROOF_PARENT)
RULE_OF_SLOT(user, PROOF_USER)
RULE_OF_SLOT(marks, PROOF_MARKS)
RULE_OF_SLOT(storm, PROOF_STORM)
RULE_OF_SLOT(shrink, PROOF_SHRINK)
RULE_OF_SLOT(swap, PROOF_SWAP)
RULE_OF_SLOT(scan, PROOF_SCAN)
RULE_OF_SLOT(chain, PROOF_CHAIN)

const struct rule peek_rules[] = {
	{"cpu", "the CPU is in ring 3, on a VM's root, in that guest's code", peek_cpu},
	{"kernel", "the host's code is mapped where it was built to be", peek_kernel},
	{"guest", "the code of the guests' kernels is what was loaded", peek_guest},
	{"unused", "no frame is used twice, or free and used", peek_unused},
	{"owners", "who has a frame by the frame table knows of it", peek_owners},
};
const unsigned peek_rule_count = ARRAY_LEN(peek_rules);

const struct rule asked_rules[] = {
	{"zones", "guests have no low memory while high memory is free", peek_zones},
	{"canary", "nothing of a life that is over is in a VM's memory", peek_canary},
	{"dead", "a VM that memory ran out for has ended, with nothing left",
	 peek_dead},
	{"balloon", "the balloons are as big as the host wants them", peek_balloon},
	{"ondisk", "as many pages as were to go are on the disk", peek_onto_disk},
	{"alive", "the guests run the program proof", proof_alive},
	{"zero", "new memory is zero in the guests", proof_zero},
	{"fill", "the guests read what they wrote", proof_fill},
	{"child", "a forked child has a copy of its own", proof_child},
	{"parent", "its parent's memory stays as it was", proof_parent},
	{"user", "a program that reaches for kernel memory is ended", proof_user},
	{"marks", "A and D of guest entries are those of the accesses", proof_marks},
	{"storm", "fork and exec again and again come out right", proof_storm},
	{"shrink", "memory given back to a guest's kernel comes back zero",
	 proof_shrink},
	{"swap", "the guests page to their disks and back", proof_swap},
	{"scan", "all memory of a VM can be read", proof_scan},
	{"chain", "the guests go on, and their memory keeps up with them", proof_chain},
};
const unsigned asked_rule_count = ARRAY_LEN(asked_rules);
