/*
 * The 16550 at COM1, 115200 8N1, by interrupt both ways (TI 16C550 sheet).
 * Transmission goes through a ring; the device interrupts when its FIFO is
 * empty and gets the next 16 bytes.
 */
#ifndef UART_H
#define UART_H

#include <stdbool.h>
#include <stdint.h>

/* Sets the line up; output works from here on. */
void uart_init(void);

/* Prints from the kernel; polls when the ring is full. Does not sleep. */
void uart_write(const char *text, uint32_t length);

/* Prints for a program; may sleep while the ring is full. */
void uart_write_sleeping(const char *text, uint32_t length);

/* From interrupt 4: passes input to tty_input and sends what waits. */
void uart_interrupt(void);

/* Each tick: sends on, should an interrupt have been lost. */
void uart_kick(void);

/* Polls until every byte is on the wire; for panic and power-off. */
void uart_drain(void);

#endif
