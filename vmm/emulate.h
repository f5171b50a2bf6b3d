/*
 * The emulator: does one instruction for the guest. Decode, check, then perform; perform
 * cannot fail. All memory goes through gspan_check/gspan_read/gspan_write, all ports
 * through io_in/io_out, all privileged state through vmm/cpu.h.
 */
#ifndef VMM_EMULATE_H
#define VMM_EMULATE_H

#include "vmm/cpu.h"
#include "vmm/decode.h"

enum emulated {
	EMU_DONE,    /* registers, EIP and memory are as after the instruction (a `rep` may stop between iterations; EIP then still names it) */
	EMU_FAULT,   /* *f is the guest's fault; nothing changed but finished iterations of a `rep` */
	EMU_UNKNOWN, /* not decoded: the caller decides (retry natively, or kill) */
};

/* Fetches at the guest's CS:EIP and emulates one instruction (at most 4096 bytes of a `rep` a call). May sleep. */
enum emulated emulate(struct vm *vm, struct gfault *f);

#endif
