/*
 * The 16550A whose wire is the VM's console. A byte sent is out at once, so the
 * transmitter is always empty; what the guest notices is the interrupt that says so.
 * Where real time would have made the interrupt line drop and rise again (between two
 * received bytes, between two sent ones) the line is pulsed, as the 8259A wants edges.
 */
#include "vmm/vm.h"

enum { IRQ_COM1 = 4, PORT_BASE = 0x3f8 };

/* Register numbers: PC16550D data sheet, table II. */
enum { REG_DATA, REG_IER, REG_IIR, REG_LCR, REG_MCR, REG_LSR, REG_MSR, REG_SCRATCH };

enum {
	IER_RECEIVED = 0x01,
	IER_THR_EMPTY = 0x02,
	IER_LINE = 0x04,
	IER_MODEM = 0x08,
	IER_WRITABLE = 0x0f,
	IIR_MODEM = 0x00,
	IIR_NONE = 0x01,
	IIR_THR_EMPTY = 0x02,
	IIR_RECEIVED = 0x04,
	IIR_LINE = 0x06,
	IIR_TIMEOUT = 0x0c,
	IIR_FIFO = 0xc0,
	FCR_ENABLE = 0x01,
	FCR_CLEAR_RX = 0x02,
	FCR_TRIGGER_SHIFT = 6,
	LCR_LENGTH = 0x03,
	LCR_DIVISOR = 0x80,
	MCR_DTR = 0x01,
	MCR_RTS = 0x02,
	MCR_OUT1 = 0x04,
	MCR_OUT2 = 0x08,
	MCR_LOOP = 0x10,
	MCR_WRITABLE = 0x1f,
	LSR_READY = 0x01,
	LSR_OVERRUN = 0x02,
	LSR_THR_EMPTY = 0x20,
	LSR_IDLE = 0x40,
	MSR_CTS = 0x10,
	MSR_DSR = 0x20,
	MSR_RI = 0x40,
	MSR_DCD = 0x80,
	MSR_DELTA_SHIFT = 4,
};

static const u8 trigger_levels[4] = {1, 4, 8, 14};

/* The most urgent interrupt cause that is enabled (data sheet, table IV). */
static u8 cause(const struct vuart *u)
{
	if ((u->ier & IER_LINE) && u->lsr_errors)
		return IIR_LINE;
	if ((u->ier & IER_RECEIVED) && u->used)
		return u->used >= u->trigger ? IIR_RECEIVED : IIR_TIMEOUT;
	if ((u->ier & IER_THR_EMPTY) && u->thr_empty)
		return IIR_THR_EMPTY;
	if ((u->ier & IER_MODEM) && u->msr_deltas)
		return IIR_MODEM;
	return IIR_NONE;
}

/* On a PC the pin OUT2 gates the interrupt; in loopback the pins are all off. */
static bool connected(const struct vuart *u)
{
	return (u->mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2;
}

static void update(struct vm *vm)
{
	struct vuart *u = &vm->uart;

	vm_set_irq(vm, IRQ_COM1, connected(u) && cause(u) != IIR_NONE);
}

/* Lets the line drop first: what comes next is a new interrupt. */
static void pulse(struct vm *vm)
{
	vm_set_irq(vm, IRQ_COM1, false);
	update(vm);
}

static u32 capacity(const struct vuart *u)
{
	return u->fifo_on ? VUART_FIFO : 1;
}

/* A byte arrives. With no room it is lost, which only a loopback can make happen. */
static void receive(struct vuart *u, u8 c)
{
	if (u->used >= capacity(u)) {
		u->lsr_errors |= LSR_OVERRUN;
		return;
	}
	u->fifo[(u->head + u->used) % VUART_FIFO] = c;
	u->used++;
}

void vuart_poll_input(struct vm *vm)
{
	struct vuart *u = &vm->uart;
	int c;

	if (u->mcr & MCR_LOOP)
		return;
	while (u->used < capacity(u)) {
		c = vm_console_in(vm);
		if (c < 0)
			break;
		receive(u, c);
	}
	update(vm);
}

static u8 word_mask(const struct vuart *u)
{
	return (1u << (5 + (u->lcr & LCR_LENGTH))) - 1;
}

/* Only as many bits as the line is set to go out. */
static void send(struct vm *vm, u8 c)
{
	struct vuart *u = &vm->uart;

	if (u->mcr & MCR_LOOP)
		receive(u, c);
	else
		vm_console_out(vm, c & word_mask(u));
	u->thr_empty = true;
	pulse(vm);
}

static u8 read_data(struct vm *vm)
{
	struct vuart *u = &vm->uart;
	u8 c;

	if (!u->used)
		return 0;
	c = u->fifo[u->head] & word_mask(u);
	u->head = (u->head + 1) % VUART_FIFO;
	u->used--;
	vm_set_irq(vm, IRQ_COM1, false);
	vuart_poll_input(vm);
	update(vm);
	return c;
}

/* Reading that the transmitter is empty takes that interrupt back. */
static u8 read_iir(struct vm *vm)
{
	struct vuart *u = &vm->uart;
	u8 why = cause(u);

	if (why == IIR_THR_EMPTY) {
		u->thr_empty = false;
		update(vm);
	}
	return why | (u->fifo_on ? IIR_FIFO : 0);
}

static u8 read_lsr(struct vm *vm)
{
	struct vuart *u = &vm->uart;
	u8 value = LSR_THR_EMPTY | LSR_IDLE | u->lsr_errors | (u->used ? LSR_READY : 0);

	u->lsr_errors = 0;
	update(vm);
	return value;
}

/* The modem's lines: always there and ready, or in loopback our own outputs. */
static u8 modem_lines(const struct vuart *u)
{
	if (!(u->mcr & MCR_LOOP))
		return MSR_CTS | MSR_DSR | MSR_DCD;
	return (u->mcr & MCR_RTS ? MSR_CTS : 0) | (u->mcr & MCR_DTR ? MSR_DSR : 0) |
	       (u->mcr & MCR_OUT1 ? MSR_RI : 0) | (u->mcr & MCR_OUT2 ? MSR_DCD : 0);
}

static u8 read_msr(struct vm *vm)
{
	struct vuart *u = &vm->uart;
	u8 value = modem_lines(u) | u->msr_deltas;

	u->msr_deltas = 0;
	update(vm);
	return value;
}

/* The ring line says only that it ended; the others that they changed. */
static void write_mcr(struct vm *vm, u8 value)
{
	struct vuart *u = &vm->uart;
	u8 before = modem_lines(u), changed;

	u->mcr = value & MCR_WRITABLE;
	changed = before ^ modem_lines(u);
	if (!(before & MSR_RI))
		changed &= ~MSR_RI;
	u->msr_deltas |= changed >> MSR_DELTA_SHIFT;
	vuart_poll_input(vm);
	update(vm);
}

/* Switching the FIFO on or off empties it. */
static void write_fcr(struct vm *vm, u8 value)
{
	struct vuart *u = &vm->uart;
	bool on = value & FCR_ENABLE;

	if (on != u->fifo_on || (on && (value & FCR_CLEAR_RX)))
		u->used = 0;
	u->fifo_on = on;
	u->trigger = on ? trigger_levels[value >> FCR_TRIGGER_SHIFT & 3] : 1;
	vuart_poll_input(vm);
	update(vm);
}

/*
 * Enabling the transmitter's interrupt while it is empty, as it always is, asks at
 * once.
 */
static void write_ier(struct vm *vm, u8 value)
{
	struct vuart *u = &vm->uart;

	if ((value & IER_THR_EMPTY) && !(u->ier & IER_THR_EMPTY))
		u->thr_empty = true;
	u->ier = value & IER_WRITABLE;
	update(vm);
}

u32 vuart_in(struct vm *vm, u16 port, unsigned size)
{
	struct vuart *u = &vm->uart;
	unsigned reg = port - PORT_BASE;

	(void)size;
	if ((u->lcr & LCR_DIVISOR) && reg <= REG_IER)
		return u->divisor[reg];
	switch (reg) {
	case REG_DATA:
		return read_data(vm);
	case REG_IER:
		return u->ier;
	case REG_IIR:
		return read_iir(vm);
	case REG_LCR:
		return u->lcr;
	case REG_MCR:
		return u->mcr;
	case REG_LSR:
		return read_lsr(vm);
	case REG_MSR:
		return read_msr(vm);
	default:
		return u->scratch;
	}
}

void vuart_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	struct vuart *u = &vm->uart;
	unsigned reg = port - PORT_BASE;

	(void)size;
	if ((u->lcr & LCR_DIVISOR) && reg <= REG_IER) {
		u->divisor[reg] = value;
		return;
	}
	switch (reg) {
	case REG_DATA:
		send(vm, value);
		break;
	case REG_IER:
		write_ier(vm, value);
		break;
	case REG_IIR:
		write_fcr(vm, value);
		break;
	case REG_LCR:
		u->lcr = value;
		break;
	case REG_MCR:
		write_mcr(vm, value);
		break;
	case REG_SCRATCH:
		u->scratch = value;
		break;
	default: /* LSR and MSR are for factory tests; a PC's software leaves them */
		break;
	}
}

/* Power-on: 5-bit words, no FIFO, no interrupts; 9600 baud as a BIOS sets it. */
void vuart_init(struct vm *vm)
{
	vm->uart = (struct vuart){.divisor = {12, 0}, .trigger = 1};
}
