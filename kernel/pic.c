/*
 * The 8259A pair (Intel 8259A data sheet): four command words in, then a mask each.
 */
#include "kernel/pic.h"
#include "kernel/io.h"
#include "kernel/trap.h"

enum { PIC1 = 0x20, PIC2 = 0xA0 };
enum { ICW1_INIT_ICW4 = 0x11, ICW4_8086 = 0x01, OCW2_EOI = 0x20, OCW3_READ_ISR = 0x0B };

static u16 mask = 0xffff;

static void write_mask(void)
{
	outb(PIC1 + 1, (u8)mask);
	outb(PIC2 + 1, mask >> 8);
}

void pic_init(void)
{
	outb(PIC1, ICW1_INIT_ICW4);
	outb(PIC2, ICW1_INIT_ICW4);
	outb(PIC1 + 1, VEC_IRQ0);
	outb(PIC2 + 1, VEC_IRQ0 + 8);
	outb(PIC1 + 1, 1 << IRQ_CASCADE);
	outb(PIC2 + 1, IRQ_CASCADE);
	outb(PIC1 + 1, ICW4_8086);
	outb(PIC2 + 1, ICW4_8086);
	mask = 0xffff & ~(1u << IRQ_CASCADE);
	write_mask();
}

void pic_unmask(unsigned irq)
{
	mask &= ~(1u << irq);
	write_mask();
}

void pic_eoi(unsigned irq)
{
	if (irq >= 8)
		outb(PIC2, OCW2_EOI);
	outb(PIC1, OCW2_EOI);
}

static bool in_service(u16 base)
{
	outb(base, OCW3_READ_ISR);
	return inb(base) & 0x80;
}

bool pic_is_real(unsigned irq)
{
	if (irq == 7)
		return in_service(PIC1);
	if (irq == 15 && !in_service(PIC2)) {
		outb(PIC1, OCW2_EOI); /* the first controller did see the cascade */
		return false;
	}
	return true;
}
