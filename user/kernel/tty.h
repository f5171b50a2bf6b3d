/*
 * The console as programs see it: output in whole writes, input in lines
 * with echo and backspace. Control-C kills the process that the shell waits
 * for.
 */
#ifndef TTY_H
#define TTY_H

#include <stdint.h>

/* A received character; from the UART's interrupt. */
void tty_input(char c);

/* A line or what fits of it, into a program's memory: bytes or -error. May sleep. */
int tty_read(char *to, uint32_t length);

/* From a program's memory: bytes or -error. Writes never mix. May sleep. */
int tty_write(const char *from, uint32_t length);

#endif
