/*
 * The emulator: does one instruction for the guest. Decode, check, then perform;
 * perform cannot fail. All memory goes through gspan_check/gspan_read/gspan_write, all
 * ports through io_in/io_out, all privileged state through vmm/cpu.h.
 */
#ifndef VMM_EMULATE_H
#define VMM_EMULATE_H

#include "vmm/cpu.h"
#include "vmm/decode.h"

enum emulated {
	/*
	 * registers, EIP and memory are as after the instruction (a `rep` may stop
	 * between iterations; EIP then still names it)
	 */
	EMU_DONE,
	/*
	 * *f is the guest's fault; nothing changed but finished iterations of a `rep`
	 */
	EMU_FAULT,
	EMU_UNKNOWN, /* not decoded: the caller decides (retry natively, or kill) */
};

/*
 * Fetches at the guest's CS:EIP and emulates one instruction (at most 4096 bytes of a
 * `rep` a call). May sleep.
 */
enum emulated emulate(struct vm *vm, struct gfault *f);

/*
 * The same for an instruction that was decoded before (a patched one, or a fast path
 * that gave up). *in came from decode() with DECODE_OK.
 */
enum emulated emulate_insn(struct vm *vm, const struct insn *in, struct gfault *f);

/*
 * Reads more of the instruction at CS:EIP: with *avail bytes in buf already, the rest
 * of that page, 15 bytes at most in all. Called again while decode() says DECODE_SHORT
 * it goes on to the next page. False: the fetch faults, *f filled. Beyond the limit:
 * #GP(0).
 */
bool emulate_fetch(struct vm *vm, u8 buf[INSN_MAX], u32 *avail, struct gfault *f);

#endif
