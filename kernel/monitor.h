/*
 * The monitor: a command line on console channel 0, a thread of its own, so it answers
 * while guests run. The scenario player feeds it the same commands. Each part of the
 * system registers its own table of commands.
 */
#ifndef KERNEL_MONITOR_H
#define KERNEL_MONITOR_H

#include "kernel/types.h"

enum { MONITOR_ARGS = 12, MONITOR_LINE = 256 };

struct command {
	const char *name;
	const char *args; /* for the usage line: "GVA [VM]" */
	const char *help; /* one line */
	u8 min_args,
		/*
		 * without the name; 255: no limit, the rest of the line is one argument
		 */
		max_args;
	/*
	 * Runs in the monitor's or the scenario's thread: may sleep. argv[0] is the
	 * name. False: prints the usage.
	 */
	bool (*run)(int argc, char **argv);
};

void monitor_init(
	void); /* starts the thread, registers help, quit, mem, console, ... */
void monitor_register(const struct command *table,
		      unsigned count); /* at most 8 tables */

/*
 * Runs one line as if typed. False: unknown command or bad use (already reported). May
 * sleep.
 */
bool monitor_run(const char *line);

/* Output of commands: to the monitor's channel. */
void mon_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
