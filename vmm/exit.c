/*
 * Exits: why the guest left ring 3, and what to do about it. guest_exit() is the VMM's
 * main loop turned inside out: the CPU calls it for every trap, and returning from it
 * enters the guest again.
 */
#include "kernel/asm.h"
#include "kernel/hooks.h"
#include "kernel/irq.h"
#include "kernel/panic.h"
#include "vmm/attend.h"
#include "vmm/emulate.h"
#include "vmm/exit.h"
#include "vmm/gpeek.h"
#include "vmm/inject.h"
#include "vmm/mode.h"
#include "vmm/refill.h"
#include "vmm/shortcut.h"
#include "vmm/vm.h"

enum {
	BYTE_TWO = 0x0F,
	BYTE2_UD2 = 0x0B,
	BYTE_IRET = 0xCF,
	BYTE_HLT = 0xF4,
	BYTE_CLI = 0xFA,
	BYTE_STI = 0xFB
};
enum { INT_LENGTH = 2 }; /* of `int n` */

/*
 * The bytes at CS:EIP, by the short way where they do not come near the end of a page.
 */
static bool fetch(struct vm *vm, u8 buf[INSN_MAX + 1], u32 *avail, struct gfault *f)
{
	gva_t v = gva(vm->tf->eip);

	if (*avail == 0 && v.a < HOST_BASE &&
	    gva_offset(v) <= PAGE_SIZE - INSN_MAX - 1 && shortcut_flat_code(vm) &&
	    gmem_peek(v, buf, INSN_MAX + 1)) {
		*avail = INSN_MAX;
		return true;
	}
	return emulate_fetch(vm, buf, avail, f);
}

static bool is_prefix(u8 b)
{
	switch (b) {
	case 0x26:
	case 0x2E:
	case 0x36:
	case 0x3E:
	case 0x64:
	case 0x65:
	case 0x66:
	case 0x67:
	case 0xF0:
	case 0xF2:
	case 0xF3:
		return true;
	default:
		return false;
	}
}

/* The live patch whose changed byte lies at this linear address, or NULL. */
static const struct patch *patch_of(struct vm *vm, gva_t v)
{
	struct walk w;
	u32 error;

	if (!walk(vm, v, ACC_FETCH, &w, &error))
		return NULL;
	return patch_at(vm, gpa(w.page.a | gva_offset(v)));
}

/* A hlt or ud2 that we put there: puts what it stands for back into `buf`. */
static void unpatch(struct vm *vm, u8 *buf, u32 avail)
{
	struct segment cs;
	const struct patch *p;
	u32 at = 0;

	while (at < avail && is_prefix(buf[at]))
		at++;
	if (at < avail && buf[at] == BYTE_TWO)
		at++;
	if (at >= avail || (buf[at] != BYTE_HLT && buf[at] != BYTE2_UD2))
		return;
	cpu_segment(vm, SEG_CS, &cs);
	p = patch_of(vm, gva(cs.base + vm->tf->eip + at));
	if (p)
		buf[at] = patch_original(p);
}

/* Fetch, look through the patch, decode, emulate. */
static enum emulated emulate_here(struct vm *vm, struct gfault *f)
{
	u8 buf[INSN_MAX + 1];
	struct insn in;
	u32 avail = 0;
	enum decoded d;

	do {
		if (!fetch(vm, buf, &avail, f))
			return EMU_FAULT;
		if (vm->patches.count)
			unpatch(vm, buf, avail);
		d = decode_recall(buf, avail, &in);
	} while (d == DECODE_SHORT);
	return d == DECODE_OK ? emulate_insn(vm, &in, f) : EMU_UNKNOWN;
}

/* After an emulated instruction of a guest that single-steps. */
static void step_trap(struct vm *vm)
{
	if (vm->tf->eflags & FL_TF)
		inject_exception(vm, VEC_DB);
}

/*
 * Emulates the instruction that trapped; what the emulator does not know is the guest's
 * own fault.
 */
static __attribute__((noinline)) void emulate_or_reflect(struct vm *vm,
							 const struct gfault *own)
{
	struct gfault f;

	vm->stats.emulated++;
	switch (emulate_here(vm, &f)) {
	case EMU_DONE:
		attend_irq_changed(vm); /* it may have been an EOI */
		step_trap(vm);
		break;
	case EMU_FAULT:
		inject_fault(vm, &f);
		break;
	case EMU_UNKNOWN:
		inject_fault(vm, own);
		break;
	}
}

/*
 * #GP, #NP and their like: mostly a privileged instruction, sometimes the guest's fault.
 */
static void emulate_protected(struct vm *vm)
{
	struct gfault own = {.vector = (u8)vm->tf->vector,
			     .has_error = true,
			     .error = vm->tf->error};

	emulate_or_reflect(vm, &own);
}

static unsigned access_of(u32 error, u32 cr2, u32 eip)
{
	if (error & PF_W)
		return ACC_WRITE;
	return error & PF_I || cr2 == eip ? ACC_FETCH : ACC_READ;
}

static void page_fault_to_guest(struct vm *vm, gva_t v, u32 error)
{
	struct gfault f = {
		.vector = VEC_PF, .has_error = true, .error = error, .addr = v};

	vm->stats.faults_true++;
	vm->cpu.cr2 = v.a;
	if (quick_fault(vm, error))
		return;
	inject_fault(vm, &f);
	quick_learn(vm, VEC_PF);
}

/*
 * The decoder does not know it: drop what stands in the way and let the CPU do it, if
 * that is memory.
 */
static void retry_natively(struct vm *vm, gva_t v)
{
	struct walk w;
	u32 error;

	if (!walk(vm, v, ACC_WRITE, &w, &error) || !(trace_get(vm, gpa_page(w.page))))
		vm_die(vm,
		       "accesses 0x%08x, where it has no memory, by an instruction "
		       "at 0x%08x that is not emulated",
		       v.a, vm->tf->eip);
	trace_dma(vm, gpa_page(w.page));
}

static void emulate_access(struct vm *vm, gva_t v, unsigned acc)
{
	struct gfault f;

	if (acc == ACC_FETCH)
		vm_die(vm, "executes at 0x%08x, where it has no memory", v.a);
	vm->stats.emulated++;
	switch (emulate_here(vm, &f)) {
	case EMU_DONE:
		step_trap(vm);
		break;
	case EMU_FAULT:
		vm->stats.faults_true += f.vector == VEC_PF;
		inject_fault(vm, &f);
		break;
	case EMU_UNKNOWN:
		retry_natively(vm, v);
		break;
	}
}

/* In our 64 MiB. If the guest's own tables have something there it is emulated. */
static void host_range_fault(struct vm *vm, gva_t v, unsigned acc)
{
	struct walk w;
	u32 error;

	if (walk(vm, v, acc, &w, &error))
		emulate_access(vm, v, acc);
	else
		page_fault_to_guest(vm, v, error);
}

static HOT NOINLINE void page_fault(struct vm *vm)
{
	gva_t v = gva(read_cr2());
	unsigned acc = access_of(vm->tf->error, v.a, vm->tf->eip);
	u32 error;

	if (v.a >= HOST_BASE) {
		host_range_fault(vm, v, acc);
		return;
	}
	switch (shadow_fault(vm, v, acc, &error)) {
	case SHADOW_FILLED:
		vm->stats.faults_hidden++;
		break;
	case SHADOW_TRUE:
		page_fault_to_guest(vm, v, error);
		break;
	case SHADOW_EMULATE:
		emulate_access(vm, v, acc);
		break;
	}
}

/* int 0x80, by its own gate: EIP is already behind it. */
static void hot_interrupt(struct vm *vm)
{
	struct gfault f;

	if (cpu_soft_int(vm, VEC_SYSCALL, vm->tf->eip, &f)) {
		quick_learn(vm, VEC_SYSCALL);
		return;
	}
	vm->tf->eip -= INT_LENGTH;
	inject_fault(vm, &f);
}

static void no_fpu(struct vm *vm)
{
	if (!fpu_fault(vm))
		inject_exception(vm, VEC_NM);
}

static void exception(struct vm *vm)
{
	struct gfault own = {.vector = (u8)vm->tf->vector,
			     .has_error = vm->tf->vector == VEC_AC,
			     .error = vm->tf->error};

	inject_fault(vm, &own);
}

static void undefined(struct vm *vm)
{
	struct gfault own = {.vector = VEC_UD};

	emulate_or_reflect(vm, &own);
}

static void interrupt(struct vm *vm)
{
	irq_dispatch(vm->tf->vector - VEC_IRQ0);
	vm->attention |= ATTEND_YIELD;
}

static __attribute__((noinline)) void exit_by_vector(struct vm *vm)
{
	switch (vm->tf->vector) {
	case VEC_PF:
		page_fault(vm);
		break;
	case VEC_GP:
	case VEC_NP:
	case VEC_SS:
	case VEC_TS:
		emulate_protected(vm);
		break;
	case VEC_UD:
		undefined(vm);
		break;
	case VEC_SYSCALL:
		hot_interrupt(vm);
		break;
	case VEC_NM:
		no_fpu(vm);
		break;
	case VEC_DE:
	case VEC_DB:
	case VEC_BP:
	case VEC_OF:
	case VEC_BR:
	case VEC_MF:
	case VEC_XM:
	case VEC_AC:
		exception(vm);
		break;
	case VEC_IRQ0 ... VEC_IRQ_END - 1:
		interrupt(vm);
		break;
	default:
		panic("guest exit by vector %u", vm->tf->vector);
	}
}

HOT void exit_fault_slowly(struct vm *vm)
{
	mode_read_vif(vm);
	page_fault(vm);
	attend_if_due(vm);
}

HOT void exit_slowly(struct vm *vm)
{
	mode_read_vif(vm);
	exit_by_vector(vm);
	attend_if_due(vm);
}

static void (*const by_vector[])(struct vm *vm) = {
	[0 ... VEC_NP - 1] = exit_slowly,
	[VEC_NP] = exit_not_present,
	[VEC_SS] = exit_slowly,
	[VEC_GP] = exit_protection,
	[VEC_PF] = exit_page_fault,
	[VEC_PF + 1 ... VEC_SYSCALL - 1] = exit_slowly,
	[VEC_SYSCALL] = exit_syscall,
	[VEC_SYSCALL + 1 ... 255] = exit_slowly,
};

/*
 * QEMU 7.2 lets ring 3 enter virtual-8086 mode by iret, which a CPU refuses (SDM vol. 2,
 * IRET). A trap from there leaves a longer frame, so it is not where ours are.
 */
static __attribute__((noinline, cold)) _Noreturn void from_v86(
	struct vm *vm, const struct trapframe *tf)
{
	ASSERT(tf->eflags & FL_VM);
	if (tf->vector >= VEC_IRQ0 && tf->vector < VEC_IRQ_END)
		irq_dispatch(tf->vector - VEC_IRQ0);
	vm_die(vm, "entered virtual-8086 mode");
}

HOT void guest_exit(struct trapframe *tf)
{
	void (*handle)(struct vm *) = by_vector[(u8)tf->vector];
	struct vm *vm = vm_running;

	if (tf != vm->tf)
		from_v86(vm, tf);
	vm->stats.exits++;
	handle(vm);
}

/* A register whose descriptor is gone is nulled, or the reload would fail for ever. */
static void null_bad_segments(struct vm *vm)
{
	struct segment s;

	cpu_segment(vm, SEG_DS, &s);
	if (!s.present)
		vm->tf->ds = 0;
	cpu_segment(vm, SEG_ES, &s);
	if (!s.present)
		vm->tf->es = 0;
}

void guest_reload_fault(struct trapframe *tf)
{
	struct vm *vm = vm_running;
	struct gfault f = {
		.vector = (u8)tf->vector, .has_error = true, .error = tf->error};
	struct segment ss;

	ASSERT(tf == vm->tf);
	mode_read_vif(vm);
	cpu_segment(vm, SEG_SS, &ss);
	if (!ss.present || !ss.writable)
		vm_die(vm, "its stack segment 0x%x is gone from its GDT", tf->ss);
	null_bad_segments(vm);
	inject_fault(vm, &f);
	if (vm->attention)
		attend(vm);
}
