/*
 * The IDT, and traps from ring 0. All gates are interrupt gates of DPL 0, so `int n` in
 * ring 3 is a #GP that names the vector; only 0x80, the guests' hot one, has DPL 3 and
 * arrives as itself. Traps from ring 3 do not come here (entry.S calls guest_exit).
 */
#include "kernel/trap.h"
#include "kernel/asm.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/disk.h"
#include "kernel/gdt.h"
#include "kernel/irq.h"
#include "kernel/panic.h"
#include "kernel/pic.h"
#include "kernel/time.h"

enum { VECTORS = 256, STUB_SIZE = 16 };
enum { GATE_INTERRUPT = 0x8E00, GATE_TASK = 0x8500, GATE_DPL3 = 0x6000 };

extern const u8 trap_stubs[], trap_stubs_smap[];
void trap_host(struct trapframe *tf); /* called by entry.S */

static struct descriptor idt[VECTORS] __attribute__((aligned(PAGE_SIZE)));

/* For entry.S: the fault of a failed reload of the guest's segments. */
u32 reload_vector, reload_error;

static void set_gate(unsigned vector, u32 target, u32 type)
{
	idt[vector].lo = (u32)SEL_HOST_CODE << 16 | (target & 0xffff);
	idt[vector].hi = (target & 0xffff0000) | type;
}

void trap_init(void)
{
	const u8 *stubs = cpu_features.smap ? trap_stubs_smap : trap_stubs;

	for (unsigned v = 0; v < VECTORS; v++)
		set_gate(v, (u32)(uintptr_t)(stubs + v * STUB_SIZE), GATE_INTERRUPT);
	set_gate(VEC_SYSCALL, (u32)(uintptr_t)(stubs + VEC_SYSCALL * STUB_SIZE),
		 GATE_INTERRUPT | GATE_DPL3);
	idt[VEC_DF].lo = (u32)SEL_DF_TSS << 16;
	idt[VEC_DF].hi = GATE_TASK;
	lidt((u32)(uintptr_t)idt, sizeof idt - 1);
}

void irq_dispatch(unsigned irq)
{
	if (!pic_is_real(irq))
		return;
	pic_eoi(irq);
	switch (irq) {
	case IRQ_TIMER:
		time_interrupt();
		break;
	case IRQ_KEYBOARD:
		console_keyboard_interrupt();
		break;
	case IRQ_SERIAL:
		console_serial_interrupt();
		break;
	case IRQ_DISK:
		disk_interrupt();
		break;
	default:
		panic("interrupt from IRQ %u, which is masked", irq);
	}
}

/* The few instructions of ours that may fault, and where to go on when they do. */
struct fixup {
	u32 at, go_on;
};
extern const struct fixup fixup_start[], fixup_end[];

static const struct fixup *find_fixup(u32 eip)
{
	for (const struct fixup *f = fixup_start; f < fixup_end; f++)
		if (f->at == eip)
			return f;
	return NULL;
}

void trap_host(struct trapframe *tf)
{
	const struct fixup *f;

	if (tf->vector >= VEC_IRQ0 && tf->vector < VEC_IRQ_END) {
		irq_dispatch(tf->vector - VEC_IRQ0);
		return;
	}
	f = find_fixup(tf->eip);
	if (!f)
		panic_trap(tf, read_cr2());
	reload_vector = tf->vector;
	reload_error = tf->error;
	tf->eip = f->go_on;
}
