/*
 * Mode switches.
 */
#include "vmm/mode.h"
#include "kernel/gdt.h"
#include "kernel/paging.h"
#include "vmm/adopt.h"

/* A root that is empty was never in use, or lost everything. */
HOT void mode_load_cr3(struct vm *vm)
{
	const struct shadow *s = &vm->shadow;
	u16 before = s->active[vm->cpu.mode];

	shadow_load_cr3(vm);
	if (vm->quick.adopts && !s->pool.table[s->active[vm->cpu.mode]].count)
		adopt_leaves(vm, before);
	mode_load_view(vm, vm->cpu.mode);
}

void mode_flush(struct vm *vm)
{
	shadow_flush(vm);
	mode_load_view(vm, vm->cpu.mode);
}

void mode_load(struct vm *vm)
{
	mode_set(vm, vm->cpu.mode);
	mode_load_view(vm, vm->view);
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
	mode_set(vm, mode);
	mode_load_view(vm, mode);
	vm->tf->eflags &= ~(u32)(FL_VIF | FL_VIP);
	cpu_set_if(vm, vm->cpu.vif);
}
