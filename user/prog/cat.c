/*
 * cat FILE...: files to the console.
 */
#include "../lib/guest.h"

/* One file; 0 or an error. */
static int show(const char *path)
{
	static char buf[PAGE_BYTES];
	int fd = open(path, 0);
	int bytes = fd;

	if (fd >= 0) {
		while ((bytes = read(fd, buf, sizeof(buf))) > 0)
			write(1, buf, (uint32_t)bytes);
		close(fd);
	}
	if (bytes < 0)
		printf("cat: %s: error %d\n", path, -bytes);
	return bytes;
}

/* The status tells if all could be read. */
int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= show(argv[i]) < 0;
	return failed;
}
