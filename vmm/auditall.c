/*
 * The audit of all VMs: for the monitor, and at each checkpoint.
 */
#include "vmm/auditing.h"

u32 audit_all(u32 *entries)
{
	u32 count = 0;

	*entries = 0;
	for (unsigned id = 1; id <= VM_MAX; id++) {
		struct vm *vm = vm_get(id);

		if (!vm || !vm->built)
			continue;
		*entries += audit_vm(vm);
		count++;
	}
	return count;
}

void audit_checkpoint(void)
{
	u32 entries;

	if (audit_is_full())
		audit_all(&entries);
}
