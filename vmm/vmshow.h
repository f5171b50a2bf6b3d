/*
 * VMs as text, for the monitor and for a panic.
 */
#ifndef VMM_VMSHOW_H
#define VMM_VMSHOW_H

#include "vmm/addr.h"

struct vm;

const char *vm_state_name(const struct vm *vm);
void show_table(void);
void show_vm(struct vm *vm);
void show_screen(struct vm *vm);
void show_registers(struct vm *vm);
void show_tables(struct vm *vm, gva_t v);

/* Fills checkpoint records and panics with what is known of the VMs. */
void show_init(void);

#endif
