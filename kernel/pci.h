/*
 * Just enough PCI to find the disk's DMA engine: configuration mechanism 1 on bus 0
 * (PCI Local Bus Specification 2.2, 3.2.2.3).
 */
#ifndef KERNEL_PCI_H
#define KERNEL_PCI_H

#include "kernel/types.h"

/* A function on bus 0. */
struct pci_function {
	u8 device, function;
};

u32 pci_read(struct pci_function f, u8 offset); /* offset: a multiple of 4 */
void pci_write(struct pci_function f, u8 offset, u32 value);

/*
 * The first function of this class code (class << 16 | subclass << 8 | interface), of
 * whose bits only those in `mask` count. False: none, or no PCI at all.
 */
bool pci_find_class(u32 class_code, u32 mask, struct pci_function *out);

/*
 * The I/O base of the IDE controller's bus-master registers, with bus mastering
 * switched on. 0: there is no such controller, or the BIOS gave it no ports.
 */
u16 pci_ide_bus_master(void);

#endif
