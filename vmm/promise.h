/*
 * Promises (I15 of audit.h): a form of shadow paging around another one. Each operation
 * is done by the other, then what it should have come to is looked at, by a walk of the
 * guest's tables that is not the VMM's own.
 */
#ifndef VMM_PROMISE_H
#define VMM_PROMISE_H

#include "vmm/shadow.h"

struct vm;

/* One form at a time, for all VMs. */
const struct shadow_form *promise_form(const struct shadow_form *form);

/*
 * The entry for an address, whoever made it: the quick ways do not go through a form. For
 * the last page fault, at the end of its exit.
 */
void promise_page(struct vm *vm, gva_t v);

#endif
