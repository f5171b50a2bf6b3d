/*
 * Quick ways. Everything here is written for few instructions: all is inlined into three
 * exits, and what is read from the guest goes straight to where it is wanted.
 */
#include "vmm/quick.h"
#include "kernel/asm.h"
#include "kernel/peek.h"
#include "vmm/attend.h"
#include "vmm/dirwrite.h"
#include "vmm/exit.h"
#include "vmm/refill.h"
#include "vmm/shortcut.h"

enum { BYTE_IRET = 0xCF };
enum { TSS_ESP0 = 4, TSS_SS0 = 8, SEL_RPL = 3 };
/* Bytes of the frames: what a trap pushes (and an error code), what iret pops. */
enum { FRAME_SAME = 12, FRAME_INNER = 20, FRAME_MOST = 24 };
/* What iret may change in the real EFLAGS; IF and IOPL are virtual. */
enum {
	IRET_FLAGS = FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_TF | FL_DF | FL_OF |
		     FL_AC | FL_ID
};
enum { HIDDEN_FLAGS = FL_IF | FL_IOPL | FL_VIF | FL_VIP | FL_VM };
enum { GONE_FLAGS = FL_TF | FL_NT | FL_RF | FL_VM | FL_VIF | FL_VIP };

/* An error code, or NO_ERROR: no error code of a fault has these bits. */
#define NO_ERROR 0xffffffffu

/* The flags as the guest's kernel is to see them. */
ALWAYS_INLINE u32 visible_flags(const struct vm *vm, const struct trapframe *tf)
{
	return (tf->eflags & ~(u32)HIDDEN_FLAGS) | vm->cpu.vflags |
	       (vm->cpu.vif ? FL_IF : 0);
}

/* The guest is at its handler: as the long way's enter_handler, but for stack and mode. */
ALWAYS_INLINE void land(struct vm *vm, struct trapframe *tf, const struct quick_gate *g)
{
	tf->cs = g->cs;
	tf->eip = g->eip;
	tf->eflags &= ~(u32)GONE_FLAGS;
	if (g->interrupt)
		vm->cpu.vif = false;
	else if (vm->cpu.vif && cpu_features.pvi)
		tf->eflags |= FL_VIF;
}

/*
 * From user mode, with the kernel's root loaded and SMAP open. Gate and inner stack
 * segment, read now, are as remembered; IDT and TSS lie where they lay then. Returns the
 * new stack pointer, 0 on failure: then part of the frame may be written, which harms
 * nobody, as it lies below the stack pointer.
 */
ALWAYS_INLINE u32 push_inner(const struct vm *vm, const struct trapframe *tf,
			     const struct quick_gate *g, u32 error)
{
	u32 tss = vm->cpu.tss_base, esp;

	PEEK_IS_OR(g->at, 0, g->lo, no);
	PEEK_IS_OR(g->at, 4, g->hi, no);
	PEEK_IS_OR(tss, TSS_SS0, vm->quick.ss0, no);
	PEEK_OR(tss, TSS_ESP0, esp, no);
	esp -= FRAME_MOST;
	if (esp > HOST_BASE - FRAME_MOST)
		return 0;
	if (error != NO_ERROR)
		POKE_OR(esp, 0, error, no);
	POKE_OR(esp, 4, tf->eip, no);
	POKE_OR(esp, 8, tf->cs, no);
	POKE_OR(esp, 12, visible_flags(vm, tf), no);
	POKE_OR(esp, 16, tf->esp, no);
	POKE_OR(esp, 20, tf->ss, no);
	return error == NO_ERROR ? esp + 4 : esp;
no:
	return 0;
}

ALWAYS_INLINE bool enter_kernel(struct vm *vm, struct trapframe *tf,
				const struct quick_gate *g, u32 error)
{
	u32 top;

	mode_load_view(vm, VMODE_KERNEL);
	peek_open();
	top = push_inner(vm, tf, g, error);
	peek_close();
	if (!top) {
		mode_return_view(vm);
		return false;
	}
	tf->esp = top;
	tf->ss = vm->quick.kernel_ss;
	land(vm, tf, g);
	mode_set(vm, VMODE_KERNEL);
	return true;
}

/* The same from the kernel itself: its stack goes on. */
ALWAYS_INLINE u32 push_same(const struct vm *vm, const struct trapframe *tf,
			    const struct quick_gate *g, u32 error)
{
	u32 esp = tf->esp - FRAME_SAME - 4;

	if (esp > HOST_BASE - FRAME_MOST)
		return 0;
	PEEK_IS_OR(g->at, 0, g->lo, no);
	PEEK_IS_OR(g->at, 4, g->hi, no);
	if (error != NO_ERROR)
		POKE_OR(esp, 0, error, no);
	POKE_OR(esp, 4, tf->eip, no);
	POKE_OR(esp, 8, tf->cs & ~(u32)SEL_RPL, no);
	POKE_OR(esp, 12, visible_flags(vm, tf), no);
	return error == NO_ERROR ? esp + 4 : esp;
no:
	return 0;
}

static HOT NOINLINE bool stay_in_kernel(struct vm *vm, const struct quick_gate *g,
					u32 error)
{
	struct trapframe *tf = vm->tf;
	u32 top;

	if (tf->ss != vm->quick.kernel_ss)
		return false;
	mode_read_vif(vm);
	peek_open();
	top = push_same(vm, tf, g, error);
	peek_close();
	if (!top)
		return false;
	tf->esp = top;
	land(vm, tf, g);
	return true;
}

/* A gate that was never learned has no `at`. */
ALWAYS_INLINE bool deliver(struct vm *vm, const struct quick_gate *g, u32 error)
{
	if (!g->hi)
		return false;
	if (vm->cpu.mode == VMODE_USER)
		return enter_kernel(vm, vm->tf, g, error);
	return stay_in_kernel(vm, g, error);
}

HOT bool quick_interrupt(struct vm *vm, u8 vector)
{
	return deliver(vm, &vm->quick.gate[vector], NO_ERROR);
}

HOT bool quick_fault(struct vm *vm, u32 error)
{
	return deliver(vm, &vm->quick.gate[VEC_PF], error);
}

HOT void exit_syscall(struct vm *vm)
{
	const struct quick_gate *g = &vm->quick.gate[VEC_SYSCALL];

	vm->stats.syscalls++;
	if (g->open && deliver(vm, g, NO_ERROR))
		attend_if_due(vm);
	else
		exit_slowly(vm);
}

/* What an iret pops, but for the selectors. */
struct iret_frame {
	u32 eip, eflags, esp;
};

/* The instruction is an iret, and it goes where the last one went. */
ALWAYS_INLINE bool read_iret(const struct quick *q, u32 eip, u32 esp,
			     struct iret_frame *w)
{
	u32 to_eip, flags, to_esp;

	PEEK_BYTE_IS_OR(eip, BYTE_IRET, no);
	PEEK_IS_OR(esp, 4, q->user_cs, no);
	PEEK_IS_OR(esp, 16, q->user_ss, no);
	PEEK_OR(esp, 0, to_eip, no);
	PEEK_OR(esp, 8, flags, no);
	PEEK_OR(esp, 12, to_esp, no);
	*w = (struct iret_frame){.eip = to_eip, .eflags = flags, .esp = to_esp};
	return !(flags & (FL_VM | FL_NT));
no:
	return false;
}

/* A data segment that user mode may keep: none, or the one it had last time. */
ALWAYS_INLINE bool may_keep(const struct quick *q, u32 sel)
{
	return sel == q->user_data || sel == 0;
}

ALWAYS_INLINE bool segments_stay(const struct quick *q, const struct trapframe *tf)
{
	u32 fs = read_fs(), gs = read_gs();

	return may_keep(q, tf->ds) && may_keep(q, tf->es) &&
	       (!(fs | gs) || (may_keep(q, fs) && may_keep(q, gs)));
}

/* From a flat kernel on its flat stack. */
ALWAYS_INLINE bool may_iret(const struct quick *q, const struct trapframe *tf)
{
	return tf->cs == q->kernel_cs && tf->ss == q->kernel_ss &&
	       !(tf->eflags & (FL_NT | FL_TF)) && tf->eip < HOST_BASE &&
	       tf->esp <= HOST_BASE - FRAME_INNER;
}

static HOT NOINLINE void refill_after_fault(struct vm *vm)
{
	vm->quick.fault_eip = 0;
	if (refill(vm, gva(vm->quick.fault_va), vm->quick.fault_access) == REFILL_DONE)
		vm->stats.faults_hidden++;
}

/* The guest's flags are those of the frame, as far as iret sets them. */
ALWAYS_INLINE void restore_flags(struct vm *vm, struct trapframe *tf, u32 flags)
{
	tf->eflags = (tf->eflags & ~(u32)(IRET_FLAGS | FL_RF | FL_VIF | FL_VIP)) |
		     (flags & IRET_FLAGS);
	vm->cpu.vflags = flags & FL_IOPL;
	vm->cpu.vif = flags & FL_IF;
}

ALWAYS_INLINE void return_to(struct vm *vm, struct trapframe *tf,
			     const struct iret_frame *w)
{
	tf->eip = w->eip;
	tf->cs = vm->quick.user_cs;
	tf->esp = w->esp;
	tf->ss = vm->quick.user_ss;
	restore_flags(vm, tf, w->eflags);
	mode_set(vm, VMODE_USER);
	mode_load_view(vm, VMODE_USER);
}

ALWAYS_INLINE bool iret(struct vm *vm, struct trapframe *tf)
{
	struct iret_frame w;
	bool ok;

	if (!may_iret(&vm->quick, tf) || !segments_stay(&vm->quick, tf))
		return false;
	peek_open();
	ok = read_iret(&vm->quick, tf->eip, tf->esp, &w);
	peek_close();
	if (ok)
		return_to(vm, tf, &w);
	return ok;
}

/* Of a frame that the kernel's own code was interrupted in: EIP, CS, flags. */
ALWAYS_INLINE bool read_same(const struct quick *q, u32 esp, u32 *eip, u32 *eflags)
{
	u32 to_eip, flags;

	PEEK_IS_OR(esp, 4, q->kernel_cs & ~(u32)SEL_RPL, no);
	PEEK_OR(esp, 0, to_eip, no);
	PEEK_OR(esp, 8, flags, no);
	*eip = to_eip;
	*eflags = flags;
	return !(flags & (FL_VM | FL_NT));
no:
	return false;
}

HOT bool quick_iret_same(struct vm *vm)
{
	struct trapframe *tf = vm->tf;
	u32 eip, flags;
	bool ok;

	if (vm->cpu.mode != VMODE_KERNEL || vm->segs.untraced ||
	    !may_iret(&vm->quick, tf))
		return false;
	peek_open();
	ok = read_same(&vm->quick, tf->esp, &eip, &flags);
	peek_close();
	if (!ok)
		return false;
	tf->eip = eip;
	tf->esp += FRAME_SAME;
	restore_flags(vm, tf, flags);
	if (vm->cpu.vif && cpu_features.pvi)
		tf->eflags |= FL_VIF;
	return true;
}

HOT void exit_not_present(struct vm *vm)
{
	if (!iret(vm, vm->tf)) {
		exit_protection(vm);
		return;
	}
	if (vm->tf->eip == vm->quick.fault_eip)
		refill_after_fault(vm);
	attend_if_due(vm);
}

/* The guest's own fault; its kernel will most likely map the page. */
static HOT NOINLINE void true_fault(struct vm *vm, u32 present)
{
	struct trapframe *tf = vm->tf;
	u32 write = tf->error & PF_W, user = vm->cpu.mode == VMODE_USER ? PF_U : 0;
	u32 va = read_cr2();

	vm->quick.fault_eip = tf->eip;
	if (!deliver(vm, &vm->quick.gate[VEC_PF], present | write | user)) {
		write_cr2(va); /* the attempt may have faulted, too */
		exit_slowly(vm);
		return;
	}
	vm->quick.fault_va = vm->cpu.cr2 = va;
	vm->quick.fault_access = write ? ACC_WRITE : ACC_READ;
	vm->stats.faults_true++;
	attend_if_due(vm);
}

/* The guest's kernel writes to what is mapped, but read-only: as every traced page is. */
ALWAYS_INLINE bool may_be_traced(const struct vm *vm)
{
	return (vm->tf->error & (PF_P | PF_W)) == (PF_P | PF_W) &&
	       vm->cpu.mode == VMODE_KERNEL;
}

HOT void exit_page_fault(struct vm *vm)
{
	gva_t v = gva(read_cr2());
	enum refilled r = REFILL_UNSURE;

	if (v.a < HOST_BASE && may_be_traced(vm) && dirwrite(vm, v)) {
		attend_if_due(vm);
		return;
	}
	if (v.a < HOST_BASE)
		r = refill(vm, v, vm->tf->error & PF_W ? ACC_WRITE : ACC_READ);
	if (r == REFILL_DONE) {
		vm->stats.faults_hidden++;
		attend_if_due(vm);
	} else if (r == REFILL_UNSURE) {
		exit_fault_slowly(vm);
	} else {
		true_fault(vm, r == REFILL_DENIED ? PF_P : 0);
	}
}
