/*
 * The interrupt controllers: set up once, then one write for each interrupt.
 * Words after Intel's 8259A data sheet.
 */
#include "pic.h"

#include "layout.h"
#include "x86.h"

enum {
	PIC1_COMMAND = 0x20,
	PIC1_DATA = 0x21,
	PIC2_COMMAND = 0xA0,
	PIC2_DATA = 0xA1,
	ICW1_INIT = 0x11, /* edge triggered, cascaded, ICW4 follows */
	ICW3_MASTER = 1 << IRQ_CASCADE,
	ICW3_SLAVE = IRQ_CASCADE,
	ICW4_8086 = 0x01,
	OCW2_EOI = 0x20,
	CHIP_LINES = 8,
};

/* The order of the four words is the chip's. */
void pic_init(void)
{
	uint32_t open = 1u << IRQ_TIMER | 1u << IRQ_CASCADE | 1u << IRQ_UART |
			1u << IRQ_DISK;

	outb(PIC1_COMMAND, ICW1_INIT);
	outb(PIC1_DATA, VECTOR_IRQ0);
	outb(PIC1_DATA, ICW3_MASTER);
	outb(PIC1_DATA, ICW4_8086);
	outb(PIC2_COMMAND, ICW1_INIT);
	outb(PIC2_DATA, VECTOR_IRQ0 + CHIP_LINES);
	outb(PIC2_DATA, ICW3_SLAVE);
	outb(PIC2_DATA, ICW4_8086);
	outb(PIC1_DATA, (uint8_t)~open);
	outb(PIC2_DATA, (uint8_t)(~open >> CHIP_LINES));
}

/* Before the handler's work: the kernel keeps interrupts off anyway. */
void pic_end(uint32_t irq)
{
	if (irq >= CHIP_LINES)
		outb(PIC2_COMMAND, OCW2_EOI);
	outb(PIC1_COMMAND, OCW2_EOI);
}
