/*
 * The 16550 (National Semiconductor PC16550D data sheet). Virtual time passes while a byte
 * is on the wire, 87 us each, so output is queued and the guests run on meanwhile.
 */
#include "kernel/uart.h"
#include "kernel/io.h"

enum { COM1 = 0x3F8, DIVISOR_115200 = 1, FIFO_DEPTH = 16 };

/* Registers, as offsets. DLL and DLM stand in for DATA and IER while LCR_DLAB is set. */
enum { DATA = 0, IER = 1, IIR_FCR = 2, LCR = 3, MCR = 4, LSR = 5, SCRATCH = 7 };
enum { DLL = 0, DLM = 1 };

enum { IER_RX = 1 << 0, IER_TX = 1 << 1 };
enum { FCR_ENABLE = 1 << 0, FCR_CLEAR_RX = 1 << 1, FCR_CLEAR_TX = 1 << 2 };
enum { LCR_8N1 = 3, LCR_DLAB = 1 << 7 };
enum { MCR_DTR = 1 << 0, MCR_RTS = 1 << 1, MCR_OUT2 = 1 << 3 }; /* OUT2: the IRQ line */
enum { IIR_NONE = 1 << 0 }; /* no interrupt pending */
enum { LSR_RX = 1 << 0, LSR_THRE = 1 << 5, LSR_TEMT = 1 << 6 };

/* A byte takes 87 us; polling that takes longer than this finds a dead port. */
enum { SPINS_MAX = 10 * 1000 * 1000 };

static u8 ring[UART_RING];
static u32 head, tail; /* counts of bytes put and taken; their difference is queued */
static u8 rx_ring[UART_RX_RING];
static u32 rx_head, rx_tail;
static u32 dropped;
static bool present;

static u8 get_reg(unsigned reg)
{
	return inb((u16)(COM1 + reg));
}

static void set_reg(unsigned reg, u8 v)
{
	outb((u16)(COM1 + reg), v);
}

bool uart_init(void)
{
	enum { PROBE = 0x5A };

	set_reg(SCRATCH, PROBE);
	present = get_reg(SCRATCH) == PROBE;
	if (!present)
		return false;
	set_reg(IER, 0);
	set_reg(LCR, LCR_8N1 | LCR_DLAB);
	set_reg(DLL, DIVISOR_115200);
	set_reg(DLM, 0);
	set_reg(LCR, LCR_8N1);
	set_reg(IIR_FCR, FCR_ENABLE | FCR_CLEAR_RX | FCR_CLEAR_TX);
	set_reg(MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
	set_reg(IER, IER_RX);
	return true;
}

/* Fills the transmit FIFO if it is empty; asks for an interrupt while more is queued. */
static void send_some(void)
{
	if (get_reg(LSR) & LSR_THRE)
		for (int n = 0; n < FIFO_DEPTH && tail != head; n++)
			set_reg(DATA, ring[tail++ % UART_RING]);
	set_reg(IER, tail != head ? IER_RX | IER_TX : IER_RX);
}

void uart_put(u8 c)
{
	if (!present)
		return;
	if (head - tail == UART_RING) {
		tail++;
		dropped++;
	}
	ring[head++ % UART_RING] = c;
	if (head - tail == 1) /* else the transmit interrupt is on its way already */
		send_some();
}

int uart_get(void)
{
	if (rx_tail == rx_head)
		return -1;
	return rx_ring[rx_tail++ % UART_RX_RING];
}

/* Takes everything out of the receive FIFO. */
static void receive_all(void)
{
	for (int n = 0; n < FIFO_DEPTH && get_reg(LSR) & LSR_RX; n++) {
		u8 c = get_reg(DATA);

		if (rx_head - rx_tail < UART_RX_RING)
			rx_ring[rx_head++ % UART_RX_RING] = c;
	}
}

/*
 * The PIC sees edges: the line must have gone low before we leave, so this goes on until
 * the UART has nothing pending. Reading IIR takes a transmit interrupt back.
 */
void uart_interrupt(void)
{
	enum {
		ROUNDS = 64
	}; /* a port that never comes to rest must not hold the machine */

	for (int n = 0; present && n < ROUNDS && !(get_reg(IIR_FCR) & IIR_NONE); n++) {
		receive_all();
		send_some();
	}
}

void uart_drain(void)
{
	u32 spins = 0;

	if (!present)
		return;
	while (tail != head && spins++ < SPINS_MAX)
		send_some();
	while (!(get_reg(LSR) & LSR_TEMT) && spins++ < SPINS_MAX)
		;
}

u32 uart_dropped(void)
{
	return dropped;
}
