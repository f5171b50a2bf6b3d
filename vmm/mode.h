/*
 * The virtual mode, and what goes with it when it changes: the shadow root, the shadow
 * GDT, and CR4.PVI, which must be off while guest user code runs (TRAPS 47).
 */
#ifndef VMM_MODE_H
#define VMM_MODE_H

#include "kernel/asm.h"
#include "kernel/cpu.h"
#include "vmm/vm.h"

/* Does the CPU itself keep the virtual IF just now (EFLAGS.VIF)? */
static inline bool mode_has_pvi(const struct vm *vm)
{
	return cpu_features.pvi && vm->cpu.mode == VMODE_KERNEL;
}

/*
 * While the guest's kernel runs with PVI, its virtual IF stands in EFLAGS.VIF, and vm->cpu.vif
 * is what it was at the last look. Exits that need it look first.
 */
static inline void mode_read_vif(struct vm *vm)
{
	if (mode_has_pvi(vm))
		vm->cpu.vif = vm->tf->eflags & FL_VIF;
}

/* Loads one of the VM's two shadow roots. */
static inline void mode_load_view(struct vm *vm, enum vmode view)
{
	vm->view = view;
	write_cr3(shadow_root(vm, view));
}

/* Another mode: its GDT and CR4.PVI. Registers and root are the caller's business. */
ALWAYS_INLINE void mode_set(struct vm *vm, enum vmode mode)
{
	vm->cpu.mode = mode;
	if (vm->segs.untraced)
		segs_refresh(vm);
	if (cpu_features.pvi)
		write_cr4(mode == VMODE_KERNEL ? cpu_features.cr4_pvi
					       : cpu_features.cr4);
	lgdt_ref(&vm->segs.ref[mode]);
}

/*
 * While tables and stacks of the guest's kernel are looked at on behalf of its user mode,
 * the kernel view is loaded: the short way to guest memory (gmem.c) then works.
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

/* Switches mode with all that belongs to it, but for the guest's registers. */
void mode_switch(struct vm *vm, enum vmode mode);

/* The guest loaded CR3 / changed what all its mappings depend on. */
void mode_load_cr3(struct vm *vm);
void mode_flush(struct vm *vm);

/* Sets the virtual IF wherever it is kept. */
void cpu_set_if(struct vm *vm, bool on);

/*
 * Into the CPU with all that belongs to the running VM (the view that it had, be it a lent
 * one) / back to the host's own.
 */
void mode_load(struct vm *vm);
void mode_unload(void);

#endif
