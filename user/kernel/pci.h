/*
 * Just enough PCI to find the IDE function (configuration mechanism 1).
 */
#ifndef PCI_H
#define PCI_H

#include <stdint.h>

/* Turns bus mastering on; the first of its ports, or 0 when there is none. */
uint16_t pci_find_bus_master(void);

#endif
