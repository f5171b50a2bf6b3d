/*
 * The x87, switched lazily. It runs natively in ring 3, so what one VM left in it must
 * not be there when another uses it (TRAPS 49). CR0.TS is set whenever the running VM
 * is not the one whose state is in the registers; the #NM then swaps.
 */
#ifndef VMM_FPU_H
#define VMM_FPU_H

#include "kernel/types.h"

struct vm;

struct fpu {
	u8 area[108]; /* fnsave's format: SDM vol. 1, figure 8-9 */
	bool used;
};

/*
 * CR0.TS as it has to be for this VM (or for none: NULL). At switches and when the
 * guest changes CR0.
 */
void fpu_switch(struct vm *vm);

/*
 * #NM in the guest. True: the state is there now, go on. False: the guest wants it (its
 * own TS or EM).
 */
bool fpu_fault(struct vm *vm);

/* The VM is gone: forget its state. */
void fpu_forget(struct vm *vm);

#endif
