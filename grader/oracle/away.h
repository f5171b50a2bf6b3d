/*
 * Rules about pages that are not in machine memory: given away by the guest, or on the
 * host's disk (vmm/balloon.h, vmm/swap.h).
 */
#ifndef GRADER_ORACLE_AWAY_H
#define GRADER_ORACLE_AWAY_H

#include "grader/oracle/rules.h"

bool away_gone(struct evidence *e);
bool away_counts(struct evidence *e);
bool away_slots(struct evidence *e);

/* Of the guest's program canary; only when it is named. */
bool away_stray(struct evidence *e);

#endif
