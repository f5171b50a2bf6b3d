/*
 * rm FILE...: takes files away.
 */
#include "../lib/guest.h"

/* Goes on after an error. */
int main(int argc, char **argv)
{
	int failed = 0;
	int error;

	for (int i = 1; i < argc; i++) {
		error = unlink(argv[i]);
		if (error < 0)
			printf("rm: %s: error %d\n", argv[i], -error);
		failed |= error < 0;
	}
	return failed;
}
