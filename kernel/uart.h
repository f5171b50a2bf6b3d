/*
 * The host's serial port: a 16550 at COM1, 115200 8N1. Sending goes through a ring that the
 * transmit interrupt empties, so that a slow wire holds nobody up; when the ring is full the
 * oldest bytes are dropped and counted. Without a port, everything sent vanishes.
 */
#ifndef KERNEL_UART_H
#define KERNEL_UART_H

#include "kernel/types.h"

enum { UART_RING = 16384, UART_RX_RING = 256 };

/* False: there is no UART. */
bool uart_init(void);

/* Queues one byte. Never waits. */
void uart_put(u8 c);

/* The next received byte, or -1. What arrived and was not taken is lost after 256 bytes. */
int uart_get(void);

/* The IRQ 4 handler: sends on, and takes what was received for uart_get. */
void uart_interrupt(void);

/* Sends all that is queued and waits until it has left the wire. Polls. */
void uart_drain(void);

/* Bytes lost to a full ring. */
u32 uart_dropped(void);

#endif
