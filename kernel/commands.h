/*
 * The monitor's own commands, and what they need of it.
 */
#ifndef KERNEL_COMMANDS_H
#define KERNEL_COMMANDS_H

#include "kernel/types.h"

/* Registers them. */
void commands_register(void);

/* Prints the line of one command, or of all (NULL). False: there is no such command. */
bool monitor_help(const char *name);

#endif
