/*
 * The monitor's commands about VMs.
 */
#ifndef VMM_VMCMD_H
#define VMM_VMCMD_H

void vmcmd_init(void);

struct vm;

/* For commands: the VM that an argument names, or NULL after saying so. */
struct vm *vm_arg(const char *arg);

#endif
