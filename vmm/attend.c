/*
 * Between exits and entries.
 */
#include "vmm/attend.h"
#include "kernel/asm.h"
#include "kernel/event.h"
#include "kernel/pic.h"
#include "kernel/time.h"
#include "vmm/audit.h"
#include "vmm/gpeek.h"
#include "vmm/inject.h"
#include "vmm/mode.h"
#include "vmm/vm.h"

enum { BYTE_HLT = 0xF4 };
/* So many ticks of a VM's own time with interrupts off and waiting are called stuck. */
enum { DEAF_TICKS = 100 };

/*
 * `sti; hlt`: the interrupt waits until the hlt was seen, or its wake-up is lost (TRAPS
 * 20).
 */
static bool in_sti_shadow(struct vm *vm)
{
	bool shadow = vm->cpu.shadow;

	vm->cpu.shadow = false;
	return shadow && !vm->cpu.halted && gmem_byte(gva(vm->tf->eip)) == BYTE_HLT;
}

/*
 * A guest that keeps its interrupts off while some wait (`cli; jmp .`) harms nobody: it
 * has its share of the CPU and no more. It is worth a word, once.
 */
static void count_deaf(struct vm *vm)
{
	if (vm->tf->vector != VEC_IRQ0 + IRQ_TIMER || ++vm->deaf_ticks != DEAF_TICKS)
		return;
	event("vm.stuck", "vm=%u eip=0x%08x why=\"interrupts off for %u ms\"", vm->id,
	      vm->tf->eip, DEAF_TICKS * (1000 / HZ));
}

static void deliver_irq(struct vm *vm)
{
	u8 vector;

	if (!(vm->attention & ATTEND_IRQ))
		return;
	if (!vm->cpu.vif && !vm->cpu.halted)
		count_deaf(vm);
	if (!vm->cpu.vif || in_sti_shadow(vm))
		return;
	vm->deaf_ticks = 0;
	vm->cpu.halted = false;
	vector = vpic_ack(&vm->pic);
	attend_irq_changed(vm);
	if (quick_interrupt(vm, vector)) {
		vm->stats.irqs++;
		return;
	}
	inject_interrupt(vm, vector);
	quick_learn(vm, vector);
}

/*
 * With PVI the CPU tells us of the guest's `sti` when VIP is set; only with VIF = 0, or
 * it faults at once.
 */
static void update_vip(struct vm *vm)
{
	if (!mode_has_pvi(vm))
		return;
	if (vm->attention & ATTEND_IRQ && !vm->cpu.vif)
		vm->tf->eflags |= FL_VIP;
	else
		vm->tf->eflags &= ~(u32)FL_VIP;
}

static void paused(struct vm *vm)
{
	event("vm.pause", "vm=%u eip=0x%08x", vm->id, vm->tf->eip);
	vm->state = VM_PAUSED;
	while (vm->want_pause && !vm->want_kill && !vm->want_restart)
		thread_wait(&vm->wait);
	vm->state = VM_RUNNING;
	event("vm.resume", "vm=%u", vm->id);
}

/*
 * `step N` runs N exits of the guest's own and pauses again. The host's interrupts do
 * not count: the monitor's own echo would use up the step.
 */
static void count_step(struct vm *vm)
{
	bool by_host = vm->tf->vector >= VEC_IRQ0 && vm->tf->vector < VEC_IRQ_END;

	if (vm->step && !by_host && --vm->step == 0)
		vm->want_pause = true;
}

static void host_wants(struct vm *vm)
{
	vm->attention &= ~(u32)ATTEND_HOST;
	count_step(vm);
	if (vm->want_kill || vm->want_off || vm->want_restart)
		vm_leave(vm);
	if (vm->want_pause)
		paused(vm);
	if (vm->want_kill || vm->want_off || vm->want_restart)
		vm_leave(vm);
	if (vm->step || vm->cpu.halted)
		vm->attention |= ATTEND_HOST;
}

/* A halt with interrupts off never ends by itself: worth a word, once. */
static void sleep_halted(struct vm *vm)
{
	if (!vm->cpu.vif && vm->state != VM_HALTED)
		event("vm.halt", "vm=%u eip=0x%08x why=\"hlt with interrupts off\"",
		      vm->id, vm->tf->eip);
	vm->state = VM_HALTED;
	thread_wait(&vm->wait);
}

void attend(struct vm *vm)
{
	mode_read_vif(vm);
	for (;;) {
		vm->attention &= ~(u32)ATTEND_YIELD;
		if (thread_should_yield())
			thread_yield();
		if (vm->attention & ATTEND_HOST)
			host_wants(vm);
		deliver_irq(vm);
		if (!vm->cpu.halted)
			break;
		sleep_halted(vm);
	}
	if (vm->attention & ATTEND_GDT) {
		vm->attention &= ~(u32)ATTEND_GDT;
		segs_refresh(vm);
	}
	vm->state = VM_RUNNING;
	update_vip(vm);
	if (vm->attention & ATTEND_AUDIT)
		audit_exit(vm, gva(read_cr2()));
}

/*
 * Is there anything to attend to before the next entry? An interrupt that the guest does
 * not want now is nothing, once the CPU knows (VIP) that we want to hear of its sti.
 */
static inline bool is_due(const struct vm *vm)
{
	if (vm->attention != ATTEND_IRQ)
		return true;
	if (mode_has_pvi(vm))
		return (vm->tf->eflags & (FL_VIF | FL_VIP)) != FL_VIP;
	return vm->cpu.vif;
}

HOT void attend_perhaps(struct vm *vm)
{
	if (is_due(vm))
		attend(vm);
}
