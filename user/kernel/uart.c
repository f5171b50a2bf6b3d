/*
 * The serial line. Bochs honours the line control register, so 8 bits must
 * be asked for; a newline goes out as CR LF.
 */
#include "uart.h"

#include "sched.h"
#include "tty.h"
#include "x86.h"

enum {
	COM1 = 0x3F8,
	DATA = COM1,
	DIVISOR_LOW = COM1,
	DIVISOR_HIGH = COM1 + 1,
	IER = COM1 + 1,
	IIR = COM1 + 2,
	FCR = COM1 + 2,
	LCR = COM1 + 3,
	MCR = COM1 + 4,
	LSR = COM1 + 5,
	IER_RECEIVE = 1,
	IER_TRANSMIT = 2,
	FCR_ENABLE_CLEAR = 0x07,
	LCR_8N1 = 0x03,
	LCR_DIVISOR = 0x80,
	MCR_DTR_RTS_OUT2 = 0x0B,
	LSR_DATA = 0x01,
	LSR_HOLDING_EMPTY = 0x20,
	LSR_ALL_SENT = 0x40,
	FIFO_SIZE = 16,
	RING_SIZE = 2048, /* a power of two */
};

static char ring[RING_SIZE];
static uint32_t head; /* next to send; head and tail count for ever */
static uint32_t tail; /* next to fill */
static struct waitq writers;
static bool transmit_on; /* the transmit interrupt is enabled */

/* OUT2 gates the interrupt line on a PC. */
void uart_init(void)
{
	outb(IER, 0);
	outb(LCR, LCR_DIVISOR);
	outb(DIVISOR_LOW, 1);
	outb(DIVISOR_HIGH, 0);
	outb(LCR, LCR_8N1);
	outb(FCR, FCR_ENABLE_CLEAR);
	outb(MCR, MCR_DTR_RTS_OUT2);
	outb(IER, IER_RECEIVE);
}

/* Enables the transmit interrupt only while there is something to send. */
static void set_transmit(bool on)
{
	if (on == transmit_on)
		return;
	transmit_on = on;
	outb(IER, on ? IER_RECEIVE | IER_TRANSMIT : IER_RECEIVE);
}

/* Fills the device's FIFO when it is empty. */
static void send(void)
{
	if (head == tail || !(inb(LSR) & LSR_HOLDING_EMPTY))
		return;
	for (uint32_t i = 0; i < FIFO_SIZE && head != tail; i++)
		outb(DATA, (uint8_t)ring[head++ % RING_SIZE]);
}

/* One character into the ring, which has room. */
static void push(char c)
{
	ring[tail++ % RING_SIZE] = c;
}

/* Polls until the ring has room for a character and its CR. */
static void make_room(void)
{
	while (tail - head > RING_SIZE - 2)
		send();
}

/* Starts transmission unless it is under way. */
static void start(void)
{
	if (!transmit_on)
		send();
	set_transmit(head != tail);
}

/* Callable anywhere, in panic too: hence the saved interrupt flag. */
void uart_write(const char *text, uint32_t length)
{
	uint32_t flags = irq_save();

	for (uint32_t i = 0; i < length; i++) {
		make_room();
		if (text[i] == '\n')
			push('\r');
		push(text[i]);
	}
	start();
	irq_restore(flags);
}

/* The caller (tty) keeps writers apart. */
void uart_write_sleeping(const char *text, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++) {
		while (tail - head > RING_SIZE - 2) {
			start();
			sleep_on(&writers, false);
		}
		if (text[i] == '\n')
			push('\r');
		push(text[i]);
	}
	start();
}

/* Reading IIR acknowledges the transmit interrupt. */
void uart_interrupt(void)
{
	inb(IIR);
	while (inb(LSR) & LSR_DATA)
		tty_input((char)inb(DATA));
	send();
	set_transmit(head != tail);
	if (tail - head < RING_SIZE / 2)
		wake_all(&writers);
}

/* Costs one comparison when the line is quiet. */
void uart_kick(void)
{
	if (head == tail)
		return;
	send();
	if (tail - head < RING_SIZE / 2)
		wake_all(&writers);
}

/* The last byte has left when the shift register is empty too. */
void uart_drain(void)
{
	while (head != tail)
		send();
	while (!(inb(LSR) & LSR_ALL_SENT))
		;
}
