/*
 * crash KIND: a program that does what programs may not; the kernel must end
 * it with one line and go on. Kinds: null, kernel, text, cli, divide, stack,
 * pointer (bad pointers for the kernel, which must refuse them).
 */
#include "../lib/guest.h"

static uint32_t (*volatile deeper)(uint32_t depth);

/* Endless recursion, until the stack's end. */
static uint32_t recurse(uint32_t depth)
{
	volatile char space[PAGE_BYTES];

	space[0] = (char)depth;
	return deeper(depth + 1) + (uint32_t)space[0];
}

/* Each of these must be an error, not the program's or the kernel's death. */
static int bad_pointers(void)
{
	struct abi_stat *kernel = (struct abi_stat *)0x80100000;
	struct abi_stat *edge = (struct abi_stat *)0x7FFFFFFC;

	if (get_stat(kernel) != -EFAULT || get_stat(edge) != -EFAULT ||
	    get_stat(NULL) != -EFAULT || write(1, (char *)0xFFFFFFF0, 32) != -EFAULT ||
	    read(0, (char *)0x80000000, 1) != -EFAULT || open(NULL, 0) != -EFAULT ||
	    exec("/BIN/LS", (char **)0xFC000000) != -EFAULT)
		return 1;
	printf("crash: ok, bad pointers are refused\n");
	return 0;
}

/* Does not come back, but for "pointer". */
int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";
	volatile uint32_t zero = 0;

	if (strcmp(kind, "null") == 0)
		*(volatile uint32_t *)zero = 1;
	else if (strcmp(kind, "kernel") == 0)
		zero = *(volatile uint32_t *)0x80100000;
	else if (strcmp(kind, "text") == 0)
		*(volatile uint32_t *)(uint32_t)main = 0;
	else if (strcmp(kind, "cli") == 0)
		__asm__ volatile("cli");
	else if (strcmp(kind, "divide") == 0)
		zero = 100 / zero;
	else if (strcmp(kind, "stack") == 0)
		zero = (deeper = recurse)(0);
	else if (strcmp(kind, "pointer") == 0)
		return bad_pointers();
	printf("crash: FAIL survived '%s'\n", kind);
	return 1;
}
