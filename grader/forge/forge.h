/*
 * What the forgeries share: the dump at hand, the shadows of the VM at hand, and how a
 * word is put into the one or the other.
 */
#ifndef GRADER_FORGE_FORGE_H
#define GRADER_FORGE_FORGE_H

#include "grader/oracle/shadow.h"

extern struct evidence evidence;
extern struct shadows shadows;

/* At a machine address / a host-virtual one. False: it is not in the dump. */
bool put(u64 at, u32 word);
bool put_virtual(u32 va, u32 word);

/* Of pages that are away (away.c). False: no place for it. */
bool forge_gone(void);
bool forge_counts(void);
bool forge_slots(void);
bool forge_stray(void);

#endif
