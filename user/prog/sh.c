/*
 * The shell: sh [script [commands]]. The first process runs it with the
 * kernel's options. It says that it is ready, runs the script if there is
 * one, then the commands, then reads the console.
 *
 * A line is a list of commands, separated by ';' or by '&', which leaves the
 * command before it running. Builtins: help, echo, wait, exit.
 */
#include "../lib/guest.h"

enum {
	LINE = 256,
	WORDS = 16,
	SCRIPT_MAX = 4096,
	NAME_LETTERS = 8, /* of a file on the disk */
};

static int background; /* children that nobody waits for yet */

/* Builtins' text. */
static void help(void)
{
	printf("help  echo WORDS  wait  exit  COMMAND &  A; B\n");
	printf("programs are in /BIN: ls cat rm sync free ps stat date poweroff reboot\n");
	printf("idle toucher filebench pager forktest memtest zero compute mix\n");
	printf("bench hostile\n");
}

/* Collects all background children. */
static void wait_all(void)
{
	int status;

	while (background > 0 && wait(&status) > 0)
		background--;
}

/* Waits for one child, counting others that end meanwhile. */
static void wait_for(int pid)
{
	int status;
	int ended;

	while ((ended = wait(&status)) != pid && ended > 0)
		background--;
}

/* The child's side: becomes the program, or says that there is none. */
static _Noreturn void become(char **words)
{
	char path[LINE] = "/BIN/";
	const char *name = words[0];
	int error;

	if (name[0] == '/')
		copy_string(path, name, sizeof(path));
	else
		copy_string(path + 5, name, NAME_LETTERS + 1);
	error = exec(path, words);
	if (error == -ENOENT || error == -EINVAL)
		printf("sh: %s: no such command (try help)\n", name);
	else
		printf("sh: %s: cannot run, error %d\n", name, -error);
	exit(127);
}

/* Starts a program and waits, unless it goes to the background. */
static void start(char **words, bool wait_for_it)
{
	int pid = fork();

	if (pid == 0)
		become(words);
	if (pid < 0)
		printf("sh: cannot fork, error %d\n", -pid);
	else if (wait_for_it)
		wait_for(pid);
	else
		background++;
}

/* One command: a builtin, or a program. */
static void command(char **words, bool wait_for_it)
{
	if (strcmp(words[0], "help") == 0) {
		help();
	} else if (strcmp(words[0], "wait") == 0) {
		wait_all();
	} else if (strcmp(words[0], "exit") == 0) {
		exit(0);
	} else if (strcmp(words[0], "echo") == 0) {
		for (uint32_t i = 1; words[i] != NULL; i++)
			printf(i > 1 ? " %s" : "%s", words[i]);
		printf("\n");
	} else {
		start(words, wait_for_it);
	}
}

/* Cuts one command at blanks; too many words are said to be so. */
static void split_and_run(char *text, bool wait_for_it)
{
	char *words[WORDS + 1];
	uint32_t count = 0;

	while (*text != '\0') {
		while (*text == ' ' || *text == '\t' || *text == '\r')
			*text++ = '\0';
		if (*text == '\0')
			break;
		if (count == WORDS) {
			printf("sh: more than %d words\n", WORDS);
			return;
		}
		words[count++] = text;
		while (*text != '\0' && *text != ' ' && *text != '\t' && *text != '\r')
			text++;
	}
	words[count] = NULL;
	if (count > 0)
		command(words, wait_for_it);
}

/* A line: commands end at ';' and '&'; '#' starts a remark. */
static void run_line(char *line)
{
	char *start_of_command = line;
	char end;

	for (char *c = line;; c++) {
		if (*c != ';' && *c != '&' && *c != '#' && *c != '\0')
			continue;
		end = *c;
		*c = '\0';
		split_and_run(start_of_command, end != '&');
		if (end == '\0' || end == '#')
			return;
		start_of_command = c + 1;
	}
}

/* Shows a line of a script and runs it. */
static void show_and_run(char *line)
{
	if (line[0] == '\0')
		return;
	printf("$ %s\n", line);
	run_line(line);
}

/* Line by line. A script that is not there is fine. */
static void run_script(const char *path)
{
	static char script[SCRIPT_MAX + 1];
	char *line = script;
	int fd = open(path, 0);
	int bytes;

	if (fd < 0)
		return;
	bytes = read(fd, script, SCRIPT_MAX);
	close(fd);
	script[bytes > 0 ? bytes : 0] = '\0';
	for (char *c = script;; c++) {
		bool last = *c == '\0';

		if (*c == '\r')
			*c = ' ';
		if (!last && *c != '\n')
			continue;
		*c = '\0';
		show_and_run(line);
		if (last)
			return;
		line = c + 1;
	}
}

/* The console, until its end. */
static void interact(void)
{
	char line[LINE + 1];
	int bytes;

	for (;;) {
		printf("$ ");
		flush();
		bytes = read(0, line, LINE);
		if (bytes <= 0)
			return;
		line[bytes] = '\0';
		if (line[bytes - 1] == '\n')
			line[bytes - 1] = '\0';
		run_line(line);
	}
}

/* Run by the kernel with two arguments. */
int main(int argc, char **argv)
{
	static char line[LINE];

	printf("shell: ready\n");
	if (argc > 1)
		run_script(argv[1]);
	if (argc > 2) {
		copy_string(line, argv[2], sizeof(line));
		show_and_run(line);
	}
	interact();
	return 0;
}
