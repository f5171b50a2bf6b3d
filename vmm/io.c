/*
 * The port table: one line a device, in the order of how often guests use them. An
 * access wider than its device knows is split into bytes, as the ISA bus does; each
 * byte then finds its own device.
 */
#include "kernel/panic.h"
#include "vmm/io.h"
#include "vmm/vm.h"

enum { WIDTH_1 = 1, WIDTH_2 = 2, WIDTH_4 = 4, WIDTH_ANY = 7 };

struct ports {
	u16 first, last;
	u8 widths; /* sizes that the device takes whole: the sum of them */
	u32 (*in)(struct vm *vm, u16 port, unsigned size);
	void (*out)(struct vm *vm, u16 port, unsigned size, u32 value);
};

static const struct ports table[] = {
	{0x0020, 0x0021, WIDTH_1, vpic_in, vpic_out},
	{0x00a0, 0x00a1, WIDTH_1, vpic_in, vpic_out},
	{0x03f8, 0x03ff, WIDTH_1, vuart_in, vuart_out},
	{0x01f0, 0x01f0, WIDTH_ANY, vide_in, vide_out},
	{0x01f1, 0x01f7, WIDTH_1, vide_in, vide_out},
	{0x03f6, 0x03f6, WIDTH_1, vide_in, vide_out},
	{0x0040, 0x0043, WIDTH_1, vpit_in, vpit_out},
	{0x0061, 0x0061, WIDTH_1, vpit_in, vpit_out},
	{0x0060, 0x0060, WIDTH_1, vkbd_in, vkbd_out},
	{0x0064, 0x0064, WIDTH_1, vkbd_in, vkbd_out},
	{0x0070, 0x0071, WIDTH_1, vcmos_in, vcmos_out},
	{0x0cf8, 0x0cff, WIDTH_ANY, vpci_in, vpci_out},
	{0xba10, 0xba10, WIDTH_ANY, vmisc_in, vmisc_out},
	{0xba11, 0xba11, WIDTH_4, vballoon_in, vballoon_out},
	{0x8900, 0x8900, WIDTH_1, vmisc_in, vmisc_out},
	{0x0092, 0x0092, WIDTH_1, vmisc_in, vmisc_out},
	{0x04d0, 0x04d1, WIDTH_1, vpic_in, vpic_out},
};

/* The bus master's ports are where the guest's PCI configuration puts them. */
static const struct ports bus_master = {
	.widths = WIDTH_ANY, .in = vide_bm_in, .out = vide_bm_out};

/* The legacy ports, by number: index of the row + 1, 0 nobody. Made once. */
enum { LEGACY_PORTS = 0x400 };
static u8 legacy[LEGACY_PORTS];
static bool legacy_made;

static void make_legacy(void)
{
	for (u32 i = ARRAY_LEN(table); i-- > 0;)
		for (u32 port = table[i].first; port <= table[i].last; port++)
			if (port < LEGACY_PORTS)
				legacy[port] = (u8)(i + 1);
	legacy_made = true;
}

static const struct ports *find_high(const struct vm *vm, u16 port)
{
	u16 base = vpci_ide_ports(vm);

	if (base && port >= base && port - base < VPCI_BM_PORTS)
		return &bus_master;
	for (u32 i = 0; i < ARRAY_LEN(table); i++)
		if (port >= table[i].first && port <= table[i].last)
			return &table[i];
	return NULL;
}

/* Who answers at a port; NULL when nobody does. */
static const struct ports *find(const struct vm *vm, u16 port)
{
	u32 row;

	if (!legacy_made)
		make_legacy();
	if (port >= LEGACY_PORTS)
		return find_high(vm, port);
	row = legacy[port];
	if (row)
		return &table[row - 1];
	return find_high(vm, port); /* the bus master, if it was put down here */
}

static u32 all_ones(unsigned size)
{
	return size == 4 ? ~0u : (1u << 8 * size) - 1;
}

void io_init(struct vm *vm)
{
	vpic_init(vm);
	vpit_init(vm);
	vuart_init(vm);
	vcmos_init(vm);
	vkbd_init(vm);
	vpci_init(vm);
	vide_init(vm);
	vmisc_init(vm);
	vballoon_init(vm);
}

static u32 port_in(struct vm *vm, u16 port, unsigned size)
{
	const struct ports *p = find(vm, port);
	u32 value = 0;
	unsigned i;

	if (p && (p->widths & size))
		return p->in(vm, port, size) & all_ones(size);
	if (size == 1)
		return all_ones(1);
	for (i = 0; i < size; i++)
		value |= port_in(vm, port + i, 1) << 8 * i;
	return value;
}

static void port_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	const struct ports *p = find(vm, port);
	unsigned i;

	if (p && (p->widths & size)) {
		p->out(vm, port, size, value & all_ones(size));
		return;
	}
	for (i = 0; size > 1 && i < size; i++)
		port_out(vm, port + i, 1, value >> 8 * i);
}

static void check_and_count(struct vm *vm, unsigned size)
{
	ASSERT(size == 1 || size == 2 || size == 4);
	vm->stats.io++;
}

u32 io_in(struct vm *vm, u16 port, unsigned size)
{
	check_and_count(vm, size);
	return port_in(vm, port, size);
}

void io_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	check_and_count(vm, size);
	port_out(vm, port, size, value);
}
