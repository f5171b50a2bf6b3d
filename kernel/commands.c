/*
 * The commands that belong to the host alone. Those about VMs come from vmm/.
 */
#include "kernel/commands.h"
#include "kernel/checkpoint.h"
#include "kernel/console.h"
#include "kernel/disk.h"
#include "kernel/event.h"
#include "kernel/lib.h"
#include "kernel/monitor.h"
#include "kernel/quit.h"
#include "kernel/thread.h"
#include "kernel/time.h"

enum { NS_PER_MS = 1000000, STATUS_MAX = 255 };

static bool run_help(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!monitor_help(name))
		mon_printf("%s: no such command; `help` lists them\n", name);
	return true;
}

static bool run_echo(int argc, char **argv)
{
	mon_printf("%s\n", argc > 1 ? argv[1] : "");
	return true;
}

static bool run_quit(int argc, char **argv)
{
	u32 status = QUIT_OK;

	if (argc > 1 && !parse_u32(argv[1], STATUS_MAX, &status))
		return false;
	machine_quit(status);
}

/* Reads "on" or "off". */
static bool parse_switch(const char *word, bool *on)
{
	*on = strcmp(word, "on") == 0;
	return *on || strcmp(word, "off") == 0;
}

static bool run_console(int argc, char **argv)
{
	u32 channel;

	(void)argc;
	if (strcmp(argv[1], "all") == 0 || strcmp(argv[1], "one") == 0) {
		console_show_all(strcmp(argv[1], "all") == 0);
		return true;
	}
	if (!parse_u32(argv[1], CONSOLE_CHANNELS - 1, &channel))
		return false;
	if (!console_focus(channel))
		mon_printf("there is no console %u\n", channel);
	return true;
}

static bool run_type(int argc, char **argv)
{
	char line[MONITOR_LINE + 1];
	u32 channel;

	(void)argc;
	if (!parse_u32(argv[1], CONSOLE_CHANNELS - 1, &channel))
		return false;
	format(line, sizeof(line), "%s\n", argv[2]);
	if (!console_type(channel, line))
		mon_printf("console %u does not read what it was sent\n", channel);
	return true;
}

static bool run_time(int argc, char **argv)
{
	u64 ticks = time_tsc();

	(void)argc;
	(void)argv;
	mon_printf("%u ms, %llu ticks, %llu of them halted, %u ticks a ms\n", time_ms(),
		   ticks, time_halted(), time_tsc_khz());
	return true;
}

static bool run_events(int argc, char **argv)
{
	bool on;

	(void)argc;
	if (!parse_switch(argv[1], &on))
		return false;
	event_mute(!on);
	return true;
}

static const char *state_name(enum thread_state state)
{
	static const char *const names[] = {
		[THREAD_UNUSED] = "unused",
		[THREAD_READY] = "ready",
		[THREAD_RUNNING] = "running",
		[THREAD_SLEEPING] = "sleeping",
	};

	return names[state];
}

static bool run_threads(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	mon_printf("%-16s %-6s %-8s %8s\n", "thread", "class", "state", "cpu ms");
	for (unsigned i = 0; i < THREAD_MAX; i++) {
		const struct thread *t = thread_at(i);

		if (t)
			mon_printf("%-16s %-6s %-8s %8llu\n", t->name,
				   t->class == THREAD_VM ? "vm" : "system",
				   state_name(t->state),
				   div_u64(t->used_ns, NS_PER_MS, NULL));
	}
	return true;
}

static bool run_disk(int argc, char **argv)
{
	const struct disk_stats *stats = disk_stats();

	(void)argc;
	(void)argv;
	mon_printf("disk: %s, %u sectors; %llu reads, %llu writes, %llu sectors, "
		   "%llu bounces, %llu errors\n",
		   disk_mode(), disk_sectors(), stats->reads, stats->writes,
		   stats->sectors, stats->bounces, stats->errors);
	return true;
}

/* A name stands in an event as it is. */
static bool is_plain_name(const char *name)
{
	for (const char *p = name; *p; p++)
		if (*p <= ' ' || *p > '~' || *p == '"' || *p == '\\')
			return false;
	return *name;
}

static bool run_checkpoint(int argc, char **argv)
{
	(void)argc;
	if (!is_plain_name(argv[1]))
		return false;
	checkpoint(argv[1]);
	return true;
}

static const struct command commands[] = {
	{"help", "[COMMAND]", "what there is, or one of them", 0, 1, run_help},
	{"console", "N|all|one", "show a console (0: this one), or all of them", 1, 1,
	 run_console},
	{"type", "N TEXT", "type a line at console N", 2, 255, run_type},
	{"time", "", "machine time", 0, 0, run_time},
	{"threads", "", "the host's threads", 0, 0, run_threads},
	{"disk", "", "what the disk did", 0, 0, run_disk},
	{"events", "on|off", "event lines on port 0xE9", 1, 1, run_events},
	{"checkpoint", "NAME", "let the outside read all of memory", 1, 1,
	 run_checkpoint},
	{"echo", "[TEXT]", "print a line", 0, 255, run_echo},
	{"quit", "[STATUS]", "switch the machine off", 0, 1, run_quit},
};

void commands_register(void)
{
	monitor_register(commands, ARRAY_LEN(commands));
}
