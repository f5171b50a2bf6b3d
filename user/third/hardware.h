/*
 * A look at what there is and what there is not.
 */
#ifndef THIRD_HARDWARE_H
#define THIRD_HARDWARE_H

/* Prints what the clock's memory, the PCI bus and the serial ports say. */
void hardware_probe(void);

/* Prints what is read where nothing is, in the port space and in memory. */
void hardware_holes(void);

/* Prints what is read there. Where that is not known, it is ROM or the emulator's affair. */
void hardware_ones(void);

#endif
