/*
 * What the life of a VM (vmm/vm.c) needs of the set of all VMs (vmm/vmm.c).
 */
#ifndef VMM_LIFECYCLE_H
#define VMM_LIFECYCLE_H

#include "kernel/thread.h"

struct vm;

extern const struct thread_hooks vm_thread_hooks;

/* By id, 1 to VM_MAX; NULL: there is none. */
extern struct vm *vm_all[];

/* The thread of a VM; it starts its first life when want_restart is set. */
void vm_life(void *arg);

/* Pages of machine memory that a VM of this size takes beside its own memory. */
u32 vm_overhead(u32 mem_pages);

/* Option `resets=`: so many resets in a row are allowed, each soon after the last. */
u32 vm_resets_max(void);

/* The guest's command line, from the options; valid until the next call. */
const char *vm_command_line(struct vm *vm);

/* Tells the guest's console what killed it. */
void vm_farewell(struct vm *vm);

#endif
