/*
 * What the quick ways remember: looked at after a long way has done the same, when it is
 * known to be right.
 */
#include "kernel/lib.h"
#include "kernel/options.h"
#include "kernel/peek.h"
#include "vmm/quick.h"
#include "vmm/vm.h"

enum { GATE_TYPE = 0x1f00, GATE_INTERRUPT = 0x0e00, GATE_DPL = 0x6000 };
enum { TSS_SS0 = 8, TSS_NEEDED = 12, GATE_BYTES = 8, SEL_RPL = 3 };

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
	vm->quick.adopts = vm->quick.refills;
	vm->quick.flushes = vm->quick.on && vm->shadow.form == &cached_form;
}

/* n bytes at `at` lie in one page of the guest's part. */
static bool in_one_page(u32 at, u32 n)
{
	return at < HOST_BASE && (at & PAGE_MASK) <= PAGE_SIZE - n;
}

/* Is it a flat data or code segment? Only such are remembered. */
static bool is_flat(struct vm *vm, u32 sel)
{
	struct descriptor d = vm->segs.view[VMODE_KERNEL][(sel & (GDT_BYTES - 1)) >> 3];

	return !(d.lo >> 16) && !(d.hi & DESC_BASE) && d.hi & DESC_PAGES &&
	       desc_limit(d) == ~0u;
}

/* Gate and SS0 as they stand in the guest's memory. */
static bool read_landing(const struct vm *vm, struct quick_gate *g, u32 *ss0)
{
	u32 tss = vm->cpu.tss_base;
	bool ok;

	if (!in_one_page(g->at, GATE_BYTES) || !in_one_page(tss, TSS_NEEDED) ||
	    vm->cpu.tss_limit < TSS_NEEDED)
		return false;
	peek_open();
	ok = peek_words(g->at, &g->lo, 1) && peek_words(g->at + 4, &g->hi, 1) &&
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
	struct quick_gate g = {.at = vm->cpu.idtr.base + vector * GATE_BYTES};
	u32 ss0;

	if (!vm->quick.on || vm->cpu.mode != VMODE_KERNEL || !is_flat(vm, tf->ss) ||
	    !read_landing(vm, &g, &ss0))
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
