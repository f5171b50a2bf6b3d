/*
 * The interrupt controllers of a PC: two 8259A, the second on input 2 of the first
 * (Intel 8259A data sheet). Power-on state is what a BIOS leaves: vectors 0x08 and
 * 0x70, fully nested, timer, keyboard and disk unmasked.
 */
#ifndef VMM_VPIC_H
#define VMM_VPIC_H

#include "kernel/types.h"

struct vm;

enum { VPIC_IRQS = 16 };

struct vpic_chip {
	u8 lines;  /* level of the eight inputs now */
	u8 irr;	   /* requests */
	u8 isr;	   /* in service */
	u8 imr;	   /* masked */
	u8 elcr;   /* inputs that are level triggered */
	u8 vector; /* of input 0; a multiple of 8 */
	u8 lowest; /* the input of lowest priority: 7 unless rotated */
	u8 expect; /* the ICW due on the data port: 2, 3, 4; 0 when none */
	bool want_icw4;
	bool single; /* ICW1: no cascade, no ICW3 */
	bool level;  /* ICW1: all inputs level triggered */
	bool auto_eoi;
	bool nested_slave; /* ICW4: special fully nested */
	bool rotate_auto;
	bool special_mask;
	bool read_isr; /* OCW3: the command port reads ISR, not IRR */
	bool poll;     /* OCW3: the next read is a poll */
};

struct vpic {
	struct vpic_chip chip[2];
	bool due; /* the CPU's INTR pin */
};

void vpic_init(struct vm *vm);
u32 vpic_in(struct vm *vm, u16 port, unsigned size);
void vpic_out(struct vm *vm, u16 port, unsigned size, u32 value);

/* Moves an input pin, irq < VPIC_IRQS. Devices call vm_set_irq, which calls this. */
void vpic_set_line(struct vpic *pic, unsigned irq, bool level);

/* Is an interrupt waiting for the CPU? Cheap: it is asked at every entry. */
static inline bool vpic_due(const struct vpic *pic)
{
	return pic->due;
}

/* The CPU's acknowledge cycle: the vector. With none waiting: input 7, spurious. */
u8 vpic_ack(struct vpic *pic);

#endif
