/*
 * Shortcuts: the commonest privileged instructions of a guest's kernel, known by their
 * first bytes and done at once. Everything else, and every odd form of these, is the
 * emulator's.
 */
#ifndef VMM_SHORTCUT_H
#define VMM_SHORTCUT_H

#include "kernel/types.h"

struct vm;

/* An exit by #GP, or #NP; what is no such instruction goes to exit_slowly. May sleep. */
void exit_protection(struct vm *vm);

/* Does the guest run on a flat code segment, as nearly all do nearly always? */
bool shortcut_flat_code(const struct vm *vm);

#endif
