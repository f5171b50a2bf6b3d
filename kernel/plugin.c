/*
 * The harness's device (docs/HARNESS.md).
 */
#include "kernel/plugin.h"
#include "kernel/io.h"

enum {
	PORT_MAGIC = 0xB100,
	PORT_SEED = 0xB104,
	PORT_CHECKPOINT = 0xB108,
	PORT_EXIT = 0xB10C,
};

#define PLUGIN_MAGIC 0x42504C47u /* "BPLG" */

bool plugin_present(void)
{
	return inl(PORT_MAGIC) == PLUGIN_MAGIC;
}

u32 plugin_seed(void)
{
	return inl(PORT_SEED);
}

void plugin_checkpoint(u32 number)
{
	outl(PORT_CHECKPOINT, number);
}

void plugin_exit(u32 status)
{
	outl(PORT_EXIT, status);
}
