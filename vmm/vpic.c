/*
 * Two 8259A, cascaded. Everything is kept in the registers that the data sheet names;
 * after each change the INTR pin is worked out anew, the second chip's first, as it is
 * an input of the first. So nothing is cached but that pin.
 */
#include "kernel/panic.h"
#include "vmm/vm.h"

enum { CASCADE = 2, SPURIOUS = 7, NOBODY = 8 };
enum { MASTER = 0, SLAVE = 1 };

/* 8259A data sheet, figures 6 to 8. */
enum {
	ICW1_IC4 = 0x01,
	ICW1_SINGLE = 0x02,
	ICW1_LEVEL = 0x08,
	ICW1 = 0x10,
	ICW4_AUTO_EOI = 0x02,
	ICW4_NESTED = 0x10,
	OCW2_LEVEL = 0x07,
	OCW2_EOI = 0x20,
	OCW2_SPECIFIC = 0x40,
	OCW2_ROTATE = 0x80,
	OCW3 = 0x08,
	OCW3_READ_ISR = 0x01,
	OCW3_READ = 0x02,
	OCW3_POLL = 0x04,
	OCW3_SMM = 0x20,
	OCW3_SET_SMM = 0x40,
	POLL_PENDING = 0x80,
};

/* Inputs that can never be level triggered: timer, keyboard, cascade; clock, FPU. */
enum { ELCR_MASTER = 0xf8, ELCR_SLAVE = 0xde };

/* What a BIOS leaves unmasked: timer, keyboard, cascade, floppy; mouse, FPU, disk. */
enum { BIOS_MASTER = 0x08, BIOS_SLAVE = 0x70, BIOS_MASK0 = 0xb8, BIOS_MASK1 = 0x8f };

/* How urgent the most urgent of these inputs is: 0 most, NOBODY for none. */
static unsigned rank_of(const struct vpic_chip *c, u8 inputs)
{
	unsigned first = (c->lowest + 1) & 7;
	u8 by_rank = (u8)(inputs >> first | inputs << (8 - first));

	return by_rank ? (unsigned)__builtin_ctz(by_rank) : NOBODY;
}

/* The input of a rank. */
static unsigned input_of(const struct vpic_chip *c, unsigned rank)
{
	return (c->lowest + 1 + rank) & 7;
}

/* The input that this chip asks to be served now, or NOBODY: most often nothing is wanted. */
static HOT NOINLINE unsigned first_request(const struct vpic_chip *c, u8 wanted)
{
	u8 serving = c->isr;
	unsigned rank;

	if (c->expect)
		return NOBODY;
	rank = rank_of(c, wanted);
	if (c->special_mask)
		serving &= ~c->imr;
	if (c->nested_slave)
		serving &= ~(1u << CASCADE);
	return rank < rank_of(c, serving) ? input_of(c, rank) : NOBODY;
}

ALWAYS_INLINE unsigned chip_request(const struct vpic_chip *c)
{
	u8 wanted = c->irr & ~c->imr;

	return wanted ? first_request(c, wanted) : NOBODY;
}

static bool level_triggered(const struct vpic_chip *c, unsigned input)
{
	return c->level || (c->elcr & 1u << input);
}

/* Moves one input pin. A request whose pin falls before the acknowledge is gone. */
static void chip_set_line(struct vpic_chip *c, unsigned input, bool level)
{
	u8 bit = 1u << input;
	bool rose = level && !(c->lines & bit);

	if (level) {
		c->lines |= bit;
		if (rose || level_triggered(c, input))
			c->irr |= bit;
	} else {
		c->lines &= ~bit;
		c->irr &= ~bit;
	}
}

/* Works out the pins after any change. */
static HOT void update(struct vpic *pic)
{
	bool slave = chip_request(&pic->chip[SLAVE]) != NOBODY;

	chip_set_line(&pic->chip[MASTER], CASCADE, slave);
	pic->due = chip_request(&pic->chip[MASTER]) != NOBODY;
}

/* One chip's acknowledge cycle for the input that it asks for: that is put in service. */
static unsigned chip_ack(struct vpic_chip *c, unsigned input)
{
	u8 bit;

	if (input == NOBODY)
		return SPURIOUS;
	bit = 1u << input;
	if (!level_triggered(c, input) || !(c->lines & bit))
		c->irr &= ~bit;
	if (!c->auto_eoi)
		c->isr |= bit;
	else if (c->rotate_auto)
		c->lowest = input;
	return input;
}

HOT u8 vpic_ack(struct vpic *pic)
{
	struct vpic_chip *master = &pic->chip[MASTER], *slave = &pic->chip[SLAVE];
	unsigned input = chip_request(master);
	u8 vector = master->vector + chip_ack(master, input);

	if (input == CASCADE) {
		vector = slave->vector + chip_ack(slave, chip_request(slave));
		/* The slave's pin drops between two requests: each is an edge. */
		chip_set_line(master, CASCADE, false);
	}
	update(pic);
	return vector;
}

HOT void vpic_set_line(struct vpic *pic, unsigned irq, bool level)
{
	ASSERT(irq < VPIC_IRQS);
	if (irq == CASCADE)
		return;
	chip_set_line(&pic->chip[irq / 8], irq % 8, level);
	update(pic);
}

/* ICW1 begins the initialization sequence and forgets most of the chip's state. */
static void write_icw1(struct vpic_chip *c, u8 value)
{
	c->expect = 2;
	c->want_icw4 = value & ICW1_IC4;
	c->single = value & ICW1_SINGLE;
	c->level = value & ICW1_LEVEL;
	c->irr = c->level ? c->lines : 0;
	c->isr = 0;
	c->imr = 0;
	c->lowest = 7;
	c->auto_eoi = false;
	c->nested_slave = false;
	c->rotate_auto = false;
	c->special_mask = false;
	c->read_isr = false;
	c->poll = false;
}

/* OCW2: end of interrupt, and rotation of the priorities (data sheet, figure 8). */
static void write_ocw2(struct vpic_chip *c, u8 value)
{
	unsigned rank = rank_of(c, c->special_mask ? c->isr & ~c->imr : c->isr);
	unsigned input = value & OCW2_LEVEL;

	if (!(value & OCW2_EOI)) {
		if ((value & OCW2_SPECIFIC) && (value & OCW2_ROTATE))
			c->lowest = input;
		else if (!(value & OCW2_SPECIFIC))
			c->rotate_auto = value & OCW2_ROTATE;
		return;
	}
	if (!(value & OCW2_SPECIFIC)) {
		if (rank == NOBODY)
			return;
		input = input_of(c, rank);
	}
	c->isr &= ~(1u << input);
	if (value & OCW2_ROTATE)
		c->lowest = input;
}

static void write_ocw3(struct vpic_chip *c, u8 value)
{
	if (value & OCW3_POLL)
		c->poll = true;
	if (value & OCW3_READ)
		c->read_isr = value & OCW3_READ_ISR;
	if (value & OCW3_SET_SMM)
		c->special_mask = value & OCW3_SMM;
}

/* The EOI that nearly all send, with the priorities that nearly all have. */
static bool is_plain_eoi(const struct vpic_chip *c, u8 value)
{
	return value == OCW2_EOI && c->lowest == 7 && !c->special_mask;
}

static void write_command(struct vpic_chip *c, u8 value)
{
	if (is_plain_eoi(c, value))
		c->isr &= c->isr - 1;
	else if (value & ICW1)
		write_icw1(c, value);
	else if (value & OCW3)
		write_ocw3(c, value);
	else
		write_ocw2(c, value);
}

/* The data port: the ICW that is due, else OCW1, the mask. */
static void write_data(struct vpic_chip *c, u8 value)
{
	switch (c->expect) {
	case 2:
		c->vector = value & 0xf8;
		c->expect = !c->single ? 3 : c->want_icw4 ? 4 : 0;
		break;
	case 3: /* how the chips are wired is not for the guest to say */
		c->expect = c->want_icw4 ? 4 : 0;
		break;
	case 4:
		c->auto_eoi = value & ICW4_AUTO_EOI;
		c->nested_slave = value & ICW4_NESTED;
		c->expect = 0;
		break;
	default:
		c->imr = value;
		break;
	}
}

/* A poll is an acknowledge without the CPU: it says what was served. */
static u8 read_poll(struct vpic_chip *c)
{
	unsigned input = chip_request(c);

	c->poll = false;
	return input == NOBODY ? 0 : POLL_PENDING | chip_ack(c, input);
}

static u8 read_chip(struct vpic_chip *c, bool data)
{
	if (c->poll)
		return read_poll(c);
	if (data)
		return c->imr;
	return c->read_isr ? c->isr : c->irr;
}

/* Ports: 0x20, 0x21, 0xA0, 0xA1; 0x4D0, 0x4D1. Bit 7 or bit 0 names the chip. */
enum { PORT_SLAVE = 0x80, PORT_DATA = 0x01, PORT_ELCR = 0x4d0 };

u32 vpic_in(struct vm *vm, u16 port, unsigned size)
{
	struct vpic *pic = &vm->pic;
	u8 value;

	(void)size;
	if ((port & ~1) == PORT_ELCR)
		return pic->chip[port & 1].elcr;
	value = read_chip(&pic->chip[port & PORT_SLAVE ? SLAVE : MASTER],
			  port & PORT_DATA);
	update(pic);
	return value;
}

HOT void vpic_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	struct vpic *pic = &vm->pic;
	struct vpic_chip *c = &pic->chip[port & PORT_SLAVE ? SLAVE : MASTER];

	(void)size;
	if ((port & ~1) == PORT_ELCR)
		pic->chip[port & 1].elcr = value &
					   (port & 1 ? ELCR_SLAVE : ELCR_MASTER);
	else if (port & PORT_DATA)
		write_data(c, value);
	else
		write_command(c, value);
	update(pic);
}

void vpic_init(struct vm *vm)
{
	vm->pic = (struct vpic){0};
	vm->pic.chip[MASTER] = (struct vpic_chip){
		.vector = BIOS_MASTER, .imr = BIOS_MASK0, .lowest = 7};
	vm->pic.chip[SLAVE] = (struct vpic_chip){
		.vector = BIOS_SLAVE, .imr = BIOS_MASK1, .lowest = 7};
}
