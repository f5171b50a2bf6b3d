/*
 * Traps: system calls, interrupts, page faults, and the death of processes
 * that do what they may not. A fault of the kernel's own panics, but for
 * user_copy, which reports it.
 */
#include "trap.h"

#include "fault.h"
#include "ide.h"
#include "kprintf.h"
#include "layout.h"
#include "pic.h"
#include "proc.h"
#include "sched.h"
#include "stat.h"
#include "syscall.h"
#include "timer.h"
#include "uart.h"
#include "x86.h"

enum {
	VECTORS = 256,
	VECTOR_PAGE_FAULT = 14,
	EXCEPTIONS = 32,
	GATE_INTERRUPT = 0x8E00, /* present, DPL 0, 32-bit (SDM 3A, 6.11) */
	GATE_DPL3 = 0x6000,
	IRQS = 16,
	CPL_MASK = 3,
};

static uint64_t idt[PAGE_SIZE / 8]
	__attribute__((section(".bss.tables"), aligned(PAGE_SIZE)));

extern const uint32_t vector_table[VECTORS];
extern char user_copy_end[], user_copy_failed[];
int user_copy(void *to, const void *from, uint32_t bytes);

static const char *const exception_names[EXCEPTIONS] = {
	[0] = "divide error",
	[1] = "debug",
	[3] = "breakpoint",
	[4] = "overflow",
	[5] = "bound",
	[6] = "invalid opcode",
	[7] = "no coprocessor",
	[8] = "double fault",
	[10] = "invalid TSS",
	[11] = "segment not present",
	[12] = "stack fault",
	[13] = "general protection",
	[14] = "page fault",
	[16] = "coprocessor error",
	[17] = "alignment check",
};

/* Interrupt gates only: handlers start with interrupts off. */
static uint64_t gate(uint32_t handler, uint32_t flags)
{
	return (uint64_t)(handler & 0xFFFF0000) << 32 | (uint64_t)flags << 32 |
	       SEL_KCODE << 16 | (handler & 0xFFFF);
}

/* The limit covers all 256 vectors. */
void trap_init(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) pointer = {VECTORS * 8 - 1, (uint32_t)idt};

	for (uint32_t i = 0; i < VECTORS; i++)
		idt[i] = gate(vector_table[i], GATE_INTERRUPT);
	idt[VECTOR_SYSCALL] = gate(vector_table[VECTOR_SYSCALL],
				   GATE_INTERRUPT | GATE_DPL3);
	__asm__ volatile("lidt %0" : : "m"(pointer));
}

/* Was a program interrupted? */
static bool from_user(const struct trapframe *frame)
{
	return (frame->cs & CPL_MASK) == CPL_MASK;
}

/* Something that the running program may not do, or a bug of ours. */
static void exception(struct trapframe *frame, uint32_t address)
{
	const char *name = NULL;

	if (frame->vector < EXCEPTIONS)
		name = exception_names[frame->vector];
	if (name == NULL)
		name = "unexpected trap";
	if (!from_user(frame))
		panic("%s, error %x, at %08x, address %08x", name, frame->error,
		      frame->eip, address);
	kprintf("%s: killed: %s at %08x\n", current->name, name, frame->eip);
	proc_exit(STATUS_KILLED);
}

/* The fault is the kernel's business, the program's end (here, or when it has
 * been told already, on the way back), or user_copy's error. */
static void page_fault(struct trapframe *frame)
{
	uint32_t address = read_cr2();
	bool copying = frame->eip >= (uint32_t)user_copy &&
		       frame->eip < (uint32_t)user_copy_end;

	stat.faults++;
	if ((from_user(frame) || copying) && fault_handle(address, frame->error))
		return;
	if (copying && !from_user(frame))
		frame->eip = (uint32_t)user_copy_failed;
	else if (!from_user(frame) || !current->killed)
		exception(frame, address);
}

/* Spurious interrupts come on lines that we keep masked; they need no answer. */
static void interrupt(uint32_t irq)
{
	sched_end_idle();
	stat.irqs++;
	switch (irq) {
	case IRQ_TIMER:
		pic_end(irq);
		timer_tick();
		break;
	case IRQ_UART:
		pic_end(irq);
		uart_interrupt();
		break;
	case IRQ_DISK:
		pic_end(irq);
		ide_interrupt();
		break;
	}
}

/* Sorted by how often they come. */
void trap(struct trapframe *frame)
{
	uint32_t vector = frame->vector;

	if (vector == VECTOR_SYSCALL)
		frame->eax = (uint32_t)syscall_dispatch(frame);
	else if (vector == VECTOR_PAGE_FAULT)
		page_fault(frame);
	else if (vector - VECTOR_IRQ0 < IRQS)
		interrupt(vector - VECTOR_IRQ0);
	else
		exception(frame, 0);
	if (!from_user(frame))
		return;
	if (need_resched)
		sched_yield();
	if (current->killed)
		proc_exit(STATUS_KILLED);
}
