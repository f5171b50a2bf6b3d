/*
 * The scenario player: data from outside that plays the part of a person at the monitor
 * (format: kernel/rules.h). Commands run one after the other, in the order in which
 * they came due, in a thread of their own.
 */
#ifndef KERNEL_SCENARIO_H
#define KERNEL_SCENARIO_H

#include "kernel/types.h"

/*
 * Copies and parses the text, and starts the player. What cannot be parsed, or a
 * command that the monitor does not know, is said as `scenario.error line=N why="..."`
 * and ends the machine with QUIT_SCENARIO.
 */
void scenario_init(const char *text, u32 size);

#endif
