/*
 * Shortcuts. One word at EIP says which instruction it is. Each has a function of its own,
 * which exit_protection jumps to: it has nothing to save.
 *
 *      FA cli   FB sti   CF iret   F4 hlt
 *      EC in al,dx   EE out dx,al   ED EF with eax   E4 E6 with a port byte
 *      0F 20 mov r,crN   0F 22 mov crN,r   0F 01 /7 invlpg (register)   0F 06 clts
 */
#include "vmm/shortcut.h"
#include "kernel/asm.h"
#include "kernel/peek.h"
#include "vmm/attend.h"
#include "vmm/exit.h"
#include "vmm/inject.h"
#include "vmm/io.h"
#include "vmm/mode.h"
#include "vmm/refill.h"
#include "vmm/sync.h"
#include "vmm/vm.h"

enum { REG_ESP = 4, REG_EBP = 5, GPR_COUNT = 8, SEL_RPL = 3 };

/* First bytes. */
enum {
	TWO = 0x0F,
	IRET = 0xCF,
	IN_IMM = 0xE4,
	OUT_IMM = 0xE6,
	IN_DX = 0xEC,
	IN_DX_32 = 0xED,
	OUT_DX = 0xEE,
	OUT_DX_32 = 0xEF,
	HLT = 0xF4,
	CLI = 0xFA,
	STI = 0xFB,
};

/*
 * Three bytes, lowest first, whose last is a ModRM with one register: REGISTER is where
 * its number stands, and 0 here.
 */
enum {
	READ_CR0 = 0xc0200f,
	READ_CR2 = 0xd0200f,
	READ_CR3 = 0xd8200f,
	WRITE_CR0 = 0xc0220f,
	WRITE_CR3 = 0xd8220f,
	INVLPG = 0x38010f,
	REGISTER = 0x070000,
	THREE_BYTES = 0xffffff,
	CLTS = 0x060f,
	TWO_BYTES = 0xffff,
};

bool shortcut_flat_code(const struct vm *vm)
{
	struct descriptor d = vm->segs.view[vm->cpu.mode][vm->tf->cs >> 3];

	return !desc_base(d) && desc_limit(d) == ~0u;
}

/* The instruction is done. */
ALWAYS_INLINE void done(struct vm *vm, u32 length)
{
	vm->tf->eip += length;
	attend_if_due(vm);
}

/* The register that the ModRM byte names, but for ESP; pusha leaves them in reverse. */
ALWAYS_INLINE u32 *gpr(struct vm *vm, u32 code)
{
	return &vm->tf->edi + (GPR_COUNT - 1 - (code >> 16 & 7));
}

static bool names(u32 code, u32 reg)
{
	return (code & REGISTER) == reg << 16;
}

static HOT NOINLINE void read_cr(struct vm *vm, u32 code, u32 value)
{
	if (names(code, REG_ESP)) {
		exit_slowly(vm);
		return;
	}
	*gpr(vm, code) = value;
	done(vm, 3);
}

/* What faults the emulator will find, too, and say it. */
static HOT NOINLINE void write_cr(struct vm *vm, u32 code, u32 n)
{
	struct gfault f;

	if (names(code, REG_ESP) || !cpu_write_cr(vm, n, *gpr(vm, code), &f))
		exit_slowly(vm);
	else
		done(vm, 3);
}

/* By the kernel's stack segment, which is known to be flat; RPL does not matter. */
static inline bool in_flat_data(const struct vm *vm)
{
	return !((vm->tf->ds ^ vm->quick.kernel_ss) & ~(u32)SEL_RPL);
}

/* As cpu_invlpg, without asking for the form. Without paging nothing is traced or loose. */
ALWAYS_INLINE void flush_page(struct vm *vm, gva_t v)
{
	if (!vm->quick.flushes || v.a >= HOST_BASE) {
		cpu_invlpg(vm, v);
		return;
	}
	sync_page(vm, v);
	invlpg(v.a);
}

/* In place of EBP there is a displacement, in place of ESP a base. */
static HOT NOINLINE void invlpg_register(struct vm *vm, u32 code)
{
	if (names(code, REG_ESP) || names(code, REG_EBP) || !in_flat_data(vm)) {
		exit_slowly(vm);
		return;
	}
	flush_page(vm, gva(*gpr(vm, code)));
	done(vm, 3);
}

static void clts_here(struct vm *vm)
{
	cpu_clts(vm);
	done(vm, 2);
}

static HOT void by_two_bytes(struct vm *vm, u32 code)
{
	switch (code & THREE_BYTES & ~REGISTER) {
	case READ_CR3:
		read_cr(vm, code, vm->cpu.cr3);
		break;
	case READ_CR0:
		read_cr(vm, code, vm->cpu.cr0);
		break;
	case WRITE_CR0:
		write_cr(vm, code, 0);
		break;
	default:
		if ((code & TWO_BYTES) == CLTS)
			clts_here(vm);
		else
			exit_slowly(vm);
	}
}

static void iret(struct vm *vm)
{
	struct gfault f;
	u32 from_cs = vm->tf->cs;

	if (quick_iret_same(vm))
		;
	else if (cpu_iret(vm, 4, &f))
		quick_learn_iret(vm, from_cs);
	else
		inject_fault(vm, &f);
	attend_if_due(vm);
}

/* A byte from a port and to one: what drivers do most. No device looks at the virtual IF. */
static HOT NOINLINE void in_byte(struct vm *vm, u32 port, u32 length)
{
	u8 value = io_in_byte(vm, (u16)port);

	vm->tf->eax = (vm->tf->eax & ~0xffu) | value;
	attend_irq_changed(vm);
	done(vm, length);
}

static HOT NOINLINE void out_byte(struct vm *vm, u32 port, u32 length)
{
	io_out_byte(vm, (u16)port, (u8)vm->tf->eax);
	attend_irq_changed(vm);
	done(vm, length);
}

static void in_word(struct vm *vm)
{
	vm->tf->eax = io_in(vm, (u16)vm->tf->edx, 4);
	attend_irq_changed(vm);
	done(vm, 1);
}

static void out_word(struct vm *vm)
{
	io_out(vm, (u16)vm->tf->edx, 4, vm->tf->eax);
	attend_irq_changed(vm);
	done(vm, 1);
}

/* A patched instruction looks like a hlt. */
static bool is_patched(struct vm *vm)
{
	gva_t v = gva(vm->tf->eip);
	u32 pde, pte = refill_made_from(vm, v, &pde);

	return !pte || patch_at(vm, gpa((pte & ~(u32)PAGE_MASK) | gva_offset(v)));
}

static void hlt(struct vm *vm)
{
	if (!vm->quick.refills || is_patched(vm)) {
		exit_slowly(vm);
		return;
	}
	cpu_hlt(vm);
	done(vm, 1);
}

static void sti(struct vm *vm)
{
	cpu_sti(vm);
	done(vm, 1);
}

static HOT NOINLINE void by_first_byte(struct vm *vm, u32 code)
{
	mode_read_vif(vm);
	switch (code & 0xff) {
	case STI:
		sti(vm);
		break;
	case IRET:
		iret(vm);
		break;
	case IN_DX_32:
		in_word(vm);
		break;
	case HLT:
		hlt(vm);
		break;
	case OUT_DX_32:
		out_word(vm);
		break;
	case IN_IMM:
		in_byte(vm, code >> 8 & 0xff, 2);
		break;
	case TWO:
		by_two_bytes(vm, code);
		break;
	default:
		exit_slowly(vm);
	}
}

/* cli traps only where there is no PVI, so the virtual IF is kept in one place. */
static HOT NOINLINE void cli(struct vm *vm, u32 code)
{
	if (mode_has_pvi(vm)) {
		by_first_byte(vm, code);
		return;
	}
	vm->cpu.vif = false;
	done(vm, 1);
}

ALWAYS_INLINE bool peek_code(u32 at, u32 *code)
{
	u32 word;

	peek_open();
	PEEK_OR(at, 0, word, no);
	peek_close();
	*code = word;
	return true;
no:
	peek_close();
	return false;
}

/* It may be another flat one: from now on that is the one that is compared with. */
static NOINLINE void on_other_code(struct vm *vm)
{
	if (vm->cpu.mode != VMODE_KERNEL || !shortcut_flat_code(vm)) {
		exit_slowly(vm);
		return;
	}
	vm->quick.flat_cs = vm->tf->cs;
	exit_protection(vm);
}

/* A guest that single-steps goes the long way. */
HOT void exit_protection(struct vm *vm)
{
	u32 at = vm->tf->eip, code;

	if (vm->tf->cs != vm->quick.flat_cs)
		on_other_code(vm);
	else if (vm->tf->eflags & FL_TF || at > HOST_BASE - sizeof code ||
		 !peek_code(at, &code))
		exit_slowly(vm);
	else if ((u8)code == CLI)
		cli(vm, code);
	else if ((code & THREE_BYTES & ~REGISTER) == READ_CR2)
		read_cr(vm, code, vm->cpu.cr2);
	else if ((code & THREE_BYTES & ~REGISTER) == INVLPG)
		invlpg_register(vm, code);
	else if ((code & THREE_BYTES & ~REGISTER) == WRITE_CR3)
		write_cr(vm, code, 3);
	else if ((u8)code == OUT_DX)
		out_byte(vm, vm->tf->edx, 1);
	else if ((u8)code == IN_DX)
		in_byte(vm, vm->tf->edx, 1);
	else if ((u8)code == OUT_IMM)
		out_byte(vm, code >> 8 & 0xff, 2);
	else
		by_first_byte(vm, code);
}
