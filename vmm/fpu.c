/*
 * Lazy FPU switching.
 */
#include "vmm/fpu.h"
#include "kernel/asm.h"
#include "vmm/vm.h"

static struct vm *owner; /* whose state is in the registers */

void fpu_switch(struct vm *vm)
{
	u32 cr0 = read_cr0() & ~(u32)(CR0_TS | CR0_EM);
	bool ready = vm && vm == owner && !(vm->cpu.cr0 & (CR0_TS | CR0_EM));

	write_cr0(ready ? cr0 : cr0 | CR0_TS);
}

bool fpu_fault(struct vm *vm)
{
	if (vm->cpu.cr0 & (CR0_TS | CR0_EM))
		return false;
	clts();
	if (vm == owner)
		return true;
	if (owner)
		fpu_save(owner->fpu.area);
	if (vm->fpu.used)
		fpu_restore(vm->fpu.area);
	else
		fpu_init();
	vm->fpu.used = true;
	owner = vm;
	return true;
}

void fpu_forget(struct vm *vm)
{
	if (owner == vm)
		owner = NULL;
	vm->fpu = (struct fpu){.used = false};
}
