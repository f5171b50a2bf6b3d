/*
 * PCI configuration space, bus 0 (PCI Local Bus 3.0, 3.2.2.3.2 and 6.1).
 */
#include "pci.h"

#include "x86.h"

enum {
	CONFIG_DATA = 0xCFC,
	CONFIG_ADDRESS = 0xCF8,
	REG_ID = 0x00,
	REG_COMMAND = 0x04,
	REG_CLASS = 0x08,
	REG_BAR4 = 0x20,
	COMMAND_IO = 1,
	COMMAND_MASTER = 4,
	BAR_IO = 1,
	BAR_IO_MASK = 0xFFF0,
	CLASS_IDE = 0x0101, /* class 1, subclass 1 */
	NO_DEVICE = 0xFFFF,
	DEVICES = 32,
	FUNCTIONS = 8,
};

/* Where a register is: bus 0. */
static uint32_t address(uint32_t device, uint32_t function, uint32_t reg)
{
	return 1u << 31 | device << 11 | function << 8 | reg;
}

/* One register. */
static uint32_t config_read(uint32_t device, uint32_t function, uint32_t reg)
{
	outl(CONFIG_ADDRESS, address(device, function, reg));
	return inl(CONFIG_DATA);
}

/* One register. */
static void config_write(uint32_t device, uint32_t function, uint32_t reg,
			 uint32_t value)
{
	outl(CONFIG_ADDRESS, address(device, function, reg));
	outl(CONFIG_DATA, value);
}

/* BAR 4 of an IDE function holds the bus-master ports (PIIX, 2.5). */
static uint16_t master_ports(uint32_t device, uint32_t function)
{
	uint32_t bar = config_read(device, function, REG_BAR4);
	uint32_t command = config_read(device, function, REG_COMMAND);

	if (!(bar & BAR_IO) || (bar & BAR_IO_MASK) == 0)
		return 0;
	config_write(device, function, REG_COMMAND,
		     (command & 0xFFFF) | COMMAND_IO | COMMAND_MASTER);
	return bar & BAR_IO_MASK;
}

/* Function 0 missing means the whole device is. */
uint16_t pci_find_bus_master(void)
{
	for (uint32_t device = 0; device < DEVICES; device++) {
		for (uint32_t function = 0; function < FUNCTIONS; function++) {
			if ((config_read(device, function, REG_ID) & 0xFFFF) ==
			    NO_DEVICE) {
				if (function == 0)
					break;
				continue;
			}
			if (config_read(device, function, REG_CLASS) >> 16 == CLASS_IDE)
				return master_ports(device, function);
		}
	}
	return 0;
}
