/*
 * Quick ways.
 */
#include "vmm/quick.h"
#include "kernel/asm.h"
#include "kernel/lib.h"
#include "kernel/peek.h"
#include "vmm/mode.h"
#include "vmm/vm.h"

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

/* The gate and, from user mode, the inner stack, read now; false unless as remembered. */
static bool read_target(const struct vm *vm, u8 vector, bool inner, u32 *eip, u32 *esp)
{
	const struct quick *q = &vm->quick;
	u32 gate_at = vm->cpu.idtr.base + vector * GATE_BYTES, lo, hi, ss0;

	if (!in_one_page(gate_at, GATE_BYTES))
		return false;
	PEEK_OR(gate_at, &lo, no);
	PEEK_OR(gate_at + 4, &hi, no);
	if (lo != q->gate[vector][0] || hi != q->gate[vector][1])
		return false;
	*eip = (hi & 0xffff0000) | (lo & 0xffff);
	if (!inner)
		return true;
	if (!in_one_page(vm->cpu.tss_base, TSS_NEEDED))
		return false;
	PEEK_OR(vm->cpu.tss_base + TSS_ESP0, esp, no);
	PEEK_OR(vm->cpu.tss_base + TSS_SS0, &ss0, no);
	return (ss0 & 0xffff) == q->kernel_ss;
no:
	return false;
}

/* Pushes the frame below esp; on failure part of it may be written, which harms nobody. */
static bool push_frame(const struct vm *vm, u32 esp, bool inner, const u32 *error,
		       u32 eip)
{
	const struct trapframe *tf = vm->tf;
	u32 flags = (tf->eflags & ~(u32)HIDDEN_FLAGS) | vm->cpu.vflags |
		    (vm->cpu.vif ? FL_IF : 0);

	if (inner) {
		POKE_OR(esp - 4, tf->ss, no);
		POKE_OR(esp - 8, tf->esp, no);
		esp -= 8;
	}
	POKE_OR(esp - 4, flags, no);
	POKE_OR(esp - 8, inner ? tf->cs : tf->cs & ~(u32)SEL_RPL, no);
	POKE_OR(esp - 12, eip, no);
	if (error)
		POKE_OR(esp - 16, *error, no);
	return true;
no:
	return false;
}

static void enter_kernel(struct vm *vm, u8 vector, bool inner, u32 eip, u32 esp)
{
	const u32 *gate = vm->quick.gate[vector];
	struct trapframe *tf = vm->tf;

	if (inner) {
		tf->ss = vm->quick.kernel_ss | SEL_RPL;
		mode_enter_kernel(vm);
	}
	tf->cs = gate[0] >> 16 | SEL_RPL;
	tf->eip = eip;
	tf->esp = esp;
	tf->eflags &= ~(u32)(FL_TF | FL_NT | FL_RF | FL_VM);
	if ((gate[1] & GATE_TYPE) == GATE_INTERRUPT)
		cpu_set_if(vm, false);
}

bool quick_inject(struct vm *vm, u8 vector, const u32 *error, u32 eip)
{
	bool inner = vm->cpu.mode == VMODE_USER, ok;
	u32 esp = vm->tf->esp, handler, size;

	if (!vm->quick.gate[vector][1] ||
	    (!inner && vm->tf->ss != (vm->quick.kernel_ss | SEL_RPL)))
		return false;
	mode_lend_kernel_view(vm);
	peek_open();
	ok = read_target(vm, vector, inner, &handler, &esp);
	size = (inner ? 20u : 12u) + (error ? 4u : 0u);
	ok = ok && in_one_page(esp - size, size) &&
	     push_frame(vm, esp, inner, error, eip);
	peek_close();
	if (ok)
		enter_kernel(vm, vector, inner, handler, esp - size);
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

void quick_learn(struct vm *vm, u8 vector)
{
	u32 gate_at = vm->cpu.idtr.base + vector * GATE_BYTES, lo, hi, ss0;
	struct trapframe *tf = vm->tf;

	if (vm->cpu.mode != VMODE_KERNEL || !is_flat(vm, tf->ss) ||
	    !in_one_page(gate_at, GATE_BYTES) ||
	    !in_one_page(vm->cpu.tss_base, TSS_NEEDED) ||
	    vm->cpu.tss_limit < TSS_NEEDED)
		return;
	peek_open();
	PEEK_OR(gate_at, &lo, no);
	PEEK_OR(gate_at + 4, &hi, no);
	PEEK_OR(vm->cpu.tss_base + TSS_SS0, &ss0, no);
	peek_close();
	/* The delivery just made went by this very gate and this very stack segment. */
	if (tf->eip != ((hi & 0xffff0000) | (lo & 0xffff)) ||
	    tf->cs != (lo >> 16 | SEL_RPL) || tf->ss != ((ss0 & 0xffff) | SEL_RPL))
		return;
	vm->quick.gate[vector][0] = lo;
	vm->quick.gate[vector][1] = hi;
	vm->quick.kernel_ss = ss0 & 0xffff;
	return;
no:
	peek_close();
}

struct iret_frame {
	u32 eip, cs, eflags, esp, ss;
};

/* A data segment that user mode may keep: none, or the one it had last time. */
static bool may_keep(const struct vm *vm, u32 sel)
{
	return sel == 0 || sel == vm->quick.user_data;
}

static bool segments_stay(const struct vm *vm)
{
	return may_keep(vm, vm->tf->ds) && may_keep(vm, vm->tf->es) &&
	       may_keep(vm, read_fs()) && may_keep(vm, read_gs());
}

bool quick_iret(struct vm *vm)
{
	struct trapframe *tf = vm->tf;
	const struct quick *q = &vm->quick;
	struct iret_frame w;
	bool ok;

	if (!q->user_cs || tf->ss != (q->kernel_ss | SEL_RPL) || tf->eflags & FL_NT ||
	    !in_one_page(tf->esp, sizeof w))
		return false;
	peek_open();
	ok = peek_words(tf->esp, &w.eip, sizeof w / 4);
	peek_close();
	if (!ok || (w.cs & 0xffff) != q->user_cs || (w.ss & 0xffff) != q->user_ss ||
	    w.eflags & (FL_VM | FL_NT) || !segments_stay(vm))
		return false;
	tf->eip = w.eip;
	tf->cs = q->user_cs;
	tf->esp = w.esp;
	tf->ss = q->user_ss;
	tf->eflags = (tf->eflags & ~(u32)(IRET_FLAGS | FL_RF | FL_VIF | FL_VIP)) |
		     (w.eflags & IRET_FLAGS);
	vm->cpu.vflags = w.eflags & FL_IOPL;
	vm->cpu.vif = w.eflags & FL_IF;
	mode_enter_user(vm);
	return true;
}

void quick_learn_iret(struct vm *vm)
{
	struct trapframe *tf = vm->tf;

	if (vm->cpu.mode != VMODE_USER || !is_flat(vm, tf->ss) || !vm->quick.kernel_ss)
		return;
	vm->quick.user_cs = tf->cs;
	vm->quick.user_ss = tf->ss;
	vm->quick.user_data = tf->ds;
}
