/*
 * The line discipline. The line being typed grows at `typed`; Enter hands it
 * over by moving `ready` up to it; readers follow behind at `taken`.
 */
#include "tty.h"

#include "../include/abi.h"
#include "proc.h"
#include "sched.h"
#include "space.h"
#include "uart.h"

enum {
	INPUT_SIZE = 512, /* a power of two */
	CHUNK = 128,
	KEY_INTERRUPT = 0x03,
	KEY_BACKSPACE = 0x08,
	KEY_KILL_LINE = 0x15,
	KEY_DELETE = 0x7F,
};

static char input[INPUT_SIZE];
static uint32_t taken;
static uint32_t ready;
static uint32_t typed;
static struct waitq readers;
static struct mutex writing;

/* Takes the last character off the line and off the screen. */
static void erase(void)
{
	if (typed == ready)
		return;
	typed--;
	uart_write("\b \b", 3);
}

/* A character for the line; the last place is kept for the newline. */
static void append(char c)
{
	if (typed - taken >= INPUT_SIZE - (c != '\n'))
		return;
	input[typed++ % INPUT_SIZE] = c;
	uart_write(&c, 1);
}

/* In the interrupt: short, and never sleeps. */
void tty_input(char c)
{
	switch (c) {
	case KEY_BACKSPACE:
	case KEY_DELETE:
		erase();
		break;
	case KEY_KILL_LINE:
		while (typed != ready)
			erase();
		break;
	case KEY_INTERRUPT:
		uart_write("^C\n", 3);
		typed = ready;
		proc_interrupt();
		break;
	case '\r':
	case '\n':
		append('\n');
		ready = typed;
		wake_all(&readers);
		break;
	default:
		if (c >= ' ' && c <= '~')
			append(c);
		break;
	}
}

/* Blocks until a line is there. */
int tty_read(char *to, uint32_t length)
{
	uint32_t count = 0;
	char c = '\0';

	while (taken == ready) {
		if (current->killed)
			return -EINTR;
		sleep_on(&readers, true);
	}
	while (count < length && taken != ready && c != '\n') {
		c = input[taken++ % INPUT_SIZE];
		if (user_write(to + count, &c, 1) != 0)
			return -EFAULT;
		count++;
	}
	return (int)count;
}

/* In pieces, through the kernel's stack. */
static int write_locked(const char *from, uint32_t length)
{
	char chunk[CHUNK];
	uint32_t part;

	for (uint32_t done = 0; done < length; done += part) {
		part = length - done < CHUNK ? length - done : CHUNK;
		if (user_read(chunk, from + done, part) != 0)
			return -EFAULT;
		uart_write_sleeping(chunk, part);
	}
	return (int)length;
}

/* One writer at a time, so that lines stay whole. */
int tty_write(const char *from, uint32_t length)
{
	int result;

	mutex_lock(&writing);
	result = write_locked(from, length);
	mutex_unlock(&writing);
	return result;
}
