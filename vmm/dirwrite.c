/*
 * Writes to the directory in use. Where the store goes is known from the fault; of the
 * instruction only its length and its value are worked out.
 */
#include "vmm/dirwrite.h"
#include "kernel/asm.h"
#include "kernel/peek.h"
#include "vmm/store.h"
#include "vmm/vm.h"

/*
 * Of a store over the end of a page the fault names the next page's first byte: so a table's
 * first word is not known to be where the store begins. Any other aligned address is.
 */
ALWAYS_INLINE bool is_whole_word(gva_t v)
{
	return v.a % STORE_WORD == 0 && gva_offset(v) != 0;
}

/* The length of the instruction, 0: another one. */
ALWAYS_INLINE u32 peek_store(const struct trapframe *tf, u32 *value)
{
	u32 at = tf->eip, lo, hi;

	if (at > HOST_BASE - STORE_CODE)
		return 0;
	peek_open();
	PEEK_OR(at, 0, lo, no);
	PEEK_OR(at, 4, hi, no);
	peek_close();
	return store_decode(tf, lo, hi, value);
no:
	peek_close();
	return 0;
}

/* By the guest's flat kernel, which does not single-step. */
HOT bool dirwrite(struct vm *vm, gva_t v)
{
	struct trapframe *tf = vm->tf;
	u32 length, value;

	if (!vm->quick.refills || tf->cs != vm->quick.flat_cs ||
	    vm->cpu.mode != VMODE_KERNEL || tf->eflags & FL_TF || !is_whole_word(v))
		return false;
	length = peek_store(tf, &value);
	if (!length || !store_to_directory(vm, v, value))
		return false;
	tf->eip += length;
	vm->stats.emulated++;
	return true;
}
