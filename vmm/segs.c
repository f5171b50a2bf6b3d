/*
 * The shadow GDTs.
 */
#include "vmm/segs.h"
#include "kernel/asm.h"
#include "kernel/event.h"
#include "kernel/heap.h"
#include "kernel/lib.h"
#include "vmm/vm.h"
#include "vmm/walk.h"

enum { SLOTS = (GUEST_GDT_LIMIT + 1) / sizeof(struct descriptor) };
enum { SEL_TABLE = 4, SEL_RPL = 3 };

static struct descriptor *slot(struct vm *vm, enum vmode view, u16 sel)
{
	return &vm->segs.view[view][sel >> 3];
}

bool segs_create(struct vm *vm)
{
	struct segs *s = &vm->segs;

	*s = (struct segs){0};
	for (unsigned v = 0; v < 2; v++) {
		s->view[v] = heap_alloc(GDT_BYTES);
		if (!s->view[v])
			return false;
		s->ref[v].base = (u32)(uintptr_t)s->view[v];
		s->ref[v].limit = GDT_BYTES - 1;
		gdt_host_slots(s->view[v]);
	}
	*slot(vm, VMODE_USER, SEL_CARRY_CODE) = (struct descriptor){0, 0};
	*slot(vm, VMODE_USER, SEL_CARRY_DATA) = (struct descriptor){0, 0};
	return true;
}

void segs_destroy(struct vm *vm)
{
	for (unsigned v = 0; v < 2; v++)
		if (vm->segs.view[v])
			heap_free(vm->segs.view[v]);
	vm->segs = (struct segs){0};
}

/* One slot of the guest's table; all zero where it cannot be read. */
static struct descriptor read_slot(struct vm *vm, u32 i)
{
	struct descriptor d = {0, 0};
	struct gfault f;
	u32 at = i * sizeof d;

	if (at + sizeof d - 1 <= vm->cpu.gdtr.limit)
		if (!gva_read(vm, gva(vm->cpu.gdtr.base + at), &d, sizeof d,
			      ACC_READ | ACC_SYSTEM, &f))
			d = (struct descriptor){0, 0};
	return d;
}

static unsigned dpl(struct descriptor d)
{
	return (d.hi & DESC_DPL) >> DESC_DPL_SHIFT;
}

/* What the guest's descriptor becomes in a view: see the table in segs.h. */
static struct descriptor shadow_of(struct descriptor d, enum vmode view)
{
	if (!(d.hi & DESC_SEGMENT))
		return (struct descriptor){0, 0};
	d.hi |= DESC_ACCESSED;
	if (view == VMODE_USER)
		return d;
	if (dpl(d) == 3 && d.hi & DESC_CODE)
		d.hi &= ~(u32)DESC_PRESENT;
	d.hi |= DESC_DPL;
	return d;
}

static bool set_slot(struct vm *vm, u32 i, struct descriptor guest)
{
	bool changed = false;

	for (unsigned v = 0; v < 2; v++) {
		struct descriptor d = shadow_of(guest, v), *at = &vm->segs.view[v][i];

		changed |= at->lo != d.lo || at->hi != d.hi;
		*at = d;
	}
	return changed;
}

/*
 * Slot 0 is the null descriptor whatever the guest has there. True: something changed.
 */
static bool rebuild(struct vm *vm)
{
	u32 count = min_u32((vm->cpu.gdtr.limit + 1u) / sizeof(struct descriptor),
			    SLOTS);
	u32 end = max_u32(count, vm->segs.filled);
	bool changed = false;

	for (u32 i = 1; i < end; i++) {
		struct descriptor none = {0, 0};

		changed |= set_slot(vm, i, i < count ? read_slot(vm, i) : none);
	}
	vm->segs.filled = count;
	vm->segs.stale = false;
	if (changed)
		quick_forget(vm);
	return changed;
}

static void untrace_pages(struct vm *vm)
{
	for (u32 i = 0; i < vm->segs.pages; i++)
		trace_clear(vm, vm->segs.page[i], TRACE_GDT);
	vm->segs.pages = 0;
}

static void trace_page_of(struct vm *vm, u32 at)
{
	struct segs *s = &vm->segs;
	struct walk w;
	u32 error;

	if (!walk(vm, gva(at), ACC_READ | ACC_SYSTEM, &w, &error))
		return;
	s->page[s->pages] = gpa_page(w.page);
	trace_set(vm, s->page[s->pages++], TRACE_GDT);
}

static void trace_pages(struct vm *vm)
{
	u32 first = vm->cpu.gdtr.base;
	u32 last = first + min_u32(vm->cpu.gdtr.limit, GUEST_GDT_LIMIT);

	untrace_pages(vm);
	if (vm->segs.untraced)
		return;
	trace_page_of(vm, first);
	if (last >> PAGE_SHIFT != first >> PAGE_SHIFT)
		trace_page_of(vm, last);
}

void segs_load(struct vm *vm)
{
	vm->segs.untraced = false;
	vm->segs.useless = 0;
	rebuild(vm);
	trace_pages(vm);
	segs_carry(vm);
}

void segs_written(struct vm *vm)
{
	vm->segs.stale = true;
	vm->attention |= ATTEND_GDT;
}

void segs_untrace(struct vm *vm)
{
	vm->segs.untraced = true;
	untrace_pages(vm);
	segs_written(vm);
	event("gdt.untrace", "vm=%u", vm->id);
}

void segs_refresh(struct vm *vm)
{
	struct segs *s = &vm->segs;

	if (!s->stale && !s->untraced)
		return;
	if (rebuild(vm) || s->untraced)
		s->useless = 0;
	else if (++s->useless > GDT_TRACE_LIMIT)
		segs_untrace(vm);
}

bool segs_guest(struct vm *vm, u16 sel, struct descriptor *out)
{
	u16 index = sel & ~SEL_RPL;

	if (vm->cpu.mode == VMODE_KERNEL && (index == (SEL_CARRY_CODE & ~SEL_RPL) ||
					     index == (SEL_CARRY_DATA & ~SEL_RPL))) {
		*out = desc_flat(index == (SEL_CARRY_CODE & ~SEL_RPL) ? DESC_CODE : 0,
				 0);
		return true;
	}
	if (index == 0)
		return false;
	if (sel & SEL_TABLE) {
		if (vm->cpu.ldtr)
			vm_die(vm, "uses LDT selector 0x%x; LDTs are not supported",
			       sel);
		return false;
	}
	if ((index | 7u) > min_u32(vm->cpu.gdtr.limit, GUEST_GDT_LIMIT))
		return false;
	*out = read_slot(vm, sel >> 3);
	return true;
}

/* Would this shadow descriptor still do for what the register is used as? */
static bool usable(struct vm *vm, u32 sel, bool code)
{
	u32 hi = slot(vm, vm->cpu.mode, (u16)sel)->hi;

	if (sel >> 3 == 0)
		return !code;
	return hi & DESC_PRESENT && hi & DESC_SEGMENT &&
	       (hi & DESC_CODE) == (code ? DESC_CODE : 0u);
}

void segs_carry(struct vm *vm)
{
	struct trapframe *tf = vm->tf;

	if (vm->cpu.mode != VMODE_KERNEL)
		return;
	if (!usable(vm, tf->cs, true))
		tf->cs = SEL_CARRY_CODE;
	if (tf->ss >> 3 == 0 || !usable(vm, tf->ss, false))
		tf->ss = SEL_CARRY_DATA;
	if (!usable(vm, tf->ds, false))
		tf->ds = SEL_CARRY_DATA;
	if (!usable(vm, tf->es, false))
		tf->es = SEL_CARRY_DATA;
}
