/*
 * All VMs: made at boot as the options say, found by their number.
 */
#include "kernel/console.h"
#include "kernel/disk.h"
#include "kernel/event.h"
#include "kernel/frame.h"
#include "kernel/heap.h"
#include "kernel/hooks.h"
#include "kernel/lib.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/quit.h"
#include "kernel/time.h"
#include "vmm/audit.h"
#include "vmm/lifecycle.h"
#include "vmm/vm.h"
#include "vmm/vmcmd.h"

/* A VM always keeps this part of its memory, unless vmmin= says otherwise. */
enum { MIN_SHARE = 4 };
enum { VMMEM_MIN = 4, VMMEM_MAX = 256, COMMAND_LINE = 384 };
enum { VDISK_MIN = 48 * MIB / SECTOR_SIZE, VDISK_MAX = 1024 * MIB / SECTOR_SIZE };
/* Beyond memory and shadows: its stack, struct vm, pmap, GDTs, patches, disk buffer. */
enum { OVERHEAD_PAGES = 48 };

struct vm *vm_all[VM_MAX + 1];
static u32 vm_count; /* their numbers are 1 to that */
static u32 vdisk_sectors;
static const char *guest_options;
static u32 resets_max = 3;
static u32 guest_seed;

struct vm *vm_get(unsigned id)
{
	return id >= 1 && id <= VM_MAX ? vm_all[id] : NULL;
}

static void attach_disk(struct vm *vm)
{
	struct disk_part p = disk_partition(PART_VDISKS);
	u32 first = (vm->id - 1) * vdisk_sectors;

	if (first + vdisk_sectors > p.sectors)
		event("error", "text=\"there is no virtual disk for VM %u\"", vm->id);
	else if (!vide_attach(vm, p.start + first, vdisk_sectors))
		panic("no memory for the disk of VM %u", vm->id);
}

u32 vm_resets_max(void)
{
	return resets_max;
}

/* `guest=` is for all VMs; `guest2=` in its place for VM 2. */
static const char *options_of(unsigned id)
{
	char name[THREAD_NAME];

	format(name, sizeof name, "guest%u", id);
	return option_str(name, guest_options);
}

/* `guest=a,b=c` becomes "seed=N a b=c"; VM 1 has the machine's seed. */
const char *vm_command_line(struct vm *vm)
{
	static char line[COMMAND_LINE];
	int n = format(line, sizeof line, "seed=%u ", guest_seed + vm->id - 1);

	format(line + n, sizeof line - (u32)n, "%s", vm->options);
	for (char *p = line + n; *p; p++)
		if (*p == ',')
			*p = ' ';
	return line;
}

void vm_farewell(struct vm *vm)
{
	console_printf(vm->id, "\n*** VM %u was stopped: %s ***\n", vm->id, vm->why);
}

void vm_console_out(struct vm *vm, u8 c)
{
	console_put(vm->id, (char)c);
}

int vm_console_in(struct vm *vm)
{
	return console_get(vm->id);
}

static void on_input(unsigned channel)
{
	struct vm *vm = vm_get(channel);

	if (vm && vm->built)
		vuart_poll_input(vm);
}

static void on_tick(void)
{
	u64 now = time_ns();

	for (unsigned id = 1; id <= vm_count; id++)
		if (vm_all[id]->built)
			vpit_update(vm_all[id], now);
}

static void create_vm(unsigned id, u32 mem_pages, u32 min_pages, u32 part)
{
	struct vm *vm = heap_alloc(sizeof *vm);
	char name[THREAD_NAME];

	if (!vm)
		panic("no memory for VM %u", id);
	vm_all[id] = vm;
	vm_count = id;
	vm->id = id;
	vm->mem_pages = mem_pages;
	vm->min_pages = min_pages;
	vm->options = options_of(id);
	vm->want_restart = true; /* starts its first life */
	format(name, sizeof name, "vm %u", id);
	console_open(id, name);
	attach_disk(vm);
	reclaim_aim(vm, mem_pages - max_u32(part, min_pages));
	vm->thread = thread_create(name, THREAD_VM, &vm_thread_hooks, vm_life, vm);
}

u32 vm_overhead(u32 mem_pages)
{
	return mem_pages / 512 + shadow_overhead(mem_pages) + OVERHEAD_PAGES;
}

static _Noreturn void refuse(const char *why, u32 count, u32 mib, u32 need, u32 have)
{
	event("error",
	      "text=\"%u VMs of %u MiB need %u MiB of %s, %u MiB are free: ask for fewer "
	      "or smaller VMs, or more mem=\"",
	      count, mib, need / PAGES_PER_MIB + 1, why, have / PAGES_PER_MIB);
	machine_quit(QUIT_SCENARIO);
}

/*
 * Admission (paper, section 6.2): what each VM always gets must be there, and room on the
 * disk for the rest of it. So memory can run short, but nothing is ever lost.
 */
static void admit(u32 count, u32 mib, u32 min_mib, u32 slots)
{
	u32 pages = mib * PAGES_PER_MIB, min = min_mib * PAGES_PER_MIB;
	u32 need = count * (min + vm_overhead(pages)) + RECLAIM_HIGH;
	u32 most = count * (pages + vm_overhead(pages));
	u32 have = frame_free_count(ZONE_ANY);

	if (most > have && need > have)
		refuse("machine memory", count, mib, need, have);
	if (most > have && count * (pages - min) > slots)
		refuse("swap area", count, mib, count * (pages - min), slots);
}

/* What each may have of the memory that there is: all it can use, or an equal part. */
static u32 fair_part(u32 count, u32 pages)
{
	u32 have = frame_free_count(ZONE_ANY) - RECLAIM_HIGH;

	return count ? min_u32(pages, have / count - vm_overhead(pages)) : pages;
}

void vmm_init(void)
{
	u32 count = option_u32("vms", 1, 0, VM_MAX);
	u32 mib = option_u32("vmmem", 16, VMMEM_MIN, VMMEM_MAX);
	u32 min_mib = option_u32("vmmin", mib / MIN_SHARE, 1, mib);
	u32 slots, part;

	vdisk_sectors = option_u32("vdisk", VDISK_MIN, VDISK_MIN, VDISK_MAX);
	guest_options = option_str("guest", "");
	resets_max = option_u32("resets", resets_max, 0, ~0u);
	guest_seed = option_u32("seed", 1, 0, ~0u);
	audit_init();
	slots = reclaim_init();
	admit(count, mib, min_mib, slots);
	part = fair_part(count, mib * PAGES_PER_MIB);
	quick_init();
	vmcmd_init();
	console_on_input(on_input);
	time_on_tick(on_tick);
	for (u32 id = 1; id <= count; id++)
		create_vm(id, mib * PAGES_PER_MIB, min_mib * PAGES_PER_MIB, part);
}
