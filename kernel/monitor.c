/*
 * The monitor: reads lines, finds the command, runs it. Two threads run commands, this
 * one's and the scenario's; when the other one prints, the prompt steps aside.
 */
#include "kernel/monitor.h"
#include "kernel/commands.h"
#include "kernel/console.h"
#include "kernel/edit.h"
#include "kernel/lib.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/words.h"

enum { TABLES_MAX = 8, NO_LIMIT = 255, PRINT_MAX = 512, USAGE_WIDTH = 24 };

static const char prompt[] = "ballast> ";

static struct {
	const struct command *commands;
	unsigned count;
} tables[TABLES_MAX];
static unsigned table_count;

static struct edit editor;
static struct waitq input;
static bool prompting; /* prompt and line are on the screen, the cursor behind them */

void monitor_register(const struct command *table, unsigned count)
{
	ASSERT(table_count < TABLES_MAX);
	tables[table_count].commands = table;
	tables[table_count++].count = count;
}

void mon_printf(const char *fmt, ...)
{
	char text[PRINT_MAX];
	va_list ap;

	va_start(ap, fmt);
	format_v(text, sizeof(text), fmt, ap);
	va_end(ap);
	console_write(CONSOLE_MONITOR, text, strlen(text));
}

static const struct command *find(const char *name)
{
	for (unsigned t = 0; t < table_count; t++)
		for (unsigned i = 0; i < tables[t].count; i++)
			if (strcmp(tables[t].commands[i].name, name) == 0)
				return &tables[t].commands[i];
	return NULL;
}

static void print_usage(const struct command *command)
{
	mon_printf("usage: %s %s\n", command->name, command->args);
}

static void print_help_line(const struct command *command)
{
	char usage[MONITOR_LINE];

	format(usage, sizeof(usage), "%s %s", command->name, command->args);
	mon_printf("  %-*s %s\n", USAGE_WIDTH, usage, command->help);
}

bool monitor_help(const char *name)
{
	const struct command *command;

	if (name) {
		command = find(name);
		if (!command)
			return false;
		print_help_line(command);
		return true;
	}
	for (unsigned t = 0; t < table_count; t++)
		for (unsigned i = 0; i < tables[t].count; i++)
			print_help_line(&tables[t].commands[i]);
	return true;
}

/* Copies the first word of a line. */
static void first_word(const char *line, char *word, size_t size)
{
	size_t n = 0;

	while (*line == ' ' || *line == '\t')
		line++;
	while (line[n] && line[n] != ' ' && line[n] != '\t' && n + 1 < size) {
		word[n] = line[n];
		n++;
	}
	word[n] = '\0';
}

/*
 * Where the rest of the line becomes one argument: after the name and all but the last.
 */
static int rest_after(const struct command *command)
{
	if (command->max_args != NO_LIMIT)
		return 0;
	return command->min_args > 1 ? command->min_args : 1;
}

/* Splits the rest and runs the command. `line` is written to. */
static bool run_command(const struct command *command, char *line)
{
	char *argv[MONITOR_ARGS + 1];
	int argc = words_split(line, argv, ARRAY_LEN(argv), rest_after(command));
	int args = argc - 1;

	if (argc == WORDS_OPEN_QUOTE) {
		mon_printf("%s: a quote is not closed\n", command->name);
		return false;
	}
	if (argc == WORDS_TOO_MANY || args < command->min_args ||
	    (command->max_args != NO_LIMIT && args > command->max_args) ||
	    !command->run(argc, argv)) {
		print_usage(command);
		return false;
	}
	return true;
}

static bool dispatch(const char *line)
{
	char copy[MONITOR_LINE], name[MONITOR_LINE];
	const struct command *command;

	if (strlen(line) >= sizeof(copy)) {
		mon_printf("the line is longer than %u characters\n", MONITOR_LINE - 1);
		return false;
	}
	first_word(line, name, sizeof(name));
	if (!name[0])
		return true;
	command = find(name);
	if (!command) {
		mon_printf("%s: no such command; `help` lists them\n", name);
		return false;
	}
	memcpy(copy, line, strlen(line) + 1);
	return run_command(command, copy);
}

static void show_prompt(void)
{
	mon_printf("%s", prompt);
	edit_redraw(&editor);
	prompting = true;
}

static void hide_prompt(void)
{
	mon_printf("\r\033[K");
	prompting = false;
}

bool monitor_run(const char *line)
{
	bool interrupted = prompting, good;

	if (interrupted)
		hide_prompt();
	good = dispatch(line);
	if (interrupted)
		show_prompt();
	return good;
}

/* --- the thread ----------------------------------------------------------- */

static void editor_put(void *arg, char c)
{
	(void)arg;
	console_put(CONSOLE_MONITOR, c);
}

static void input_came(unsigned channel)
{
	if (channel == CONSOLE_MONITOR)
		thread_wake(&input);
}

/* The next key. May sleep. */
static u8 wait_for_key(void)
{
	int c;

	while ((c = console_get(CONSOLE_MONITOR)) < 0)
		thread_wait(&input);
	return (u8)c;
}

/* Reads and runs lines for ever. May sleep. */
static void monitor_thread(void *arg)
{
	(void)arg;
	mon_printf(
		"Ballast's monitor. `help` lists the commands, Ctrl-A ? the keys.\n");
	for (;;) {
		show_prompt();
		while (!edit_key(&editor, wait_for_key()))
			;
		prompting = false;
		mon_printf("\n");
		dispatch(editor.line);
		edit_next(&editor);
	}
}

void monitor_init(void)
{
	edit_init(&editor, editor_put, NULL);
	console_on_input(input_came);
	commands_register();
	thread_create("monitor", THREAD_SYSTEM, NULL, monitor_thread, NULL);
}
