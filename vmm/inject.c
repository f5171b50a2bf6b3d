/*
 * Injection.
 */
#include "vmm/inject.h"
#include "kernel/event.h"
#include "vmm/dfault.h"
#include "vmm/mode.h"
#include "vmm/vm.h"

enum {
	GATE_TASK = 5,
	GATE_INT16 = 6,
	GATE_TRAP16 = 7,
	GATE_INT32 = 14,
	GATE_TRAP32 = 15
};
enum { ERR_EXT = 1, ERR_IDT = 2, SEL_RPL = 3 };
enum { TSS_ESP0 = 4, TSS_SS0 = 8 };
enum { FRAME_WORDS = 6 };

struct gate {
	u16 sel;
	u32 offset;
	u8 type, dpl;
	bool present;
};

/* Where the handler will run. */
struct target {
	struct gate gate;
	bool inner; /* from user to kernel: another stack */
	u16 ss;
	u32 esp, ss_base;
};

static bool fault(struct gfault *f, u8 vector, u32 error)
{
	*f = (struct gfault){.vector = vector, .has_error = true, .error = error};
	return false;
}

static u32 ext(const struct trap_event *e)
{
	return e->source == TRAP_SOFTWARE ? 0 : ERR_EXT;
}

static u32 gate_error(const struct trap_event *e)
{
	return e->vector * 8u | ERR_IDT | ext(e);
}

static bool read_gate(struct vm *vm, const struct trap_event *e, struct gate *g,
		      struct gfault *f)
{
	u32 word[2];

	if (e->vector * 8u + 7 > vm->cpu.idtr.limit)
		return fault(f, VEC_GP, gate_error(e));
	if (!gva_read(vm, gva(vm->cpu.idtr.base + e->vector * 8u), word, sizeof word,
		      ACC_SYSTEM, f))
		return false;
	*g = (struct gate){
		.sel = (u16)(word[0] >> 16),
		.offset = (word[1] & 0xffff0000) | (word[0] & 0xffff),
		.type = word[1] >> 8 & 31,
		.dpl = word[1] >> 13 & 3,
		.present = word[1] & 0x8000,
	};
	return true;
}

static bool check_gate(struct vm *vm, const struct trap_event *e, const struct gate *g,
		       struct gfault *f)
{
	bool user = vm->cpu.mode == VMODE_USER;

	if (g->type == GATE_TASK || g->type == GATE_INT16 || g->type == GATE_TRAP16)
		vm_die(vm,
		       "gate of vector %u has type %u; only 32-bit interrupt and trap "
		       "gates are supported",
		       e->vector, g->type);
	if (g->type != GATE_INT32 && g->type != GATE_TRAP32)
		return fault(f, VEC_GP, gate_error(e));
	if (e->source == TRAP_SOFTWARE && user && g->dpl < 3)
		return fault(f, VEC_GP, gate_error(e));
	if (!g->present)
		return fault(f, VEC_NP, gate_error(e));
	return true;
}

/* The code segment of the gate: SDM vol. 3, 6.12.1. */
static bool check_code(struct vm *vm, const struct trap_event *e, struct target *t,
		       struct gfault *f)
{
	u16 sel = t->gate.sel & ~SEL_RPL;
	struct descriptor d;
	unsigned dpl;

	if (!sel)
		return fault(f, VEC_GP, ext(e));
	if (!segs_guest(vm, sel, &d) || !(d.hi & DESC_SEGMENT) || !(d.hi & DESC_CODE))
		return fault(f, VEC_GP, sel | ext(e));
	dpl = (d.hi & DESC_DPL) >> DESC_DPL_SHIFT;
	if (dpl == 1 || dpl == 2)
		vm_die(vm, "gate of vector %u leads to ring %u", e->vector, dpl);
	if (vm->cpu.mode == VMODE_KERNEL && dpl == 3)
		return fault(f, VEC_GP, sel | ext(e));
	if (!(d.hi & DESC_PRESENT))
		return fault(f, VEC_NP, sel | ext(e));
	t->inner = vm->cpu.mode == VMODE_USER && dpl == 0 && !(d.hi & DESC_CONFORMING);
	return true;
}

/* The inner stack, from the TSS. */
static bool inner_stack(struct vm *vm, const struct trap_event *e, struct target *t,
			struct gfault *f)
{
	struct descriptor d;
	u32 word[2];

	if (!vm->cpu.tr || vm->cpu.tss_limit < TSS_SS0 + 3)
		return fault(f, VEC_TS, (vm->cpu.tr & ~SEL_RPL) | ext(e));
	if (!gva_read(vm, gva(vm->cpu.tss_base + TSS_ESP0), word, sizeof word,
		      ACC_SYSTEM, f))
		return false;
	t->esp = word[0];
	t->ss = (u16)word[1];
	if (!(t->ss & ~SEL_RPL))
		return fault(f, VEC_TS, ext(e));
	if (t->ss & SEL_RPL || !segs_guest(vm, t->ss, &d) || !(d.hi & DESC_SEGMENT) ||
	    d.hi & DESC_CODE || !(d.hi & DESC_WRITABLE) || d.hi & DESC_DPL)
		return fault(f, VEC_TS, (t->ss & ~SEL_RPL) | ext(e));
	if (!(d.hi & DESC_PRESENT))
		return fault(f, VEC_SS, (t->ss & ~SEL_RPL) | ext(e));
	t->ss_base = desc_base(d);
	return true;
}

static bool choose_stack(struct vm *vm, const struct trap_event *e, struct target *t,
			 struct gfault *f)
{
	struct segment ss;

	if (t->inner)
		return inner_stack(vm, e, t, f);
	cpu_segment(vm, SEG_SS, &ss);
	t->ss_base = ss.base;
	t->esp = vm->tf->esp;
	t->ss = (u16)vm->tf->ss;
	return true;
}

/*
 * Pushes the frame; t->esp is the new stack pointer then. An inner stack is the kernel's;
 * where the mode stays, so do its rights.
 */
static bool push_frame(struct vm *vm, const struct trap_event *e, struct target *t,
		       struct gfault *f)
{
	unsigned acc = ACC_WRITE | (t->inner ? ACC_SYSTEM : 0);
	u32 frame[FRAME_WORDS], n = 0;

	if (e->has_error)
		frame[n++] = e->error;
	frame[n++] = e->eip;
	frame[n++] = cpu_selector(vm, SEG_CS);
	frame[n++] = cpu_flags(vm);
	if (t->inner) {
		frame[n++] = vm->tf->esp;
		frame[n++] = cpu_selector(vm, SEG_SS);
	}
	t->esp -= n * 4;
	return gva_write(vm, gva(t->ss_base + t->esp), frame, n * 4, acc, f);
}

static void enter_handler(struct vm *vm, const struct target *t)
{
	struct trapframe *tf = vm->tf;

	if (t->inner) {
		mode_switch(vm, VMODE_KERNEL);
		tf->ss = t->ss | SEL_RPL;
	}
	tf->esp = t->esp;
	tf->cs = t->gate.sel | SEL_RPL;
	tf->eip = t->gate.offset;
	tf->eflags &= ~(u32)(FL_TF | FL_NT | FL_RF | FL_VM);
	if (t->gate.type == GATE_INT32)
		cpu_set_if(vm, false);
}

static bool try_inject(struct vm *vm, const struct trap_event *e, struct gfault *f)
{
	struct target t = {0};

	if (!read_gate(vm, e, &t.gate, f) || !check_gate(vm, e, &t.gate, f) ||
	    !check_code(vm, e, &t, f) || !choose_stack(vm, e, &t, f) ||
	    !push_frame(vm, e, &t, f))
		return false;
	enter_handler(vm, &t);
	return true;
}

bool inject_once(struct vm *vm, const struct trap_event *e, struct gfault *f)
{
	bool done;

	mode_lend_kernel_view(vm);
	done = try_inject(vm, e, f);
	mode_return_view(vm);
	return done;
}

static struct trap_event as_event(const struct vm *vm, const struct gfault *f)
{
	return (struct trap_event){
		.vector = f->vector,
		.source = TRAP_EXCEPTION,
		.has_error = f->has_error,
		.error = f->error,
		.eip = vm->tf->eip,
	};
}

/*
 * What becomes of `e` when delivering it raised `f`: the table of SDM vol. 3, 6-5.
 * False: triple.
 */
static bool combine(struct vm *vm, struct trap_event *e, const struct gfault *f)
{
	unsigned first = e->source == TRAP_EXCEPTION ? e->vector : DFAULT_INTERRUPT;
	enum dfault d = dfault_combine(first, f->vector);

	if (d == DFAULT_TRIPLE)
		return false;
	if (f->vector == VEC_PF)
		vm->cpu.cr2 = f->addr.a;
	if (d == DFAULT_DOUBLE)
		*e = (struct trap_event){
			.vector = VEC_DF, .has_error = true, .eip = e->eip};
	else
		*e = as_event(vm, f);
	return true;
}

static void deliver(struct vm *vm, struct trap_event e)
{
	struct gfault f;

	while (!inject_once(vm, &e, &f)) {
		if (!combine(vm, &e, &f)) {
			vm_reset(vm, "triple fault");
			return;
		}
	}
}

void inject_fault(struct vm *vm, const struct gfault *f)
{
	if (f->vector == VEC_PF)
		vm->cpu.cr2 = f->addr.a;
	deliver(vm, as_event(vm, f));
}

void inject_interrupt(struct vm *vm, u8 vector)
{
	vm->stats.irqs++;
	deliver(vm, (struct trap_event){
			    .vector = vector,
			    .source = TRAP_INTERRUPT,
			    .eip = vm->tf->eip,
		    });
}

void inject_exception(struct vm *vm, u8 vector)
{
	deliver(vm, (struct trap_event){.vector = vector, .eip = vm->tf->eip});
}

void inject_error(struct vm *vm, u8 vector, u32 error)
{
	deliver(vm, (struct trap_event){
			    .vector = vector,
			    .has_error = true,
			    .error = error,
			    .eip = vm->tf->eip,
		    });
}
