/*
 * The virtual PC's ports. A table names who answers; nobody: reads are all ones, writes
 * vanish, as on a PC.
 */
#ifndef VMM_IO_H
#define VMM_IO_H

#include "kernel/types.h"

struct vm;

/*
 * Power-on reset of all devices, with vm->io_in_flight == 0. The disk stays attached.
 */
void io_init(struct vm *vm);

/* Each call counts as one in vm->stats.io. */
u32 io_in(struct vm *vm, u16 port, unsigned size); /* size 1, 2, 4; may sleep */
void io_out(struct vm *vm, u16 port, unsigned size, u32 value);

/* The same for a byte, which is what most drivers move. */
u8 io_in_byte(struct vm *vm, u16 port);
void io_out_byte(struct vm *vm, u16 port, u8 value);

#endif
