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
#include "vmm/inject.h"
#include "vmm/io.h"
#include "vmm/mode.h"
#include "vmm/vm.h"

enum { REG_ESP = 4, REG_EBP = 5, GPR_COUNT = 8 };

bool shortcut_flat_code(const struct vm *vm)
{
	struct descriptor d = vm->segs.view[vm->cpu.mode][vm->tf->cs >> 3];

	return !desc_base(d) && desc_limit(d) == ~0u;
}

/* A register by its number in ModRM; pusha leaves them in reverse. */
static u32 *gpr(struct vm *vm, u32 n)
{
	return n == REG_ESP ? &vm->tf->esp : &vm->tf->edi + (GPR_COUNT - 1 - n);
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

/* CR0, 2, 3 and 4 exist. */
static bool is_cr(u32 n)
{
	return n <= 4 && n != 1;
}

static bool write_cr(struct vm *vm, u32 n, u32 value)
{
	struct gfault f;

	if (!is_cr(n) || !cpu_write_cr(vm, n, value, &f))
		return false; /* the emulator will find the same, and say it */
	return done(vm, 3);
}

static bool read_cr(struct vm *vm, u32 n, u32 *to)
{
	if (!is_cr(n))
		return false;
	*to = cpu_read_cr(vm, n);
	return done(vm, 3);
}

/* Two-byte opcodes; `code` has the bytes after 0F lowest. */
static bool two_byte(struct vm *vm, u32 code)
{
	enum { CLTS = 0x06, GROUP_7 = 0x01, FROM_CR = 0x20, TO_CR = 0x22, INVLPG = 7 };
	u32 modrm = code >> 8 & 0xff, reg = modrm >> 3 & 7, rm = modrm & 7;

	switch (code & 0xff) {
	case FROM_CR:
		return read_cr(vm, reg, gpr(vm, rm));
	case TO_CR:
		return write_cr(vm, reg, *gpr(vm, rm));
	case CLTS:
		cpu_clts(vm);
		return done(vm, 2);
	case GROUP_7:
		if (reg != INVLPG || modrm >> 6 || rm == REG_ESP || rm == REG_EBP)
			return false;
		cpu_invlpg(vm, gva(*gpr(vm, rm)));
		return done(vm, 3);
	default:
		return false;
	}
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
	case TWO:
		return two_byte(vm, code >> 8);
	default:
		return false;
	}
}

static inline bool peek_code(u32 at, u32 *code)
{
	bool ok = false;

	peek_open();
	PEEK_OR(at, 0, code, no);
	ok = true;
no:
	peek_close();
	return ok;
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

/*
 * A guest that single-steps, and code at the end of a page, go the long way. cli traps
 * only where there is no PVI, so the virtual IF is kept in one place.
 */
HOT bool shortcut(struct vm *vm)
{
	struct trapframe *tf = vm->tf;
	u32 at = tf->eip, code;

	if (!in_flat_kernel(vm) || tf->eflags & FL_TF || at >= HOST_BASE ||
	    (at & PAGE_MASK) > PAGE_SIZE - sizeof code || !peek_code(at, &code))
		return false;
	if ((u8)code != CLI || mode_has_pvi(vm))
		return by_first_byte(vm, code);
	vm->cpu.vif = false;
	tf->eip = at + 1;
	return true;
}
