/*
 * The guest's boot, as a table of contents. main sets the machine up with
 * interrupts off; the rest, which waits for the disk, is done by process 1
 * before it turns into the shell.
 */
#include <stdint.h>

#include "../include/abi.h"
#include "../lib/string.h"
#include "driver.h"
#include "exec.h"
#include "file.h"
#include "ide.h"
#include "kernmap.h"
#include "kprintf.h"
#include "layout.h"
#include "option.h"
#include "page.h"
#include "pic.h"
#include "proc.h"
#include "reclaim.h"
#include "rtc.h"
#include "segment.h"
#include "space.h"
#include "stat.h"
#include "swap.h"
#include "timer.h"
#include "trap.h"
#include "uart.h"

enum { MIB = 1 << 20, KIB = 1 << 10, LOW_END_KIB = 640 };

extern uint32_t boot_mem_lower, boot_mem_upper; /* KiB below and above 1 MiB */
extern char boot_cmdline[];
extern char image_end[];

/* How many pages of RAM there are, from 0 on, holes counted. */
static uint32_t count_pages(void)
{
	uint32_t bytes = RAM_MAX;

	if (boot_mem_upper < (RAM_MAX - MIB) / KIB)
		bytes = MIB + boot_mem_upper * KIB;
	if (options.mem_mib > 0 && options.mem_mib < bytes / MIB)
		bytes = options.mem_mib * MIB;
	return bytes / PAGE_SIZE;
}

/* The page array lies behind the image; what is left over is free. */
static void memory_init(void)
{
	uint32_t count = count_pages();
	uint32_t array = ((uint32_t)image_end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1u);
	uint32_t array_end = array + count * sizeof(struct page);
	uint32_t low_kib = boot_mem_lower < LOW_END_KIB ? boot_mem_lower : LOW_END_KIB;

	page_init((struct page *)array, count);
	page_release(1, low_kib * KIB / PAGE_SIZE);
	kernmap_boot((array_end - KERNBASE + PAGE_SIZE - 1) / PAGE_SIZE);
	kprintf("guest: memory %u MiB\n", (count * (PAGE_SIZE / KIB) + KIB - 1) / KIB);
}

/* Adds one argument for the shell. */
static void add_arg(struct exec_args *args, const char *text)
{
	uint32_t bytes = strlen(text) + 1;

	memcpy(args->text + args->bytes, text, bytes);
	args->bytes += bytes;
	args->count++;
}

/* Process 1: the disk, then the shell. */
static void first_process(void)
{
	struct trapframe *frame = (struct trapframe *)current->stack_top - 1;
	struct page *page = page_alloc(PAGE_KERNEL);
	struct exec_args *args = page_bytes(page);
	int error;

	file_boot();
	driver_start();
	kprintf("guest: disk %s, swap %u pages\n", ide_mode(), swap_total());
	for (uint32_t fd = 0; fd < 3; fd++)
		current->files[fd] = file_console();
	*args = (struct exec_args){0};
	add_arg(args, "sh");
	add_arg(args, options.script);
	add_arg(args, options.run);
	error = exec_load("/BIN/SH", args, frame);
	page_free(page);
	if (error != 0)
		panic("/BIN/SH cannot be started, error %d", -error);
	__asm__ volatile("movl %0, %%esp; jmp trap_return" : : "r"(frame));
	__builtin_unreachable();
}

/* From boot.S, on the boot stack, the first 4 MiB mapped. */
void main(void)
{
	uart_init();
	option_parse(boot_cmdline);
	segment_init();
	trap_init();
	memory_init();
	pic_init();
	rtc_boot_time = rtc_read();
	stat.seed = options.seed;
	timer_init();
	proc_start(first_process);
}
