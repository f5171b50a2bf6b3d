/*
 * PCI configuration space. A function is a table: what each register reads at power-on
 * and which of its bits can be written. All sizing, probing and enabling that drivers
 * do follows from that.
 */
#include "vmm/vm.h"

enum { PORT_ADDRESS = 0xcf8, PORT_RESET = 0xcf9, PORT_DATA = 0xcfc };

/* CONFIG_ADDRESS: PCI 2.1, figure 3-20. */
enum {
	ADDR_DEVICE_SHIFT = 11,
	ADDR_FUNCTION_SHIFT = 8,
	ADDR_REG_SHIFT = 2,
	RESET_CPU = 0x04, /* port 0xCF9, 82371SB 2.5.3.1 */
};
#define ADDR_ENABLE 0x80000000u
#define ADDR_WRITABLE 0x80fffffcu

enum {
	REG_COMMAND = 0x04,
	REG_BAR4 = 0x20,
	CMD_IO = 0x01,
	CMD_MASTER = 0x04,
	BAR_IO = 0x01,
	BAR_PORTS = 0xfff0, /* of BAR4: 16 ports */
};

enum { FN_HOST, FN_ISA, FN_IDE, BIOS_BM_PORTS = 0xc000 };

struct reset_reg {
	u8 offset;
	u32 value, writable;
};

/* 82441FX: only what identifies it. */
static const struct reset_reg host_regs[] = {
	{0x00, 0x12378086, 0},
	{REG_COMMAND, 0x02000006, 0x0100},
	{0x08, 0x06000002, 0},
	{0x0c, 0x00000000, 0xf800},
};

/* 82371SB function 0: says that the device has more functions. */
static const struct reset_reg isa_regs[] =
	{
		{0x00, 0x70008086, 0},		{REG_COMMAND, 0x02000007, 0x0008},
		{0x08, 0x06010000, 0},		{0x0c, 0x00800000, 0},
		{0x60, 0x80808080, 0x8f8f8f8f}, /* PIRQ routes: nothing is routed */
};

/* 82371SB function 1: class 0101, programming interface 80; both channels' IDETIM. */
static const struct reset_reg ide_regs[] = {
	{0x00, 0x70108086, 0},
	{REG_COMMAND, 0x02800000 | CMD_IO, CMD_IO | CMD_MASTER},
	{0x08, 0x01018000, 0},
	{0x0c, 0x00000000, 0xf000},
	{REG_BAR4, BIOS_BM_PORTS | BAR_IO, BAR_PORTS},
	{0x40, 0x00008000, 0xffffffff},
	{0x44, 0x00000000, 0x000000ff},
};

static const struct function {
	u8 device, number;
	const struct reset_reg *regs;
	u32 count;
} functions[VPCI_FUNCTIONS] = {
	[FN_HOST] = {0, 0, host_regs, ARRAY_LEN(host_regs)},
	[FN_ISA] = {1, 0, isa_regs, ARRAY_LEN(isa_regs)},
	[FN_IDE] = {1, 1, ide_regs, ARRAY_LEN(ide_regs)},
};

/* The function that an address names: an index, or VPCI_FUNCTIONS for nobody. */
static unsigned selected(u32 address)
{
	u32 where = address >> ADDR_FUNCTION_SHIFT & 0xffff; /* bus, device, function */
	unsigned i;

	if (!(address & ADDR_ENABLE))
		return VPCI_FUNCTIONS;
	for (i = 0; i < VPCI_FUNCTIONS; i++)
		if (where == (u32)(functions[i].device << 3 | functions[i].number))
			break;
	return i;
}

static u32 writable_bits(unsigned fn, unsigned offset)
{
	u32 i;

	for (i = 0; i < functions[fn].count; i++)
		if (functions[fn].regs[i].offset == offset)
			return functions[fn].regs[i].writable;
	return 0;
}

static u32 size_mask(unsigned size)
{
	return size == 4 ? ~0u : (1u << 8 * size) - 1;
}

/* Some bytes of the selected register: `at` is the first, at + size <= 4. */
static u32 read_data(const struct vpci *pci, unsigned at, unsigned size)
{
	unsigned fn = selected(pci->address);
	u32 reg = pci->address >> ADDR_REG_SHIFT & (VPCI_REGS - 1);

	if (fn == VPCI_FUNCTIONS)
		return size_mask(size);
	return pci->reg[fn][reg] >> 8 * at & size_mask(size);
}

static void write_data(struct vm *vm, unsigned at, unsigned size, u32 value)
{
	struct vpci *pci = &vm->pci;
	unsigned fn = selected(pci->address);
	u32 reg = pci->address >> ADDR_REG_SHIFT & (VPCI_REGS - 1);
	u32 mask;

	if (fn == VPCI_FUNCTIONS)
		return;
	mask = writable_bits(fn, reg * 4) & size_mask(size) << 8 * at;
	pci->reg[fn][reg] = (pci->reg[fn][reg] & ~mask) | (value << 8 * at & mask);
	if (fn == FN_IDE && reg * 4 == REG_COMMAND)
		vide_master_changed(vm);
}

/* Mechanism 1 answers to a whole word at 0xCF8 only; bytes there are other devices. */
u32 vpci_in(struct vm *vm, u16 port, unsigned size)
{
	if (port >= PORT_DATA && port + size <= PORT_DATA + 4)
		return read_data(&vm->pci, port - PORT_DATA, size);
	if (port == PORT_ADDRESS && size == 4)
		return vm->pci.address;
	return size_mask(size);
}

void vpci_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	if (port >= PORT_DATA && port + size <= PORT_DATA + 4)
		write_data(vm, port - PORT_DATA, size, value);
	else if (port == PORT_ADDRESS && size == 4)
		vm->pci.address = value & ADDR_WRITABLE;
	else if (port == PORT_RESET && size == 1 && (value & RESET_CPU))
		vm_reset(vm, "PCI reset register");
}

u16 vpci_ide_ports(const struct vm *vm)
{
	const u32 *reg = vm->pci.reg[FN_IDE];

	return reg[REG_COMMAND / 4] & CMD_IO ? reg[REG_BAR4 / 4] & BAR_PORTS : 0;
}

bool vpci_ide_master(const struct vm *vm)
{
	return vm->pci.reg[FN_IDE][REG_COMMAND / 4] & CMD_MASTER;
}

void vpci_init(struct vm *vm)
{
	unsigned fn;
	u32 i;

	vm->pci = (struct vpci){0};
	for (fn = 0; fn < VPCI_FUNCTIONS; fn++)
		for (i = 0; i < functions[fn].count; i++)
			vm->pci.reg[fn][functions[fn].regs[i].offset / 4] =
				functions[fn].regs[i].value;
}
