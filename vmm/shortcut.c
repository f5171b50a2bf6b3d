/*
 * Shortcuts. One word at EIP says which instruction it is.
 *
 *      FA cli   FB sti   CF iret
 *      EC in al,dx   EE out dx,al   ED EF with eax   E4 E6 with a port byte
 *      0F 20 mov r,crN   0F 22 mov crN,r   0F 01 /7 invlpg (register)   0F 06 clts
 */
#include "vmm/shortcut.h"
#include "kernel/peek.h"
#include "vmm/attend.h"
#include "vmm/exit.h"
#include "vmm/inject.h"
#include "vmm/io.h"
#include "vmm/mode.h"
#include "vmm/vm.h"

enum { REG_ESP = 4, REG_EBP = 5, GPR_COUNT = 8, SEL_RPL = 3 };

bool shortcut_flat_code(const struct vm *vm)
{
	struct descriptor d = vm->segs.view[vm->cpu.mode][vm->tf->cs >> 3];

	return !desc_base(d) && desc_limit(d) == ~0u;
}

static bool done(struct vm *vm, u32 length)
{
	vm->tf->eip += length;
	return true;
}

static bool iret(struct vm *vm)
{
	struct gfault f;
	u32 from_cs = vm->tf->cs;

	if (cpu_iret(vm, 4, &f))
		quick_learn_iret(vm, from_cs);
	else
		inject_fault(vm, &f);
	return true;
}

/* AL or EAX from a port and to one: size 1 or 4. */
static bool in(struct vm *vm, u32 port, unsigned size, u32 length)
{
	u32 value = io_in(vm, (u16)port, size);

	vm->tf->eax = size == 4 ? value : (vm->tf->eax & ~0xffu) | (value & 0xff);
	attend_irq_changed(vm);
	return done(vm, length);
}

static bool out(struct vm *vm, u32 port, unsigned size, u32 length)
{
	io_out(vm, (u16)port, size, size == 4 ? vm->tf->eax : vm->tf->eax & 0xff);
	attend_irq_changed(vm);
	return done(vm, length);
}

enum { TWO = 0x0F, IRET = 0xCF, CLI = 0xFA, STI = 0xFB };

static HOT __attribute__((noinline)) bool by_first_byte(struct vm *vm, u32 code)
{
	enum {
		IN_IMM = 0xE4,
		OUT_IMM = 0xE6,
		IN_DX = 0xEC,
		OUT_DX = 0xEE,
		IN_DX_32 = 0xED,
		OUT_DX_32 = 0xEF
	};

	mode_read_vif(vm);
	switch (code & 0xff) {
	case STI:
		cpu_sti(vm);
		return done(vm, 1);
	case IRET:
		return iret(vm);
	case IN_DX:
		return in(vm, vm->tf->edx, 1, 1);
	case OUT_DX:
		return out(vm, vm->tf->edx, 1, 1);
	case IN_DX_32:
		return in(vm, vm->tf->edx, 4, 1);
	case OUT_DX_32:
		return out(vm, vm->tf->edx, 4, 1);
	case IN_IMM:
		return in(vm, code >> 8 & 0xff, 1, 2);
	case OUT_IMM:
		return out(vm, code >> 8 & 0xff, 1, 2);
	default:
		return false;
	}
}

static inline bool peek_code(u32 at, u32 *code)
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

/* The kernel's code segment is compared with the last one found flat. */
static inline bool in_flat_kernel(struct vm *vm)
{
	if (vm->tf->cs == vm->quick.flat_cs)
		return true;
	if (vm->cpu.mode != VMODE_KERNEL || !shortcut_flat_code(vm))
		return false;
	vm->quick.flat_cs = vm->tf->cs;
	return true;
}

/* By the kernel's stack segment, which is known to be flat; RPL does not matter. */
static inline bool in_flat_data(const struct vm *vm)
{
	return !((vm->tf->ds ^ vm->quick.kernel_ss) & ~(u32)SEL_RPL);
}

/* A register by its number in ModRM, but for ESP; pusha leaves them in reverse. */
static inline u32 *gpr(struct vm *vm, u32 n)
{
	return &vm->tf->edi + (GPR_COUNT - 1 - n);
}

static bool write_cr(struct vm *vm, u32 n, u32 value)
{
	struct gfault f;

	if (!cpu_write_cr(vm, n, value, &f))
		return false; /* the emulator will find the same, and say it */
	return done(vm, 3);
}

/*
 * Three bytes whose last is a ModRM with one register: the lowest three bits of it are the
 * register, `code` has all the others.
 */
enum {
	REGISTER = 0x070000,
	READ_CR0 = 0xc0200f,
	READ_CR2 = 0xd0200f,
	READ_CR3 = 0xd8200f,
	WRITE_CR0 = 0xc0220f,
	WRITE_CR3 = 0xd8220f,
	INVLPG = 0x38010f,
	THREE_BYTES = 0xffffff,
	TWO_BYTES = 0xffff,
	CLTS = 0x060f,
};

static inline bool invlpg_here(struct vm *vm, u32 n)
{
	if (n == REG_EBP || !in_flat_data(vm))
		return false; /* a displacement, or a base */
	cpu_invlpg(vm, gva(*gpr(vm, n)));
	return done(vm, 3);
}

static inline bool read_cr(struct vm *vm, u32 value, u32 n)
{
	*gpr(vm, n) = value;
	return done(vm, 3);
}

static inline bool by_three_bytes(struct vm *vm, u32 code)
{
	u32 n = code >> 16 & 7;

	if (n == REG_ESP)
		return false;
	switch (code & THREE_BYTES & ~REGISTER) {
	case READ_CR2:
		return read_cr(vm, vm->cpu.cr2, n);
	case INVLPG:
		return invlpg_here(vm, n);
	case WRITE_CR3:
		return write_cr(vm, 3, *gpr(vm, n));
	case READ_CR3:
		return read_cr(vm, vm->cpu.cr3, n);
	case READ_CR0:
		return read_cr(vm, vm->cpu.cr0, n);
	case WRITE_CR0:
		return write_cr(vm, 0, *gpr(vm, n));
	default:
		if ((code & TWO_BYTES) != CLTS)
			return false;
		cpu_clts(vm);
		return done(vm, 2);
	}
}

/* cli traps only where there is no PVI, so the virtual IF is kept in one place. */
static inline bool by_code(struct vm *vm, u32 code)
{
	if ((u8)code == TWO)
		return by_three_bytes(vm, code);
	if ((u8)code != CLI || mode_has_pvi(vm))
		return by_first_byte(vm, code);
	vm->cpu.vif = false;
	vm->tf->eip++;
	return true;
}

/* A guest that single-steps goes the long way. */
HOT void exit_protection(struct vm *vm)
{
	struct trapframe *tf = vm->tf;
	u32 at = tf->eip, code;

	if (in_flat_kernel(vm) && !(tf->eflags & FL_TF) &&
	    at <= HOST_BASE - sizeof code && peek_code(at, &code) && by_code(vm, code))
		attend_if_due(vm);
	else
		exit_slowly(vm);
}
