/*
 * The table of contents of the boot.
 */
#include "kernel/bootinfo.h"
#include "kernel/checkpoint.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/disk.h"
#include "kernel/event.h"
#include "kernel/gdt.h"
#include "kernel/hooks.h"
#include "kernel/monitor.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/pic.h"
#include "kernel/plugin.h"
#include "kernel/rng.h"
#include "kernel/scenario.h"
#include "kernel/thread.h"
#include "kernel/time.h"
#include "kernel/trap.h"

void start(u32 magic, u32 info); /* called by boot.S */

/*
 * The plugin's seed when it has one, else the option's; the same number of instructions
 * either way.
 */
static u32 choose_seed(void)
{
	u32 option = option_u32("seed", 1, 0, ~0u);
	u32 given = plugin_seed();
	u32 use_given = -(u32)(given != ~0u);

	return (given & use_given) | (option & ~use_given);
}

static void start_scenario(void)
{
	u32 size;
	const char *text = boot_module("scenario", &size);

	if (text)
		scenario_init(text, size);
}

void start(u32 magic, u32 info)
{
	u32 seed;
	const char *complaint;

	boot_memory(magic, info); /* paging, frames, heap; options with it */
	cpu_init();
	gdt_init();
	trap_init();
	pic_init();
	thread_init();
	seed = choose_seed();
	rng_seed(seed);
	time_init();
	console_init();
	event("boot", "seed=%u mem=%u low=%u cpu=%s khz=%u", seed,
	      boot_mem_bytes() / MIB, boot_low_bytes() / MIB, cpu_features.vendor,
	      time_tsc_khz());
	disk_init();
	checkpoint_init(boot_mem_bytes(), boot_low_bytes());
	monitor_init();
	vmm_init();
	complaint = options_check();
	if (complaint)
		panic("boot options: %s", complaint);
	start_scenario();
	thread_idle();
}
