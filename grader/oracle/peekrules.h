/*
 * Rules that are for an unannounced look alone (live.h): e->live is there.
 */
#ifndef GRADER_ORACLE_PEEKRULES_H
#define GRADER_ORACLE_PEEKRULES_H

#include "grader/oracle/live.h"

/* Those that always hold, then those that a run is made for. */
extern const struct rule peek_rules[], asked_rules[];
extern const unsigned peek_rule_count, asked_rule_count;

bool peek_cpu(struct evidence *e);
bool peek_guest(struct evidence *e);
bool peek_kernel(struct evidence *e);

/* Of the frame table, and what lies in frames. */
bool peek_unused(struct evidence *e);
bool peek_owners(struct evidence *e);
bool peek_zones(struct evidence *e);
bool peek_canary(struct evidence *e);
bool peek_dead(struct evidence *e);

/* How much memory was taken. */
bool peek_balloon(struct evidence *e);
bool peek_onto_disk(struct evidence *e);

/* What the guests' proofs have kept: one slot, of all VMs that were told so. */
bool proof_holds(struct evidence *e, u32 slot);

#endif
