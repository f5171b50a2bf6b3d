/*
 * Probing: the CMOS clock, the PCI bus, serial ports, and places where nothing answers.
 */
#include "hardware.h"

#include "kernel.h"
#include "layout.h"
#include "memory.h"

enum {
	CMOS = 0x70, /* index, then data */
	CMOS_HOURS = 0x04,
	CMOS_D = 0x0D,
	CMOS_D_VALID = 0x80,
	CMOS_BASE_KIB = 0x15,
	PCI_ADDRESS = 0xCF8,
	PCI_DATA = 0xCFC,
	PCI_ENABLE_BIT = 31,
	PCI_DEVICE_SHIFT = 11,
	PCI_FUNCTION_SHIFT = 8,
	PCI_CLASS = 0x08,
	PCI_SLOTS = 32,
	PCI_FUNCTIONS = 8,
	CLASS_HOST_BRIDGE = 0x0600,
	CLASS_IDE = 0x0101,
	COM1 = 0x3F8,
	COM3 = 0x3E8,
	SCRATCH = 7,
	NOTHING = 0x5E0,
	WINDOW = 0x00C00000, /* where pages are mapped to be looked at */
	HOLE = 0xD8000,	     /* between the video BIOS and the BIOS */
	BEYOND = 0x30000000, /* 768 MiB: more than any machine of ours has */
};

static uint8_t cmos(uint8_t index)
{
	outb(CMOS, index);
	return inb(CMOS + 1);
}

static void probe_cmos(void)
{
	uint32_t base = cmos(CMOS_BASE_KIB) | (uint32_t)cmos(CMOS_BASE_KIB + 1) << 8;
	uint8_t hours = cmos(CMOS_HOURS);

	print("cmos: %u KiB of base memory, clock %s, hours %s\n", base,
	      cmos(CMOS_D) & CMOS_D_VALID ? "good" : "lost",
	      (hours & 15) < 10 && hours <= 0x23 ? "make sense" : "do not");
}

static uint32_t pci_read(uint32_t slot, uint32_t function, uint32_t offset)
{
	outl(PCI_ADDRESS, 1u << PCI_ENABLE_BIT | slot << PCI_DEVICE_SHIFT |
				  function << PCI_FUNCTION_SHIFT | offset);
	return inl(PCI_DATA);
}

static bool pci_has(uint32_t class)
{
	for (uint32_t slot = 0; slot < PCI_SLOTS; slot++)
		for (uint32_t f = 0; f < PCI_FUNCTIONS; f++)
			if (pci_read(slot, f, PCI_CLASS) >> 16 == class)
				return true;
	return false;
}

static void probe_pci(void)
{
	print("pci: host bridge %s, ide %s, slot 31 reads %x\n",
	      pci_has(CLASS_HOST_BRIDGE) ? "yes" : "no",
	      pci_has(CLASS_IDE) ? "yes" : "no", pci_read(PCI_SLOTS - 1, 0, 0));
}

/* A UART keeps a byte for whoever wants; the bus does not. */
static bool has_uart(uint16_t port)
{
	outb(port + SCRATCH, 0x5A);
	if (inb(port + SCRATCH) != 0x5A)
		return false;
	outb(port + SCRATCH, 0xA5);
	return inb(port + SCRATCH) == 0xA5;
}

void hardware_probe(void)
{
	probe_cmos();
	probe_pci();
	print("serial: com1 %s, com3 %s\n", has_uart(COM1) ? "yes" : "no",
	      has_uart(COM3) ? "yes" : "no");
}

/* Does a write to this physical word leave a trace? */
static bool remembers(uint32_t physical)
{
	volatile uint32_t *word = (uint32_t *)WINDOW;
	uint32_t before;

	map_page(WINDOW, physical, PTE_W);
	before = *word;
	*word = ~before ^ 0x1234;
	return *word != before;
}

void hardware_holes(void)
{
	outb(NOTHING, 0);
	print("holes: ports read %x %x %x\n", inb(NOTHING), inw(NOTHING), inl(NOTHING));
	print("holes: memory at %x %s, at %x %s\n", HOLE,
	      remembers(HOLE) ? "remembers" : "forgets", BEYOND,
	      remembers(BEYOND) ? "remembers" : "forgets");
}

static uint32_t peek(uint32_t physical)
{
	map_page(WINDOW, physical, 0);
	return *(volatile uint32_t *)WINDOW;
}

void hardware_ones(void)
{
	static const uint32_t places[] = {0xA0000, 0xB0000, 0xC0000,   HOLE,
					  0xFF000, BEYOND,  0xFEE00000};

	for (uint32_t i = 0; i < sizeof places / sizeof places[0]; i++)
		print("ones: %x reads %x\n", places[i], peek(places[i]));
}
