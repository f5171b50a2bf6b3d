/*
 * The monitor's commands about how much memory VMs have.
 */
#ifndef VMM_MEMCMD_H
#define VMM_MEMCMD_H

void memcmd_init(void);

#endif
