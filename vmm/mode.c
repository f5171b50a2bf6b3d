/*
 * Mode switches.
 */
#include "vmm/mode.h"
#include "kernel/asm.h"
#include "kernel/paging.h"

void mode_load_view(struct vm *vm, enum vmode view)
{
	vm->view = view;
	write_cr3(shadow_root(vm, view));
}

void mode_load_cr3(struct vm *vm)
{
	shadow_load_cr3(vm);
	mode_load_view(vm, vm->cpu.mode);
}

void mode_flush(struct vm *vm)
{
	shadow_flush(vm);
	mode_load_view(vm, vm->cpu.mode);
}

/* GDT and CR4.PVI of the mode; the root apart. */
static void load_mode_state(struct vm *vm)
{
	if (cpu_features.pvi)
		write_cr4(cpu_features.cr4 |
			  (vm->cpu.mode == VMODE_KERNEL ? (u32)CR4_PVI : 0));
	gdt_load(vm->segs.view[vm->cpu.mode]);
}

void mode_load(struct vm *vm)
{
	load_mode_state(vm);
	mode_load_view(vm, vm->cpu.mode);
}

void mode_enter_kernel(struct vm *vm)
{
	vm->cpu.mode = VMODE_KERNEL;
	if (vm->segs.untraced)
		segs_refresh(vm);
	load_mode_state(vm);
	if (cpu_features.pvi && vm->cpu.vif)
		vm->tf->eflags |= FL_VIF;
}

void mode_enter_user(struct vm *vm)
{
	vm->cpu.mode = VMODE_USER;
	if (vm->segs.untraced)
		segs_refresh(vm);
	load_mode_state(vm);
	mode_load_view(vm, VMODE_USER);
}

void mode_unload(void)
{
	if (cpu_features.pvi)
		write_cr4(cpu_features.cr4);
	paging_load_host();
	gdt_load_host();
}

void mode_switch(struct vm *vm, enum vmode mode)
{
	if (vm->cpu.mode == mode)
		return;
	vm->cpu.mode = mode;
	if (vm->segs.untraced)
		segs_refresh(vm);
	mode_load(vm);
	vm->tf->eflags &= ~(u32)(FL_VIF | FL_VIP);
	cpu_set_if(vm, vm->cpu.vif);
}
