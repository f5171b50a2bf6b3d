/*
 * The monitor's commands about VMs.
 */
#ifndef VMM_VMCMD_H
#define VMM_VMCMD_H

void vmcmd_init(void);

#endif
