/*
 * The virtual mode, and what goes with it when it changes: the shadow root, the shadow
 * GDT, and CR4.PVI, which must be off while guest user code runs (TRAPS 47).
 */
#ifndef VMM_MODE_H
#define VMM_MODE_H

#include "kernel/cpu.h"
#include "vmm/vm.h"

/* Does the CPU itself keep the virtual IF just now (EFLAGS.VIF)? */
static inline bool mode_has_pvi(const struct vm *vm)
{
	return cpu_features.pvi && vm->cpu.mode == VMODE_KERNEL;
}

/* Loads one of the VM's two shadow roots. */
void mode_load_view(struct vm *vm, enum vmode view);

/* The guest loaded CR3 / changed what all its mappings depend on. */
void mode_load_cr3(struct vm *vm);
void mode_flush(struct vm *vm);

/*
 * The same as mode_switch for those who have looked at all else: root, GDT and PVI of the
 * kernel (whose root is loaded already, by mode_lend_kernel_view) or of user mode.
 */
void mode_enter_kernel(struct vm *vm);
void mode_enter_user(struct vm *vm);

/* Sets the virtual IF wherever it is kept. */
void cpu_set_if(struct vm *vm, bool on);

/* Switches mode; the caller sets the registers. The VM is the running one. */
void mode_switch(struct vm *vm, enum vmode mode);

/* Back to the host's own root and GDT. */
void mode_unload(void);

/*
 * While tables and stacks of the guest's kernel are looked at on behalf of its user
 * mode, the kernel view is loaded: the short way to guest memory (gmem.c) then works.
 */
static inline void mode_lend_kernel_view(struct vm *vm)
{
	if (vm->cpu.mode == VMODE_USER)
		mode_load_view(vm, VMODE_KERNEL);
}

static inline void mode_return_view(struct vm *vm)
{
	if (vm->view != vm->cpu.mode)
		mode_load_view(vm, vm->cpu.mode);
}

/* Loads all that belongs to a VM and its mode into the CPU, when its thread gets it. */
void mode_load(struct vm *vm);

#endif
