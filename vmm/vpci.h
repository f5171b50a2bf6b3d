/*
 * PCI configuration space by mechanism 1 (PCI 2.1, 3.7.4.1): ports 0xCF8 and 0xCFC. Bus
 * 0 has a host bridge 00:00.0, the PIIX3's ISA bridge 00:01.0 and its IDE function
 * 00:01.1 (Intel 82371SB data sheet). Nothing else answers: all ones.
 */
#ifndef VMM_VPCI_H
#define VMM_VPCI_H

#include "kernel/types.h"

struct vm;

enum { VPCI_FUNCTIONS = 3, VPCI_REGS = 64, VPCI_BM_PORTS = 16 };

struct vpci {
	u32 address; /* as last written to 0xCF8 */
	u32 reg[VPCI_FUNCTIONS][VPCI_REGS];
};

void vpci_init(struct vm *vm);
u32 vpci_in(struct vm *vm, u16 port, unsigned size);
void vpci_out(struct vm *vm, u16 port, unsigned size, u32 value);

/* First of the IDE bus master's VPCI_BM_PORTS ports; 0 when its I/O is off. */
u16 vpci_ide_ports(const struct vm *vm);

/* May the IDE function master the bus? */
bool vpci_ide_master(const struct vm *vm);

#endif
