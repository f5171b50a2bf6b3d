/*
 * What most programs need: printing, arguments, numbers that look random.
 */
#include "guest.h"

enum { LINE_MAX = 256, PROGRAM_MAX = 24 };

static char line[LINE_MAX];
static uint32_t length;

/* Called by exit and fork too. */
void flush(void)
{
	if (length > 0)
		write(1, line, length);
	length = 0;
}

/* A text longer than the line buffer goes out in pieces. */
static void put(const char *text, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++) {
		line[length++] = text[i];
		if (text[i] == '\n' || length == LINE_MAX)
			flush();
	}
}

/* At most LINE_MAX bytes for each call. */
void printf(const char *format, ...)
{
	char text[LINE_MAX];
	va_list args;
	uint32_t bytes;

	va_start(args, format);
	bytes = format_args(text, sizeof(text), format, args);
	va_end(args);
	put(text, bytes);
}

/* Decimal. */
uint32_t arg_number(int argc, char **argv, int index, uint32_t otherwise)
{
	return index < argc ? parse_number(argv[index]) : otherwise;
}

/* Marsaglia's xorshift, 13-17-5. */
uint32_t random_next(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*state = x;
	return x;
}

/* The mixing step of splitmix, cut to 32 bits. */
uint32_t random_seed(uint32_t seed, uint32_t stream)
{
	uint32_t x = seed * 0x9E3779B9u + stream * 0x85EBCA6Bu + 1;

	x = (x ^ x >> 16) * 0x21F0AAADu;
	x = (x ^ x >> 15) * 0x735A2D97u;
	x ^= x >> 15;
	return x != 0 ? x : 1;
}

/* Trailing zeros of random bits are coins that were thrown. */
uint32_t random_skewed(uint32_t *state, uint32_t n)
{
	uint32_t zone = (uint32_t)__builtin_ctz(random_next(state) |
						1u << (SKEW_ZONES - 1));
	uint32_t size = n / SKEW_ZONES;

	return zone * size + random_next(state) % size;
}

/* What the kernel counted, in ms. */
uint32_t now_ms(void)
{
	struct abi_time time = {0};

	get_time(&time);
	return time.ms;
}

/* The path is /BIN/ and the first argument; exec's error becomes the status. */
int run(char *const argv[])
{
	char path[PROGRAM_MAX] = "/BIN/";
	int status = 0;
	int pid;

	if (!copy_string(path + 5, argv[0], sizeof(path) - 5))
		return -ENOENT;
	pid = fork();
	if (pid == 0)
		exit(exec(path, argv));
	if (pid < 0)
		return pid;
	while (wait(&status) != pid)
		;
	return status;
}

/* One line, as transcripts want it. */
_Noreturn void fail(const char *program, const char *why)
{
	printf("%s: FAIL %s\n", program, why);
	exit(1);
}
