/*
 * Quick ways.
 */
#include "vmm/quick.h"
#include "kernel/asm.h"
#include "kernel/lib.h"
#include "kernel/peek.h"
#include "vmm/mode.h"
#include "vmm/vm.h"

enum { BYTE_IRET = 0xCF };
enum { TSS_ESP0 = 4, TSS_SS0 = 8, TSS_NEEDED = 12, GATE_BYTES = 8, SEL_RPL = 3 };
enum { GATE_TYPE = 0x1f00, GATE_INTERRUPT = 0x0e00 };
/* What iret may change in the real EFLAGS; IF and IOPL are virtual. */
enum {
	IRET_FLAGS = FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_TF | FL_DF | FL_OF |
		     FL_AC | FL_ID
};
enum { HIDDEN_FLAGS = FL_IF | FL_IOPL | FL_VIF | FL_VIP | FL_VM };

void quick_forget(struct vm *vm)
{
	memset(&vm->quick, 0, sizeof vm->quick);
}

/* n bytes at `at` lie in one page of the guest's part. */
static bool in_one_page(u32 at, u32 n)
{
	return at < HOST_BASE && (at & PAGE_MASK) <= PAGE_SIZE - n;
}

/* Where the handler will run: from the guest's memory, as it stands now. */
struct landing {
	u32 lo, hi;   /* the gate */
	u32 esp, ss0; /* the inner stack */
};

/* IDT and TSS lie where they lay when the gate was learned: no page to check again. */
static inline bool read_landing(const struct vm *vm, u8 vector, bool inner,
				struct landing *l)
{
	u32 gate = vm->cpu.idtr.base + vector * GATE_BYTES, tss = vm->cpu.tss_base;

	PEEK_OR(gate, 0, &l->lo, no);
	PEEK_OR(gate, 4, &l->hi, no);
	if (!inner)
		return true;
	PEEK_OR(tss, TSS_ESP0, &l->esp, no);
	PEEK_OR(tss, TSS_SS0, &l->ss0, no);
	return true;
no:
	return false;
}

static inline bool as_remembered(const struct quick *q, u8 vector, bool inner,
				 const struct landing *l)
{
	return l->lo == q->gate[vector][0] && l->hi == q->gate[vector][1] &&
	       (!inner || (u16)l->ss0 == q->kernel_ss);
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
static inline void land(struct vm *vm, bool inner, const struct landing *l, u32 esp)
{
	struct trapframe *tf = vm->tf;

	tf->cs = l->lo >> 16 | SEL_RPL;
	tf->eip = (l->hi & 0xffff0000) | (l->lo & 0xffff);
	tf->esp = esp;
	tf->eflags &= ~(u32)(FL_TF | FL_NT | FL_RF | FL_VM | FL_VIF | FL_VIP);
	if ((l->hi & GATE_TYPE) == GATE_INTERRUPT)
		vm->cpu.vif = false;
	if (inner) {
		tf->ss = vm->quick.kernel_ss | SEL_RPL;
		mode_set(vm, VMODE_KERNEL);
	}
	if (vm->cpu.vif && mode_has_pvi(vm))
		tf->eflags |= FL_VIF;
}

/* With the kernel's root loaded and SMAP open: all that can fail. */
static inline bool prepare(const struct vm *vm, u8 vector, bool inner, const u32 *error,
			   u32 eip, struct landing *l)
{
	u32 size = inner ? 20 : 12;

	if (!read_landing(vm, vector, inner, l) ||
	    !as_remembered(&vm->quick, vector, inner, l))
		return false;
	l->esp -= size;
	if (!in_one_page(l->esp - 4, size + 4) || !push_frame(vm, l->esp, inner, eip))
		return false;
	if (!error)
		return true;
	l->esp -= 4;
	return push_error(l->esp, *error);
}

bool quick_inject(struct vm *vm, u8 vector, const u32 *error, u32 eip)
{
	bool inner = vm->cpu.mode == VMODE_USER, ok;
	struct landing l = {.esp = vm->tf->esp};

	if (!vm->quick.gate[vector][1])
		return false;
	if (inner)
		mode_lend_kernel_view(vm);
	else if (vm->tf->ss != (vm->quick.kernel_ss | SEL_RPL))
		return false;
	peek_open();
	ok = prepare(vm, vector, inner, error, eip, &l);
	peek_close();
	if (ok)
		land(vm, inner, &l, l.esp);
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

/* Did the delivery just made go by this very gate and this very stack segment? */
static bool went_by(const struct trapframe *tf, const struct landing *l)
{
	return tf->eip == ((l->hi & 0xffff0000) | (l->lo & 0xffff)) &&
	       tf->cs == (l->lo >> 16 | SEL_RPL) &&
	       tf->ss == ((l->ss0 & 0xffff) | SEL_RPL);
}

void quick_learn(struct vm *vm, u8 vector)
{
	struct quick *q = &vm->quick;
	struct landing l;
	bool ok;

	if (vm->cpu.mode != VMODE_KERNEL || !is_flat(vm, vm->tf->ss) ||
	    !in_one_page(vm->cpu.idtr.base + vector * GATE_BYTES, GATE_BYTES) ||
	    !in_one_page(vm->cpu.tss_base, TSS_NEEDED) ||
	    vm->cpu.tss_limit < TSS_NEEDED)
		return;
	peek_open();
	ok = read_landing(vm, vector, true, &l);
	peek_close();
	if (!ok || !went_by(vm->tf, &l))
		return;
	q->gate[vector][0] = l.lo;
	q->gate[vector][1] = l.hi;
	q->kernel_ss = l.ss0 & 0xffff;
}

struct iret_frame {
	u32 eip, cs, eflags, esp, ss;
};

/* The instruction is an iret, and this is what it pops. */
static inline bool read_iret(const struct trapframe *tf, struct iret_frame *w)
{
	PEEK_BYTE_IS_OR(tf->eip, BYTE_IRET, no);
	PEEK_OR(tf->esp, 0, &w->eip, no);
	PEEK_OR(tf->esp, 4, &w->cs, no);
	PEEK_OR(tf->esp, 8, &w->eflags, no);
	PEEK_OR(tf->esp, 12, &w->esp, no);
	PEEK_OR(tf->esp, 16, &w->ss, no);
	return true;
no:
	return false;
}

/* A data segment that user mode may keep: none, or the one it had last time. */
static inline bool may_keep(const struct quick *q, u32 sel)
{
	return sel == q->user_data || sel == 0;
}

static inline bool iret_as_remembered(const struct vm *vm, const struct iret_frame *w)
{
	const struct quick *q = &vm->quick;

	return (u16)w->cs == q->user_cs && (u16)w->ss == q->user_ss &&
	       !(w->eflags & (FL_VM | FL_NT)) && may_keep(q, vm->tf->ds) &&
	       may_keep(q, vm->tf->es) && may_keep(q, read_fs()) &&
	       may_keep(q, read_gs());
}

bool quick_iret(struct vm *vm)
{
	struct trapframe *tf = vm->tf;
	const struct quick *q = &vm->quick;
	struct iret_frame w;
	bool ok;

	if (!q->user_cs || tf->ss != (q->kernel_ss | SEL_RPL) ||
	    tf->cs != q->kernel_cs || tf->eflags & (FL_NT | FL_TF) ||
	    tf->eip >= HOST_BASE || !in_one_page(tf->esp, sizeof w))
		return false;
	peek_open();
	ok = read_iret(tf, &w);
	peek_close();
	if (!ok || !iret_as_remembered(vm, &w))
		return false;
	tf->eip = w.eip;
	tf->cs = q->user_cs;
	tf->esp = w.esp;
	tf->ss = q->user_ss;
	tf->eflags = (tf->eflags & ~(u32)(IRET_FLAGS | FL_RF | FL_VIF | FL_VIP)) |
		     (w.eflags & IRET_FLAGS);
	vm->cpu.vflags = w.eflags & FL_IOPL;
	vm->cpu.vif = w.eflags & FL_IF;
	mode_set(vm, VMODE_USER);
	mode_load_view(vm, VMODE_USER);
	return true;
}

void quick_learn_iret(struct vm *vm, u32 from_cs)
{
	struct trapframe *tf = vm->tf;
	struct quick *q = &vm->quick;

	if (vm->cpu.mode != VMODE_USER || !is_flat(vm, tf->ss) ||
	    !is_flat(vm, from_cs) || !q->kernel_ss)
		return;
	q->kernel_cs = from_cs;
	q->user_cs = tf->cs;
	q->user_ss = tf->ss;
	q->user_data = tf->ds;
}
