/*
 * PCI configuration space, by an address port and a data port.
 */
#include "kernel/pci.h"
#include "kernel/io.h"

enum { CONFIG_ADDRESS = 0xCF8, CONFIG_DATA = 0xCFC };
enum { DEVICES = 32, FUNCTIONS = 8 };

#define CONFIG_ENABLE (1u << 31)

/* Configuration header, type 0 (specification, figure 6-1). */
enum { REG_ID = 0x00, REG_COMMAND = 0x04, REG_CLASS = 0x08, REG_BAR4 = 0x20 };
enum { COMMAND_IO = 1 << 0, COMMAND_MASTER = 1 << 2, COMMAND_MASK = 0xFFFF };
enum { BAR_IO = 1 << 0, BAR_IO_BASE = 0xFFFC };

#define NO_FUNCTION 0xFFFFFFFFu

/* IDE controllers that can be bus masters: class 1, subclass 1, interface bit 7. */
enum { CLASS_IDE_MASTER = 0x010180, CLASS_IDE_MASK = 0xFFFF80 };

static void select(struct pci_function f, u8 offset)
{
	outl(CONFIG_ADDRESS,
	     CONFIG_ENABLE | (u32)f.device << 11 | (u32)f.function << 8 | offset);
}

u32 pci_read(struct pci_function f, u8 offset)
{
	select(f, offset);
	return inl(CONFIG_DATA);
}

void pci_write(struct pci_function f, u8 offset, u32 value)
{
	select(f, offset);
	outl(CONFIG_DATA, value);
}

/* Whether there is anything that answers behind the address port. */
static bool pci_present(void)
{
	outl(CONFIG_ADDRESS, CONFIG_ENABLE);
	return inl(CONFIG_ADDRESS) == CONFIG_ENABLE;
}

bool pci_find_class(u32 class_code, u32 mask, struct pci_function *out)
{
	if (!pci_present())
		return false;
	for (unsigned i = 0; i < DEVICES * FUNCTIONS; i++) {
		struct pci_function f = {(u8)(i / FUNCTIONS), (u8)(i % FUNCTIONS)};

		if (pci_read(f, REG_ID) == NO_FUNCTION)
			continue;
		if ((pci_read(f, REG_CLASS) >> 8 & mask) == (class_code & mask)) {
			*out = f;
			return true;
		}
	}
	return false;
}

u16 pci_ide_bus_master(void)
{
	struct pci_function f;
	u32 bar, command;

	if (!pci_find_class(CLASS_IDE_MASTER, CLASS_IDE_MASK, &f))
		return 0;
	bar = pci_read(f, REG_BAR4);
	if (!(bar & BAR_IO) || !(bar & BAR_IO_BASE))
		return 0;
	command = pci_read(f, REG_COMMAND) & COMMAND_MASK;
	pci_write(f, REG_COMMAND, command | COMMAND_IO | COMMAND_MASTER);
	return (u16)(bar & BAR_IO_BASE);
}
