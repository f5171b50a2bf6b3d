/*
 * The machine's two 8259A interrupt controllers.
 */
#ifndef KERNEL_PIC_H
#define KERNEL_PIC_H

#include "kernel/types.h"

enum {
	IRQ_TIMER = 0,
	IRQ_KEYBOARD = 1,
	IRQ_CASCADE = 2,
	IRQ_SERIAL = 4,
	IRQ_DISK = 14
};

/* Moves IRQ 0..15 to vectors 32..47, all masked. */
void pic_init(void);
void pic_unmask(unsigned irq);
void pic_eoi(unsigned irq);
/*
 * False: IRQ 7 or 15 was spurious; it needs no handler (and pic_eoi was done as
 * needed).
 */
bool pic_is_real(unsigned irq);

#endif
