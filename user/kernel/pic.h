/*
 * The pair of 8259A interrupt controllers, at vectors 0x20 to 0x2F.
 */
#ifndef PIC_H
#define PIC_H

#include <stdint.h>

enum irq { IRQ_TIMER = 0, IRQ_CASCADE = 2, IRQ_UART = 4, IRQ_DISK = 14 };

/* Sets both chips up, all lines masked but those that we use. */
void pic_init(void);

/* Tells the chips that the handler of `irq` has seen it. */
void pic_end(uint32_t irq);

#endif
