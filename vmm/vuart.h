/*
 * The serial port: a 16550A at 0x3F8, IRQ 4 (National PC16550D data sheet). Its wire is
 * the VM's console. Sending takes no time; a received byte waits in the console until
 * the FIFO has room, so nothing is lost.
 */
#ifndef VMM_VUART_H
#define VMM_VUART_H

#include "kernel/types.h"

struct vm;

enum { VUART_FIFO = 16 };

struct vuart {
	u8 ier, lcr, mcr, scratch;
	u8 divisor[2]; /* low, high */
	u8 lsr_errors; /* overrun, until read */
	u8 msr_deltas; /* until read */
	u8 trigger;    /* bytes that make an interrupt */
	bool fifo_on;
	bool thr_empty; /* the interrupt for it is waiting */
	u8 fifo[VUART_FIFO];
	u8 head, used;
};

void vuart_init(struct vm *vm);
u32 vuart_in(struct vm *vm, u16 port, unsigned size);
void vuart_out(struct vm *vm, u16 port, unsigned size, u32 value);

/* Takes what was typed, as far as there is room. Never sleeps. */
void vuart_poll_input(struct vm *vm);

#endif
