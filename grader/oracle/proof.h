/*
 * What the guests' program proof must have come to (user/include/proof.h), worked out
 * from the seed alone, without the guest's code.
 */
#ifndef GRADER_ORACLE_PROOF_H
#define GRADER_ORACLE_PROOF_H

#include "grader/oracle/live.h"

/*
 * Does a page begin, or go on, as one that a past life of a VM filled? Which VM, which of
 * its pages. A life is past when another seed follows its own, at the last look.
 */
bool proof_past(const struct live *l, const u8 *page, u32 *vm, u32 *number);

#endif
