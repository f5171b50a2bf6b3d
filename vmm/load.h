/*
 * The virtual boot loader: puts a multiboot kernel into a VM's memory and the virtual
 * CPU into the state that the specification promises it (Multiboot 0.6.96, 3.2).
 */
#ifndef VMM_LOAD_H
#define VMM_LOAD_H

#include "kernel/types.h"

struct vm;

/*
 * Why it could not be loaded, or NULL: loaded. The VM's memory is untouched but for its
 * image.
 */
const char *load_guest(struct vm *vm, const void *image, u32 size, const char *cmdline);

#endif
