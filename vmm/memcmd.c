/*
 * Commands that take memory from a VM and give it back.
 */
#include "vmm/memcmd.h"
#include "kernel/lib.h"
#include "kernel/monitor.h"
#include "vmm/swapio.h"
#include "vmm/vm.h"
#include "vmm/vmcmd.h"

enum { SIZE_TEXT = 12 };

/* "6M", "512K", or a number of pages. False: none of these, or too much for a VM. */
static bool parse_size(const char *text, u32 *pages)
{
	u32 length = (u32)strlen(text), unit = 1, n;
	char number[SIZE_TEXT];

	if (length == 0 || length >= sizeof number)
		return false;
	memcpy(number, text, length + 1);
	if (number[length - 1] == 'M')
		unit = PAGES_PER_MIB;
	else if (number[length - 1] == 'K')
		unit = 0;
	if (unit != 1)
		number[length - 1] = '\0';
	if (!parse_u32(number, 1 << 20, &n))
		return false;
	*pages = unit ? n * unit : n / (PAGE_SIZE / KIB);
	return true;
}

/* A VM and how much of its memory can be taken: what both commands need. */
static bool parse(char **argv, struct vm **vm, u32 *pages)
{
	u32 most;

	*vm = vm_arg(argv[1]);
	if (!*vm)
		return true;
	if (!parse_size(argv[2], pages))
		return false;
	most = (*vm)->mem_pages - (*vm)->min_pages;
	if (*pages <= most)
		return true;
	mon_printf("VM %u keeps %u of its %u KiB (vmmin=): take %u KiB at most\n",
		   (*vm)->id, (*vm)->min_pages * (PAGE_SIZE / KIB),
		   (*vm)->mem_pages * (PAGE_SIZE / KIB), most * (PAGE_SIZE / KIB));
	*vm = NULL;
	return true;
}

/* A command "N SIZE": what is to be done with that many pages of that VM. */
static bool for_pages(char **argv, void (*act)(struct vm *vm, u32 pages))
{
	struct vm *vm;
	u32 pages;

	if (!parse(argv, &vm, &pages))
		return false;
	if (vm)
		act(vm, pages);
	return true;
}

static bool cmd_balloon(int argc, char **argv)
{
	(void)argc;
	return for_pages(argv, balloon_aim);
}

static bool cmd_swap(int argc, char **argv)
{
	(void)argc;
	return for_pages(argv, reclaim_swap);
}

static bool cmd_reclaim(int argc, char **argv)
{
	(void)argc;
	return for_pages(argv, reclaim_aim);
}

static bool cmd_replace(int argc, char **argv)
{
	(void)argc;
	for (enum replacement r = 0; r < REPLACEMENTS; r++) {
		if (strcmp(argv[1], replacement_name(r)) != 0)
			continue;
		if (!reclaim_by(r))
			mon_printf("%s needs shadow=cached\n", argv[1]);
		return true;
	}
	return false;
}

static bool cmd_swapfault(int argc, char **argv)
{
	u32 nth = 1;

	if (argc > 2 && !parse_u32(argv[2], 1 << 20, &nth))
		return false;
	for (enum swap_fault f = 0; f < SWAP_FAULTS; f++) {
		if (strcmp(argv[1], swapio_fault_name(f)) != 0)
			continue;
		swapio_break(f, nth);
		return true;
	}
	return false;
}

static const struct command commands[] = {
	{"balloon", "N SIZE", "let VM N's guest give away SIZE (6M, 512K, pages)", 2, 2,
	 cmd_balloon},
	{"swap", "N SIZE", "keep SIZE of VM N's memory on the host's disk", 2, 2,
	 cmd_swap},
	{"reclaim", "N SIZE", "take SIZE from VM N: by its balloon first, then by swap",
	 2, 2, cmd_reclaim},
	{"replace", "balloon|random|lru|own", "how `reclaim` takes pages", 1, 1,
	 cmd_replace},
	{"swapfault", "read|write|flip|torn [NTH]",
	 "the NTH (1) such operation on the swap area goes wrong (for tests)", 1, 2,
	 cmd_swapfault},
};

void memcmd_init(void)
{
	monitor_register(commands, ARRAY_LEN(commands));
}
