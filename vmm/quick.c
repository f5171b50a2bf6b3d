/*
 * Quick ways.
 */
#include "vmm/quick.h"
#include "kernel/asm.h"
#include "kernel/lib.h"
#include "kernel/options.h"
#include "kernel/peek.h"
#include "vmm/mode.h"
#include "vmm/refill.h"
#include "vmm/vm.h"

enum { BYTE_IRET = 0xCF };
enum { TSS_ESP0 = 4, TSS_SS0 = 8, TSS_NEEDED = 12, GATE_BYTES = 8, SEL_RPL = 3 };
enum { GATE_TYPE = 0x1f00, GATE_INTERRUPT = 0x0e00, GATE_DPL = 0x6000 };
/* What iret may change in the real EFLAGS; IF and IOPL are virtual. */
enum {
	IRET_FLAGS = FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_TF | FL_DF | FL_OF |
		     FL_AC | FL_ID
};
enum { HIDDEN_FLAGS = FL_IF | FL_IOPL | FL_VIF | FL_VIP | FL_VM };

static bool wanted;

void quick_init(void)
{
	wanted = option_bool("quick", true);
}

void quick_forget(struct vm *vm)
{
	memset(&vm->quick, 0, sizeof vm->quick);
	vm->quick.on = wanted;
	vm->quick.refills = vm->quick.on && vm->shadow.form && vm->shadow.form->wide;
}

/* n bytes at `at` lie in one page of the guest's part. */
static bool in_one_page(u32 at, u32 n)
{
	return at < HOST_BASE && (at & PAGE_MASK) <= PAGE_SIZE - n;
}

/*
 * Gate and inner stack segment, read now, are as remembered; *esp is the inner stack's top
 * then. IDT and TSS lie where they lay when the gate was learned: no page to check again.
 */
static inline bool as_remembered(const struct vm *vm, u8 vector, bool inner, u32 *esp)
{
	const struct quick_gate *g = &vm->quick.gate[vector];
	u32 at = vm->cpu.idtr.base + vector * GATE_BYTES, tss = vm->cpu.tss_base;

	PEEK_IS_OR(at, 0, g->lo, no);
	PEEK_IS_OR(at, 4, g->hi, no);
	if (!inner)
		return true;
	PEEK_IS_OR(tss, TSS_SS0, vm->quick.ss0, no);
	PEEK_OR(tss, TSS_ESP0, esp, no);
	return true;
no:
	return false;
}

/*
 * The frame below esp, from the bottom up. On failure part of it may be written, which
 * harms nobody: it lies below the guest's stack pointer.
 */
static inline bool push_frame(const struct vm *vm, u32 esp, bool inner, u32 eip)
{
	const struct trapframe *tf = vm->tf;
	u32 flags = (tf->eflags & ~(u32)HIDDEN_FLAGS) | vm->cpu.vflags |
		    (vm->cpu.vif ? FL_IF : 0);

	POKE_OR(esp, 0, eip, no);
	POKE_OR(esp, 8, flags, no);
	if (!inner) {
		POKE_OR(esp, 4, tf->cs & ~(u32)SEL_RPL, no);
		return true;
	}
	POKE_OR(esp, 4, tf->cs, no);
	POKE_OR(esp, 12, tf->esp, no);
	POKE_OR(esp, 16, tf->ss, no);
	return true;
no:
	return false;
}

static inline bool push_error(u32 esp, u32 error)
{
	POKE_OR(esp, 0, error, no);
	return true;
no:
	return false;
}

/* As the long way's enter_handler. The kernel's root is loaded already. */
static inline void land(struct vm *vm, u8 vector, bool inner, u32 esp)
{
	const struct quick_gate *g = &vm->quick.gate[vector];
	struct trapframe *tf = vm->tf;

	tf->cs = g->cs;
	tf->eip = g->eip;
	tf->esp = esp;
	tf->eflags &= ~(u32)(FL_TF | FL_NT | FL_RF | FL_VM | FL_VIF | FL_VIP);
	if (g->interrupt)
		vm->cpu.vif = false;
	if (inner) {
		tf->ss = vm->quick.kernel_ss;
		mode_set(vm, VMODE_KERNEL);
	}
	if (vm->cpu.vif && mode_has_pvi(vm))
		tf->eflags |= FL_VIF;
}

/* With the kernel's root loaded and SMAP open: all that can fail. *esp: the new stack top. */
static inline bool prepare(const struct vm *vm, u8 vector, bool inner, const u32 *error,
			   u32 eip, u32 *esp)
{
	u32 size = inner ? 20 : 12;

	if (!as_remembered(vm, vector, inner, esp))
		return false;
	*esp -= size;
	if (!in_one_page(*esp - 4, size + 4) || !push_frame(vm, *esp, inner, eip))
		return false;
	if (!error)
		return true;
	*esp -= 4;
	return push_error(*esp, *error);
}

HOT bool quick_inject(struct vm *vm, u8 vector, const u32 *error, u32 eip)
{
	bool inner = vm->cpu.mode == VMODE_USER, ok;
	u32 esp = vm->tf->esp;

	if (!vm->quick.gate[vector].hi)
		return false;
	if (inner)
		mode_load_view(vm, VMODE_KERNEL);
	else if (vm->tf->ss != vm->quick.kernel_ss)
		return false;
	peek_open();
	ok = prepare(vm, vector, inner, error, eip, &esp);
	peek_close();
	if (ok)
		land(vm, vector, inner, esp);
	else
		mode_return_view(vm);
	return ok;
}

/* Is it a flat data or code segment? Only such are remembered. */
static bool is_flat(struct vm *vm, u32 sel)
{
	struct descriptor d = vm->segs.view[VMODE_KERNEL][(sel & (GDT_BYTES - 1)) >> 3];

	return !(d.lo >> 16) && !(d.hi & DESC_BASE) && d.hi & DESC_PAGES &&
	       desc_limit(d) == ~0u;
}

/* Gate and SS0 as they stand in the guest's memory. */
static bool read_landing(const struct vm *vm, u8 vector, struct quick_gate *g, u32 *ss0)
{
	u32 at = vm->cpu.idtr.base + vector * GATE_BYTES, tss = vm->cpu.tss_base;
	bool ok;

	if (!in_one_page(at, GATE_BYTES) || !in_one_page(tss, TSS_NEEDED) ||
	    vm->cpu.tss_limit < TSS_NEEDED)
		return false;
	peek_open();
	ok = peek_words(at, &g->lo, 1) && peek_words(at + 4, &g->hi, 1) &&
	     peek_words(tss + TSS_SS0, ss0, 1);
	peek_close();
	return ok;
}

/* Code that runs at its caller's level: what a gate to it means depends on who calls. */
static bool is_conforming(struct vm *vm, u32 sel)
{
	return vm->segs.view[VMODE_KERNEL][(sel & (GDT_BYTES - 1)) >> 3].hi &
	       DESC_CONFORMING;
}

/* Only if the delivery just made went by this very gate and this very stack segment. */
void quick_learn(struct vm *vm, u8 vector)
{
	struct trapframe *tf = vm->tf;
	struct quick_gate g;
	u32 ss0;

	if (!vm->quick.on || vm->cpu.mode != VMODE_KERNEL || !is_flat(vm, tf->ss) ||
	    !read_landing(vm, vector, &g, &ss0))
		return;
	g.eip = (g.hi & 0xffff0000) | (g.lo & 0xffff);
	g.cs = g.lo >> 16 | SEL_RPL;
	g.interrupt = (g.hi & GATE_TYPE) == GATE_INTERRUPT;
	g.open = (g.hi & GATE_DPL) == GATE_DPL;
	if (tf->eip != g.eip || tf->cs != g.cs || is_conforming(vm, g.cs) ||
	    tf->ss != ((ss0 & 0xffff) | SEL_RPL))
		return;
	vm->quick.gate[vector] = g;
	vm->quick.ss0 = ss0;
	vm->quick.kernel_ss = tf->ss;
}

/* What an iret pops, but for the selectors. */
struct iret_frame {
	u32 eip, eflags, esp;
};

/* The instruction is an iret, and it goes where the last one went. */
static inline bool read_iret(const struct quick *q, u32 eip, u32 esp,
			     struct iret_frame *w)
{
	PEEK_BYTE_IS_OR(eip, BYTE_IRET, no);
	PEEK_IS_OR(esp, 4, q->user_cs, no);
	PEEK_IS_OR(esp, 16, q->user_ss, no);
	PEEK_OR(esp, 0, &w->eip, no);
	PEEK_OR(esp, 8, &w->eflags, no);
	PEEK_OR(esp, 12, &w->esp, no);
	return !(w->eflags & (FL_VM | FL_NT));
no:
	return false;
}

/* A data segment that user mode may keep: none, or the one it had last time. */
static inline bool may_keep(const struct quick *q, u32 sel)
{
	return sel == q->user_data || sel == 0;
}

static inline bool segments_stay(const struct vm *vm)
{
	const struct quick *q = &vm->quick;

	u32 fs = read_fs(), gs = read_gs();

	return may_keep(q, vm->tf->ds) && may_keep(q, vm->tf->es) &&
	       (!(fs | gs) || (may_keep(q, fs) && may_keep(q, gs)));
}

/* From a flat kernel on its flat stack; the frame must lie in one page. */
static inline bool may_iret(const struct vm *vm)
{
	const struct trapframe *tf = vm->tf;

	return tf->cs == vm->quick.kernel_cs && tf->ss == vm->quick.kernel_ss &&
	       !(tf->eflags & (FL_NT | FL_TF)) && tf->eip < HOST_BASE &&
	       in_one_page(tf->esp, 20);
}

static void refill_after_fault(struct vm *vm)
{
	vm->quick.fault_eip = 0;
	if (refill(vm, gva(vm->quick.fault_va), vm->quick.fault_access) == REFILL_DONE)
		vm->stats.faults_hidden++;
}

HOT bool quick_iret(struct vm *vm)
{
	struct trapframe *tf = vm->tf;
	struct iret_frame w;
	bool ok;

	if (!may_iret(vm) || !segments_stay(vm))
		return false;
	peek_open();
	ok = read_iret(&vm->quick, tf->eip, tf->esp, &w);
	peek_close();
	if (!ok)
		return false;
	tf->eip = w.eip;
	tf->cs = vm->quick.user_cs;
	tf->esp = w.esp;
	tf->ss = vm->quick.user_ss;
	tf->eflags = (tf->eflags & ~(u32)(IRET_FLAGS | FL_RF | FL_VIF | FL_VIP)) |
		     (w.eflags & IRET_FLAGS);
	vm->cpu.vflags = w.eflags & FL_IOPL;
	vm->cpu.vif = w.eflags & FL_IF;
	mode_set(vm, VMODE_USER);
	mode_load_view(vm, VMODE_USER);
	if (tf->eip == vm->quick.fault_eip)
		refill_after_fault(vm);
	return true;
}

void quick_learn_iret(struct vm *vm, u32 from_cs)
{
	struct trapframe *tf = vm->tf;
	struct quick *q = &vm->quick;

	if (!q->on || vm->cpu.mode != VMODE_USER || !is_flat(vm, tf->ss) ||
	    !is_flat(vm, from_cs) || !q->kernel_ss)
		return;
	q->kernel_cs = from_cs;
	q->user_cs = tf->cs;
	q->user_ss = tf->ss;
	q->user_data = tf->ds;
}
