/*
 * The port table: one line a device. High ports are looked for one line after the other, so
 * those that guests use most come first; the legacy ones have a table by number. An
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
	{0xba10, 0xba10, WIDTH_ANY, vmisc_in, vmisc_out},
	{0xba11, 0xba11, WIDTH_4, vballoon_in, vballoon_out},
	{0x0cf8, 0x0cff, WIDTH_ANY, vpci_in, vpci_out},
	{0x8900, 0x8900, WIDTH_1, vmisc_in, vmisc_out},
	{0x04d0, 0x04d1, WIDTH_1, vpic_in, vpic_out},
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
	{0x0092, 0x0092, WIDTH_1, vmisc_in, vmisc_out},
};

/* The bus master's ports are where the guest's PCI configuration puts them. */
static const struct ports bus_master = {
	.widths = WIDTH_ANY, .in = vide_bm_in, .out = vide_bm_out};

/* The legacy ports, by number: index of the row + 1, 0 nobody. The same for all VMs. */
enum { LEGACY_PORTS = 0x400 };
static u8 legacy[LEGACY_PORTS];

static void make_legacy(void)
{
	for (u32 i = ARRAY_LEN(table); i-- > 0;)
		for (u32 port = table[i].first; port <= table[i].last; port++)
			if (port < LEGACY_PORTS)
				legacy[port] = (u8)(i + 1);
}

static HOT NOINLINE const struct ports *find_high(const struct vm *vm, u16 port)
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
ALWAYS_INLINE const struct ports *find(const struct vm *vm, u16 port)
{
	u32 row = port < LEGACY_PORTS ? legacy[port] : 0;

	return row ? &table[row - 1] : find_high(vm, port);
}

ALWAYS_INLINE u32 all_ones(unsigned size)
{
	return size == 4 ? ~0u : (1u << 8 * size) - 1;
}

void io_init(struct vm *vm)
{
	make_legacy();
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

ALWAYS_INLINE u8 byte_in(struct vm *vm, u16 port)
{
	const struct ports *p = find(vm, port);

	return p && p->widths & WIDTH_1 ? p->in(vm, port, 1) : 0xff;
}

ALWAYS_INLINE void byte_out(struct vm *vm, u16 port, u8 value)
{
	const struct ports *p = find(vm, port);

	if (p && p->widths & WIDTH_1)
		p->out(vm, port, 1, value);
}

/* Wider than who answers at the first port knows. */
static NOINLINE u32 split_in(struct vm *vm, u16 port, unsigned size)
{
	u32 value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (u32)byte_in(vm, port + i) << 8 * i;
	return value;
}

static NOINLINE void split_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	for (unsigned i = 0; i < size; i++)
		byte_out(vm, port + i, value >> 8 * i);
}

HOT u8 io_in_byte(struct vm *vm, u16 port)
{
	vm->stats.io++;
	return byte_in(vm, port);
}

HOT void io_out_byte(struct vm *vm, u16 port, u8 value)
{
	vm->stats.io++;
	byte_out(vm, port, value);
}

HOT u32 io_in(struct vm *vm, u16 port, unsigned size)
{
	const struct ports *p = find(vm, port);

	ASSERT(size == 1 || size == 2 || size == 4);
	vm->stats.io++;
	if (!p || !(p->widths & size))
		return split_in(vm, port, size);
	return p->in(vm, port, size) & all_ones(size);
}

HOT void io_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	const struct ports *p = find(vm, port);

	ASSERT(size == 1 || size == 2 || size == 4);
	vm->stats.io++;
	if (p && p->widths & size)
		p->out(vm, port, size, value & all_ones(size));
	else
		split_out(vm, port, size, value);
}
