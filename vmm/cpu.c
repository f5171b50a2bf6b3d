/*
 * The virtual CPU's flags, control registers and identity.
 */
#include "vmm/cpu.h"
#include "kernel/asm.h"
#include "kernel/cpu.h"
#include "kernel/event.h"
#include "vmm/mode.h"
#include "vmm/vm.h"

/* EFLAGS bits that are virtual: what is really in the register is ours. */
enum { VIRTUAL_FLAGS = FL_IF | FL_IOPL | FL_VIF | FL_VIP | FL_VM };
/*
 * What popf may change at all (SDM vol. 2, POPF): status, TF, DF, NT, AC, ID; IF and
 * IOPL apart.
 */
enum {
	POPF_FLAGS = FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_TF | FL_DF | FL_OF |
		     FL_NT | FL_AC | FL_ID
};
enum { LOW_HALF = 0xffff };

enum {
	CR0_KEPT = CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_NE | CR0_WP | CR0_AM | CR0_NW
};
enum { CR4_ALLOWED = CR4_TSD | CR4_DE | CR4_PSE | CR4_MCE | CR4_PGE | CR4_PCE };

u32 cpu_flags(const struct vm *vm)
{
	return (vm->tf->eflags & ~(u32)VIRTUAL_FLAGS) | vm->cpu.vflags |
	       (vm->cpu.vif ? FL_IF : 0);
}

void cpu_set_if(struct vm *vm, bool on)
{
	vm->cpu.vif = on;
	if (mode_has_pvi(vm))
		vm->tf->eflags = (vm->tf->eflags & ~(u32)(FL_VIF | FL_VIP)) |
				 (on ? FL_VIF : 0);
}

void cpu_set_flags(struct vm *vm, u32 value, bool wide)
{
	bool kernel = vm->cpu.mode == VMODE_KERNEL;
	bool io_level = kernel || (vm->cpu.vflags & FL_IOPL) == FL_IOPL;
	u32 may = POPF_FLAGS & (wide ? ~0u : LOW_HALF);

	vm->tf->eflags = (vm->tf->eflags & ~may) | (value & may);
	if (wide)
		vm->tf->eflags &= ~(u32)FL_RF;
	if (kernel)
		vm->cpu.vflags = value & FL_IOPL;
	if (io_level)
		cpu_set_if(vm, value & FL_IF);
}

void cpu_cli(struct vm *vm)
{
	cpu_set_if(vm, false);
}

void cpu_sti(struct vm *vm)
{
	if (!vm->cpu.vif)
		vm->cpu.shadow = true;
	cpu_set_if(vm, true);
}

void cpu_hlt(struct vm *vm)
{
	vm->cpu.halted = true;
	vm->attention |= ATTEND_HOST;
}

u32 cpu_read_cr(struct vm *vm, unsigned n)
{
	switch (n) {
	case 0:
		return vm->cpu.cr0;
	case 2:
		return vm->cpu.cr2;
	case 3:
		return vm->cpu.cr3;
	default:
		return vm->cpu.cr4;
	}
}

static bool general_protection(struct gfault *f)
{
	*f = (struct gfault){.vector = VEC_GP, .has_error = true};
	return false;
}

static bool write_cr0_virtual(struct vm *vm, u32 value, struct gfault *f)
{
	u32 old = vm->cpu.cr0, new = (value & (CR0_KEPT | CR0_CD | CR0_PG)) | CR0_ET;

	if (value & CR0_PG && !(value & CR0_PE))
		return general_protection(f);
	if (value & CR0_NW && !(value & CR0_CD))
		return general_protection(f);
	if (!(value & CR0_PE))
		vm_die(vm, "switches to real mode, which is not supported");
	vm->cpu.cr0 = new;
	if ((old ^ new) & (CR0_PG | CR0_WP))
		mode_flush(vm);
	fpu_switch(vm);
	return true;
}

static bool write_cr4_virtual(struct vm *vm, u32 value, struct gfault *f)
{
	u32 old = vm->cpu.cr4;

	if (value & ~(u32)CR4_ALLOWED)
		return general_protection(f);
	vm->cpu.cr4 = value;
	if ((old ^ value) & (CR4_PSE | CR4_PGE))
		mode_flush(vm);
	return true;
}

bool cpu_write_cr(struct vm *vm, unsigned n, u32 value, struct gfault *f)
{
	switch (n) {
	case 0:
		return write_cr0_virtual(vm, value, f);
	case 2:
		vm->cpu.cr2 = value;
		return true;
	case 3:
		vm->cpu.cr3 = value;
		vm->stats.cr3_loads++;
		if (vm->cpu.cr0 & CR0_PG)
			mode_load_cr3(vm);
		return true;
	default:
		return write_cr4_virtual(vm, value, f);
	}
}

void cpu_clts(struct vm *vm)
{
	vm->cpu.cr0 &= ~(u32)CR0_TS;
	fpu_switch(vm);
}

/* PE can be set by lmsw, never cleared (SDM vol. 2, LMSW). */
void cpu_lmsw(struct vm *vm, u16 value)
{
	u32 low = CR0_MP | CR0_EM | CR0_TS;

	vm->cpu.cr0 = (vm->cpu.cr0 & ~low) | (value & low);
	fpu_switch(vm);
}

u32 cpu_read_dr(struct vm *vm, unsigned n)
{
	return vm->cpu.dr[n & 7];
}

/*
 * Kept and given back, without effect: no breakpoint of a guest reaches the hardware.
 */
void cpu_write_dr(struct vm *vm, unsigned n, u32 value)
{
	vm->cpu.dr[n & 7] = value;
}

void cpu_invlpg(struct vm *vm, gva_t v)
{
	if (vm->cpu.cr0 & CR0_PG)
		shadow_invlpg(vm, v);
}

void cpu_lgdt(struct vm *vm, struct dtable t)
{
	vm->cpu.gdtr = t;
	segs_load(vm);
}

void cpu_lidt(struct vm *vm, struct dtable t)
{
	vm->cpu.idtr = t;
	quick_forget(vm);
}

/* A plain 686 with what the guest can really use (SDM vol. 2, CPUID). */
void cpu_cpuid(struct vm *vm)
{
	enum {
		FPU = 1,
		DE = 1 << 2,
		PSE = 1 << 3,
		TSC = 1 << 4,
		CX8 = 1 << 8,
		PGE = 1 << 13,
		CMOV = 1 << 15,
		MMX = 1 << 23
	};
	enum { FAMILY_6 = 0x633, MAX_LEAF = 1 };
	struct trapframe *tf = vm->tf;

	switch (tf->eax) {
	case 0:
		tf->eax = MAX_LEAF;
		tf->ebx = 0x6c6c6142; /* "Ball" */
		tf->edx = 0x56747361; /* "astV" */
		tf->ecx = 0x2020204d; /* "M   " */
		break;
	case 1:
		tf->eax = FAMILY_6;
		tf->ebx = tf->ecx = 0;
		tf->edx = FPU | DE | PSE | TSC | CX8 | PGE | CMOV | MMX;
		break;
	default:
		tf->eax = tf->ebx = tf->ecx = tf->edx = 0;
	}
}

/* No MSR is announced by cpuid, so all of them fault. */
bool cpu_rdmsr(struct vm *vm, struct gfault *f)
{
	(void)vm;
	return general_protection(f);
}

bool cpu_wrmsr(struct vm *vm, struct gfault *f)
{
	(void)vm;
	return general_protection(f);
}

/* SDM vol. 1, 19.5: IOPL first, then the bitmap of the TSS. */
bool cpu_io_allowed(struct vm *vm, u16 port, unsigned size)
{
	enum { TSS_IOMAP = 102 };
	u16 map, bits;
	struct gfault f;
	u32 at;

	if (vm->cpu.mode == VMODE_KERNEL || (vm->cpu.vflags & FL_IOPL) == FL_IOPL)
		return true;
	if (!vm->cpu.tr || vm->cpu.tss_limit < TSS_IOMAP + 1)
		return false;
	if (!gva_read(vm, gva(vm->cpu.tss_base + TSS_IOMAP), &map, 2, ACC_SYSTEM, &f))
		return false;
	at = map + port / 8u;
	if (at + 1 > vm->cpu.tss_limit ||
	    !gva_read(vm, gva(vm->cpu.tss_base + at), &bits, 2, ACC_SYSTEM, &f))
		return false;
	return !(bits >> port % 8 & ((1u << size) - 1));
}
