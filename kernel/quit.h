/*
 * The end of the machine.
 */
#ifndef KERNEL_QUIT_H
#define KERNEL_QUIT_H

#include "kernel/types.h"

enum { QUIT_OK = 0, QUIT_PANIC = 1, QUIT_SCENARIO = 2 };

/* A clean end: lets the consoles run dry, says `exit status=S tick=T`, switches off. */
_Noreturn void machine_quit(u32 status);

/* Tells the harness and switches off, saying nothing. For panic. */
_Noreturn void machine_stop(u32 status);

#endif
