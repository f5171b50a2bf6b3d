/*
 * Descriptor tables, the two PICs, and what is done about each trap.
 */
#include "trap.h"

#include "kernel.h"
#include "layout.h"
#include "task.h"

enum {
	ACCESS_KCODE = 0x9A, /* SDM vol. 3A, 3.4.5; the CPU sets A */
	ACCESS_KDATA = 0x92,
	ACCESS_UCODE = 0xFA,
	ACCESS_UDATA = 0xF2,
	ACCESS_TSS = 0x89,
	FLAT_FLAGS = 0xCF, /* 4 KiB granules, 32 bit, limit 19:16 */
	GATE_INTERRUPT = 0x8E00,
	GATE_DPL3 = 0x6000,
	GDT_ENTRIES = 6,
	TSS_WORDS = 26,
	TSS_ESP0 = 1,
	TSS_SS0 = 2,
	TSS_IOMAP = 25,
};

/* 8259A data sheet: the initialization words. */
enum {
	PIC1 = 0x20,
	PIC2 = 0xA0,
	ICW1_INIT_4 = 0x11,
	ICW3_SLAVE_AT_2 = 0x04,
	ICW3_SLAVE_ID = 0x02,
	ICW4_8086 = 0x01,
	OCW2_EOI = 0x20,
	OCW3_READ_ISR = 0x0B,
	CASCADE = 2,
	IRQS = 16,
	SPURIOUS = 7, /* of either PIC */
};

static uint64_t gdt[GDT_ENTRIES];
static uint64_t idt[VECTOR_CALL + 1];
static uint32_t tss[TSS_WORDS];
static uint16_t masked = 0xFFFF & ~(1 << CASCADE);
static void (*handlers[IRQS])(const struct frame *f);
static uint32_t catch_at;

extern const uint32_t vectors[];

static uint64_t flat(uint64_t access)
{
	return (uint64_t)FLAT_FLAGS << 48 | access << 40 | 0xFFFF;
}

static uint64_t tss_descriptor(void)
{
	uint64_t base = (uint32_t)tss;

	return (base >> 24) << 56 | (uint64_t)ACCESS_TSS << 40 |
	       (base & 0xFFFFFF) << 16 | (sizeof tss - 1);
}

static uint64_t gate(uint32_t vector)
{
	uint32_t flags = GATE_INTERRUPT | (vector == VECTOR_CALL ? GATE_DPL3 : 0);

	return (uint64_t)((vectors[vector] & 0xFFFF0000) | flags) << 32 |
	       SEL_KCODE << 16 | (vectors[vector] & 0xFFFF);
}

static void fill_tables(void)
{
	gdt[SEL_KDATA / 8] = flat(ACCESS_KDATA);
	gdt[SEL_KCODE / 8] = flat(ACCESS_KCODE);
	gdt[SEL_TSS / 8] = tss_descriptor();
	gdt[SEL_UDATA / 8] = flat(ACCESS_UDATA);
	gdt[SEL_UCODE / 8] = flat(ACCESS_UCODE);
	for (uint32_t i = 0; i <= VECTOR_CALL; i++)
		idt[i] = gate(i);
	tss[TSS_ESP0] = (uint32_t)task_trap_stack + TASK_TRAP_STACK;
	tss[TSS_SS0] = SEL_KDATA;
	tss[TSS_IOMAP] = sizeof tss << 16; /* beyond the limit: no ports */
}

static void load_tables(void)
{
	struct table_pointer gdtr = {sizeof gdt - 1, (uint32_t)gdt};
	struct table_pointer idtr = {sizeof idt - 1, (uint32_t)idt};

	__asm__ volatile("lgdt %0\n\t"
			 "ljmp %2, $1f\n"
			 "1:\tmovl %3, %%ds\n\t"
			 "movl %3, %%es\n\t"
			 "movl %3, %%ss\n\t"
			 "lidt %1\n\t"
			 "ltr %w4"
			 :
			 : "m"(gdtr), "m"(idtr), "i"(SEL_KCODE), "r"(SEL_KDATA),
			   "r"(SEL_TSS)
			 : "memory");
}

static void pic_init(uint16_t port, uint8_t base, uint8_t cascade)
{
	outb(port, ICW1_INIT_4);
	outb(port + 1, base);
	outb(port + 1, cascade);
	outb(port + 1, ICW4_8086);
}

static void set_masks(void)
{
	outb(PIC1 + 1, (uint8_t)masked);
	outb(PIC2 + 1, (uint8_t)(masked >> 8));
}

void trap_init(void)
{
	fill_tables();
	load_tables();
	pic_init(PIC1, VECTOR_IRQ, ICW3_SLAVE_AT_2);
	pic_init(PIC2, VECTOR_IRQ + 8, ICW3_SLAVE_ID);
	set_masks();
}

void irq_open(uint32_t irq, void (*handler)(const struct frame *f))
{
	handlers[irq] = handler;
	masked &= (uint16_t) ~(1u << irq);
	set_masks();
}

void trap_catch(uint32_t eip)
{
	catch_at = eip;
}

/* A line that fell again before it was asked for: the PIC says 7 and holds nothing. */
static bool is_spurious(uint32_t irq)
{
	uint16_t pic = irq < 8 ? PIC1 : PIC2;

	if (irq % 8 != SPURIOUS)
		return false;
	outb(pic, OCW3_READ_ISR);
	return !(inb(pic) & 1 << SPURIOUS);
}

static void interrupt(const struct frame *f)
{
	uint32_t irq = f->vector - VECTOR_IRQ;

	if (is_spurious(irq))
		return;
	if (irq >= 8)
		outb(PIC2, OCW2_EOI);
	outb(PIC1, OCW2_EOI);
	if (handlers[irq])
		handlers[irq](f);
}

void trap(struct frame *f)
{
	if (f->vector >= VECTOR_IRQ && f->vector < VECTOR_IRQ_END) {
		interrupt(f);
	} else if (f->vector == VECTOR_CALL) {
		task_call(f);
	} else if (catch_at) {
		f->eax = f->vector;
		f->eip = catch_at;
		catch_at = 0;
	} else {
		stop("trap %u error %x eip %x cr2 %x", f->vector, f->error, f->eip,
		     read_cr2());
	}
}
