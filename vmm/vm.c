/*
 * The life of a VM: its thread builds it, boots it, runs it until something ends it,
 * takes it apart, and waits to be told to start again.
 */
#include "vmm/vm.h"
#include "kernel/asm.h"
#include "kernel/bootinfo.h"
#include "kernel/event.h"
#include "kernel/lib.h"
#include "kernel/panic.h"
#include "kernel/segload.h"
#include "kernel/stack.h"
#include "kernel/time.h"
#include "vmm/attend.h"
#include "vmm/audit.h"
#include "vmm/io.h"
#include "vmm/lifecycle.h"
#include "vmm/load.h"
#include "vmm/mode.h"

/*
 * A guest that resets itself too often, each time so soon after its boot, is stopped.
 */
enum { RESET_SOON_MS = 2000, MODULE_NAME = 16 };

struct vm *vm_running;

bool vm_alive(const struct vm *vm)
{
	return vm->state == VM_RUNNING || vm->state == VM_HALTED ||
	       vm->state == VM_PAUSED;
}

/* The host must hear of something before the VM's next entry. */
static void nudge(struct vm *vm)
{
	vm->attention |= ATTEND_HOST;
	thread_wake(&vm->wait);
}

static void remember_why(struct vm *vm, const char *fmt, va_list ap)
{
	if (!vm->want_kill)
		format_v(vm->why, sizeof vm->why, fmt, ap);
	vm->want_kill = true;
	nudge(vm);
}

void vm_kill(struct vm *vm, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	remember_why(vm, fmt, ap);
	va_end(ap);
}

void vm_die(struct vm *vm, const char *fmt, ...)
{
	va_list ap;

	ASSERT(thread_self() == vm->thread);
	va_start(ap, fmt);
	remember_why(vm, fmt, ap);
	va_end(ap);
	vm_leave(vm);
}

void vm_power_off(struct vm *vm)
{
	vm->want_off = true;
	nudge(vm);
}

void vm_reset(struct vm *vm, const char *why)
{
	bool soon = time_ns() - vm->booted_ns < RESET_SOON_MS * 1000000ull;

	event("vm.reset", "vm=%u why=\"%s\" eip=0x%08x", vm->id, why, vm->tf->eip);
	vm->resets = soon ? vm->resets + 1 : 1;
	if (vm->resets > vm_resets_max()) {
		vm_kill(vm, "%s, %u times in a row", why, vm->resets);
		return;
	}
	vm->want_restart = true;
	nudge(vm);
}

bool vm_pause(struct vm *vm)
{
	if (!vm_alive(vm) || vm->want_pause)
		return false;
	vm->want_pause = true;
	nudge(vm);
	return true;
}

bool vm_resume(struct vm *vm)
{
	if (!vm->want_pause)
		return false;
	vm->want_pause = false;
	nudge(vm);
	return true;
}

bool vm_step(struct vm *vm, u32 exits)
{
	if (vm->state != VM_PAUSED || exits == 0)
		return false;
	vm->step = exits;
	return vm_resume(vm);
}

bool vm_restart(struct vm *vm)
{
	vm->want_restart = true;
	vm->resets = 0;
	nudge(vm);
	return true;
}

void vm_set_irq(struct vm *vm, unsigned irq, bool level)
{
	vpic_set_line(&vm->pic, irq, level);
	attend_irq_changed(vm);
	if (vm->attention & ATTEND_IRQ && vm->cpu.halted)
		thread_wake(&vm->wait);
}

void vm_io_begin(struct vm *vm)
{
	vm->io_in_flight++;
}

void vm_io_end(struct vm *vm)
{
	ASSERT(vm->io_in_flight > 0);
	if (--vm->io_in_flight == 0)
		thread_wake(&vm->wait);
}

/* What the CPU holds for the running VM, while its thread does not have the CPU. */
static void switch_in(void *arg)
{
	struct vm *vm = arg;

	vm_running = vm;
	if (!vm->built)
		return;
	mode_load(vm);
	fpu_switch(vm);
	if (!load_fs(vm->fs))
		load_fs(0);
	if (!load_gs(vm->gs))
		load_gs(0);
}

static void switch_out(void *arg)
{
	struct vm *vm = arg;

	vm_running = NULL;
	if (!vm->built)
		return;
	vm->fs = read_fs();
	vm->gs = read_gs();
	mode_unload();
}

const struct thread_hooks vm_thread_hooks = {switch_in, switch_out};

/* Everything that a life needs and a death gives back. */
static bool build(struct vm *vm)
{
	vm->attention = audit_attention();
	vm->want_kill = vm->want_off = vm->want_restart = vm->want_pause = false;
	vm->step = vm->deaf_ticks = 0;
	vm->why[0] = '\0';
	vm->view = VMODE_KERNEL;
	vm->fs = vm->gs = 0;
	vm->stats = (struct vm_stats){0};
	vm->swap = (struct swap_counts){0};
	quick_forget(vm);
	vm->tf = (struct trapframe *)thread_stack_top(vm->thread) - 1;
	return pmap_create(vm, vm->mem_pages) && trace_create(vm) &&
	       shadow_create(vm) && segs_create(vm);
}

static void take_apart(struct vm *vm)
{
	mode_unload();
	vm->built = false;
	while (vm->io_in_flight)
		thread_wait(&vm->wait);
	vide_quiesce(vm);
	fpu_forget(vm);
	patch_destroy(vm);
	segs_destroy(vm);
	shadow_destroy(vm);
	trace_destroy(vm);
	victim_forget(vm);
	swap_forget_all(vm);
	pmap_destroy(vm);
}

static const void *own_module(const struct vm *vm, const char *name, u32 *size)
{
	char own[MODULE_NAME];

	format(own, sizeof own, "%s%u", name, vm->id);
	return boot_module(own, size);
}

/*
 * Modules "guest2" and "patches2" are for VM 2, "guest" and "patches" for all that have
 * none of their own. A guest never gets another one's patches.
 */
static const char *boot(struct vm *vm)
{
	u32 size, table_size;
	const void *image = own_module(vm, "guest", &size);
	const void *table = image ? own_module(vm, "patches", &table_size)
				  : boot_module("patches", &table_size);
	const char *why;

	if (!image)
		image = boot_module("guest", &size);
	if (!image)
		return "there is no boot module named guest";
	io_init(vm);
	why = load_guest(vm, image, size, vm_command_line(vm));
	if (!why && table && !patch_apply(vm, table, table_size))
		why = "no memory for the patch table";
	return why;
}

/*
 * One life. The stack below is abandoned when the guest is entered: traps start at its
 * top.
 */
static void live(struct vm *vm)
{
	const char *why;

	reclaim_room(vm_overhead(vm->mem_pages));
	why = build(vm) ? NULL : "no memory for its tables";
	vm->state = VM_RUNNING;
	vm->built = !why;
	if (!why)
		why = boot(vm);
	if (why)
		vm_die(vm, "%s", why);
	vm->booted_ns = time_ns();
	vm->lives++;
	event("vm.start", "vm=%u mem=%u", vm->id, vm->mem_pages / PAGES_PER_MIB);
	switch_in(vm);
	attend(vm);
	guest_enter(vm->tf);
}

void vm_life(void *arg)
{
	struct vm *vm = arg;

	while (!vm->want_restart)
		thread_wait(&vm->wait);
	live(vm);
}

static void tell_life(const struct vm *vm)
{
	event("vm.end", "vm=%u life=%u exits=%llu ms=%llu", vm->id, vm->lives,
	      vm->stats.exits, div_u64(vm->thread->used_ns, 1000000, NULL));
}

static void say_farewell(struct vm *vm)
{
	if (vm->want_kill) {
		vm->state = VM_KILLED;
		event("vm.kill", "vm=%u why=\"%s\" eip=0x%08x", vm->id, vm->why,
		      vm->tf->eip);
		vm_farewell(vm);
	} else if (vm->want_off) {
		vm->state = VM_OFF;
		event("vm.off", "vm=%u", vm->id);
	}
}

void vm_leave(struct vm *vm)
{
	ASSERT(thread_self() == vm->thread);
	/* From here on a wish to restart is one for the next life. */
	vm->want_restart = vm->want_restart && !vm->want_kill && !vm->want_off;
	tell_life(vm);
	say_farewell(vm);
	take_apart(vm);
	stack_restart((u8 *)thread_stack_top(vm->thread) - THREAD_FRAME_SPACE, vm_life,
		      vm);
}
