/*
 * ls [directory]: names and sizes, in the directory's order.
 */
#include "../lib/guest.h"

/* The root when nothing is named. */
int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "/";
	struct abi_dirent entry;
	int index = 0;

	while ((index = readdir(path, (uint32_t)index, &entry)) > 0) {
		if (entry.is_dir)
			printf("%-12s <dir>\n", entry.name);
		else
			printf("%-12s %u\n", entry.name, entry.size);
	}
	if (index < 0)
		printf("ls: %s: error %d\n", path, -index);
	return index < 0;
}
