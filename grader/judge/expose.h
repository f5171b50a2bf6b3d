/*
 * Functions that are static in a lab's files, for the tests of them: expose_*.c.
 */
#ifndef GRADER_JUDGE_EXPOSE_H
#define GRADER_JUDGE_EXPOSE_H

#include "vmm/vm.h"

/* map_page of vmm/shadow.c. */
void expose_map_page(struct vm *vm, struct stable *leaf, u32 i, ppn_t p, u32 entry,
		     u32 from);

#endif
