/*
 * Far transfers and segment loads, by the rules of the virtual CPU: privilege is the
 * virtual one (kernel 0, user 3), descriptors are the guest's own.
 */
#include "kernel/asm.h"
#include "kernel/lib.h"
#include "kernel/segload.h"
#include "vmm/inject.h"
#include "vmm/mode.h"
#include "vmm/vm.h"

enum { SEL_RPL = 3 };

static bool fault(struct gfault *f, u8 vector, u32 error)
{
	*f = (struct gfault){.vector = vector, .has_error = true, .error = error};
	return false;
}

static unsigned dpl(struct descriptor d)
{
	return (d.hi & DESC_DPL) >> DESC_DPL_SHIFT;
}

static unsigned cpl(const struct vm *vm)
{
	return vm->cpu.mode == VMODE_KERNEL ? 0 : 3;
}

/* The selector that is really in the register. */
static u16 real_selector(const struct vm *vm, enum sreg s)
{
	switch (s) {
	case SEG_ES:
		return (u16)vm->tf->es;
	case SEG_CS:
		return (u16)vm->tf->cs;
	case SEG_SS:
		return (u16)vm->tf->ss;
	case SEG_DS:
		return (u16)vm->tf->ds;
	case SEG_FS:
		return read_fs();
	default:
		return read_gs();
	}
}

u16 cpu_selector(struct vm *vm, enum sreg s)
{
	u16 sel = real_selector(vm, s);

	if (vm->cpu.mode == VMODE_KERNEL && (s == SEG_CS || s == SEG_SS))
		return sel & ~SEL_RPL;
	return sel;
}

void cpu_segment(struct vm *vm, enum sreg s, struct segment *out)
{
	u16 sel = real_selector(vm, s);
	struct descriptor d = vm->segs.view[vm->cpu.mode][(sel & (GDT_BYTES - 1)) >> 3];
	bool code = d.hi & DESC_CODE;

	*out = (struct segment){
		.base = desc_base(d),
		.limit = desc_limit(d),
		.present = sel >> 3 && d.hi & DESC_PRESENT,
		.code = code,
		.readable = !code || d.hi & DESC_READABLE,
		.writable = !code && d.hi & DESC_WRITABLE,
		.expand_down = !code && d.hi & DESC_DOWN,
		.big = d.hi & DESC_BIG,
	};
}

/* SS: writable data of exactly our privilege, RPL too (SDM vol. 2, MOV). */
static bool check_stack(struct vm *vm, u16 sel, unsigned level, struct gfault *f)
{
	struct descriptor d;
	u32 name = sel & ~SEL_RPL;

	if (!name)
		return fault(f, VEC_GP, 0);
	if (!segs_guest(vm, sel, &d) || !(d.hi & DESC_SEGMENT) || d.hi & DESC_CODE ||
	    !(d.hi & DESC_WRITABLE) || (sel & SEL_RPL) != level || dpl(d) != level)
		return fault(f, VEC_GP, name);
	if (!(d.hi & DESC_PRESENT))
		return fault(f, VEC_SS, name);
	return true;
}

static bool check_data(struct vm *vm, u16 sel, struct gfault *f)
{
	struct descriptor d;
	u32 name = sel & ~SEL_RPL;
	bool conforming;

	if (!name)
		return true;
	if (!segs_guest(vm, sel, &d) || !(d.hi & DESC_SEGMENT) ||
	    (d.hi & DESC_CODE && !(d.hi & DESC_READABLE)))
		return fault(f, VEC_GP, name);
	conforming = d.hi & DESC_CODE && d.hi & DESC_CONFORMING;
	if (!conforming && max_u32(cpl(vm), sel & SEL_RPL) > dpl(d))
		return fault(f, VEC_GP, name);
	if (!(d.hi & DESC_PRESENT))
		return fault(f, VEC_NP, name);
	return true;
}

bool cpu_load_segment(struct vm *vm, enum sreg s, u16 sel, struct gfault *f)
{
	if (s == SEG_SS) {
		if (!check_stack(vm, sel, cpl(vm), f))
			return false;
		vm->tf->ss = sel | SEL_RPL;
		return true;
	}
	segs_refresh(vm);
	if (!check_data(vm, sel, f))
		return false;
	switch (s) {
	case SEG_ES:
		vm->tf->es = sel;
		return true;
	case SEG_DS:
		vm->tf->ds = sel;
		return true;
	case SEG_FS:
		return load_fs(sel) || fault(f, VEC_GP, sel & ~SEL_RPL);
	default:
		return load_gs(sel) || fault(f, VEC_GP, sel & ~SEL_RPL);
	}
}

/*
 * A code segment to go to at privilege `level` (0 or 3). `error` names it in a fault.
 */
static bool check_code(struct vm *vm, u16 sel, unsigned level, struct gfault *f)
{
	struct descriptor d;
	u32 name = sel & ~SEL_RPL;

	if (!name)
		return fault(f, VEC_GP, 0);
	if (!segs_guest(vm, sel, &d) || !(d.hi & DESC_SEGMENT) || !(d.hi & DESC_CODE))
		return fault(f, VEC_GP, name);
	if (d.hi & DESC_CONFORMING ? dpl(d) > level : dpl(d) != level)
		return fault(f, VEC_GP, name);
	if (!(d.hi & DESC_PRESENT))
		return fault(f, VEC_NP, name);
	return true;
}

/* Data segments that an outer level must not keep (SDM vol. 2, IRET; TRAPS 21). */
static bool must_null(struct vm *vm, u16 sel)
{
	struct descriptor d;

	if (!(sel & ~SEL_RPL))
		return false;
	if (!segs_guest(vm, sel, &d))
		return true;
	if (d.hi & DESC_CODE && d.hi & DESC_CONFORMING)
		return false;
	return dpl(d) < 3;
}

static void null_inner_segments(struct vm *vm)
{
	if (must_null(vm, (u16)vm->tf->ds))
		vm->tf->ds = 0;
	if (must_null(vm, (u16)vm->tf->es))
		vm->tf->es = 0;
	if (must_null(vm, read_fs()))
		load_fs(0);
	if (must_null(vm, read_gs()))
		load_gs(0);
}

/* n 32-bit words from the top of the guest's stack. */
static bool peek_stack(struct vm *vm, u32 *word, u32 n, struct gfault *f)
{
	struct segment ss;

	cpu_segment(vm, SEG_SS, &ss);
	return gva_read(vm, gva(ss.base + vm->tf->esp), word, n * 4, ACC_READ, f);
}

/* To user mode: its own stack comes with it. The checks were done. */
static void go_outer(struct vm *vm, u16 cs, u32 eip, u16 ss, u32 esp)
{
	null_inner_segments(vm);
	mode_switch(vm, VMODE_USER);
	vm->tf->cs = cs;
	vm->tf->eip = eip;
	vm->tf->ss = ss;
	vm->tf->esp = esp;
}

enum { IRET_EIP, IRET_CS, IRET_FLAGS, IRET_ESP, IRET_SS };

static bool iret_outer(struct vm *vm, struct gfault *f)
{
	u32 w[5];

	if (!peek_stack(vm, w, 5, f) || !check_code(vm, (u16)w[IRET_CS], 3, f) ||
	    !check_stack(vm, (u16)w[IRET_SS], 3, f))
		return false;
	cpu_set_flags(vm, w[IRET_FLAGS], true);
	go_outer(vm, (u16)w[IRET_CS], w[IRET_EIP], (u16)w[IRET_SS], w[IRET_ESP]);
	return true;
}

static bool iret_same(struct vm *vm, const u32 *w, struct gfault *f)
{
	if (!check_code(vm, (u16)w[IRET_CS], cpl(vm), f))
		return false;
	cpu_set_flags(vm, w[IRET_FLAGS], true);
	vm->tf->cs = w[IRET_CS] | SEL_RPL;
	vm->tf->eip = w[IRET_EIP];
	vm->tf->esp += 12;
	return true;
}

bool cpu_iret(struct vm *vm, unsigned size, struct gfault *f)
{
	u32 w[3];

	if (size != 4)
		vm_die(vm, "16-bit iret");
	if (vm->tf->eflags & FL_NT)
		vm_die(vm, "iret with NT set: task switches are not supported");
	segs_refresh(vm);
	if (!peek_stack(vm, w, 3, f))
		return false;
	if (w[IRET_FLAGS] & FL_VM && vm->cpu.mode == VMODE_KERNEL)
		vm_die(vm, "iret to virtual-8086 mode");
	if ((w[IRET_CS] & SEL_RPL) == 3 && vm->cpu.mode == VMODE_KERNEL)
		return iret_outer(vm, f);
	if ((w[IRET_CS] & SEL_RPL) != cpl(vm))
		return fault(f, VEC_GP, w[IRET_CS] & 0xfffc);
	return iret_same(vm, w, f);
}

bool cpu_far_ret(struct vm *vm, unsigned size, u32 extra_pop, struct gfault *f)
{
	u32 w[4];

	if (size != 4)
		vm_die(vm, "16-bit far return");
	segs_refresh(vm);
	if (!peek_stack(vm, w, 2, f))
		return false;
	if ((w[1] & SEL_RPL) == cpl(vm)) {
		if (!check_code(vm, (u16)w[1], cpl(vm), f))
			return false;
		vm->tf->eip = w[0];
		vm->tf->cs = (w[1] & 0xffff) | SEL_RPL;
		vm->tf->esp += 8 + extra_pop;
		return true;
	}
	if (vm->cpu.mode == VMODE_USER || (w[1] & SEL_RPL) != 3)
		return fault(f, VEC_GP, w[1] & 0xfffc);
	vm->tf->esp += extra_pop;
	if (!peek_stack(vm, w, 4, f)) {
		vm->tf->esp -= extra_pop;
		return false;
	}
	vm_die(vm, "far return to user mode");
}

bool cpu_far_jump(struct vm *vm, u16 sel, u32 offset, struct gfault *f)
{
	segs_refresh(vm);
	if (!check_code(vm, sel, cpl(vm), f))
		return false;
	vm->tf->cs = sel | SEL_RPL;
	vm->tf->eip = offset;
	return true;
}

bool cpu_far_call(struct vm *vm, u16 sel, u32 offset, unsigned size, u32 next_eip,
		  struct gfault *f)
{
	struct segment ss;
	u32 w[2] = {next_eip, cpu_selector(vm, SEG_CS)};

	if (size != 4)
		vm_die(vm, "16-bit far call");
	segs_refresh(vm);
	if (!check_code(vm, sel, cpl(vm), f))
		return false;
	cpu_segment(vm, SEG_SS, &ss);
	if (!gva_write(vm, gva(ss.base + vm->tf->esp - sizeof w), w, sizeof w,
		       ACC_WRITE, f))
		return false;
	vm->tf->esp -= sizeof w;
	vm->tf->cs = sel | SEL_RPL;
	vm->tf->eip = offset;
	return true;
}

bool cpu_soft_int(struct vm *vm, unsigned n, u32 next_eip, struct gfault *f)
{
	struct trap_event e = {
		.vector = (u8)n, .source = TRAP_SOFTWARE, .eip = next_eip};

	return inject_once(vm, &e, f);
}

/* A system descriptor of the given type, for lldt and ltr. */
static bool system_descriptor(struct vm *vm, u16 sel, u32 type, struct descriptor *d,
			      struct gfault *f)
{
	enum { TYPE = 0x1f00 };
	u32 name = sel & ~SEL_RPL;

	if (!segs_guest(vm, sel, d) || (d->hi & TYPE) != type)
		return fault(f, VEC_GP, name);
	if (!(d->hi & DESC_PRESENT))
		return fault(f, VEC_NP, name);
	return true;
}

bool cpu_lldt(struct vm *vm, u16 sel, struct gfault *f)
{
	struct descriptor d;

	if (sel & ~SEL_RPL && !system_descriptor(vm, sel, DESC_TYPE_LDT, &d, f))
		return false;
	vm->cpu.ldtr = sel & ~SEL_RPL ? sel : 0;
	return true;
}

/* Marks the descriptor busy in the guest's table, as the CPU does (TRAPS 45). */
bool cpu_ltr(struct vm *vm, u16 sel, struct gfault *f)
{
	struct descriptor d;

	segs_refresh(vm);
	if (!(sel & ~SEL_RPL))
		return fault(f, VEC_GP, 0);
	if (!system_descriptor(vm, sel, DESC_TYPE_TSS, &d, f))
		return false;
	d.hi |= DESC_TYPE_TSS_BUSY;
	if (!gva_write(vm, gva(vm->cpu.gdtr.base + (sel & ~7u)), &d, sizeof d,
		       ACC_SYSTEM, f))
		return false;
	vm->cpu.tr = sel;
	vm->cpu.tss_base = desc_base(d);
	vm->cpu.tss_limit = desc_limit(d);
	quick_forget(vm);
	return true;
}
