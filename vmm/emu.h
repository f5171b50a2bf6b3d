/*
 * What the files of the emulator share: the instruction at work, places where operands
 * live, and the handlers. Nothing outside the emulator includes this.
 *
 * A handler finds all its places first, and that can fault; then it computes and
 * writes, and that cannot: decode, check, perform. It returns false with *e->f filled.
 */
#ifndef VMM_EMU_H
#define VMM_EMU_H

#include "vmm/alu.h"
#include "vmm/emulate.h"
#include "vmm/vm.h"

struct emu {
	struct vm *vm;
	struct trapframe *tf;
	const struct insn *in;
	struct gfault *f;
	u32 next;     /* EIP afterwards; a jump changes it */
	bool own_eip; /* the handler has set EIP itself */
	bool native;  /* not for us: the CPU may run it */
};

typedef bool emu_handler(struct emu *e);

/* --- faults: each fills *e->f and returns false --- */
bool emu_fault(struct emu *e, enum vector v); /* one without an error code */
bool emu_fault_code(struct emu *e, enum vector v, u32 code);
bool emu_gp(struct emu *e); /* #GP(0) */

/* --- registers, by their x86 number; size 1, 2 or 4 --- */
u32 *emu_reg(struct trapframe *tf, unsigned n);
u32 emu_reg_get(struct emu *e, unsigned n, unsigned size);
void emu_reg_set(struct emu *e, unsigned n, unsigned size, u32 value);

/* The bits of an address or count register that the address size leaves. */
u32 emu_addr_mask(const struct emu *e);

unsigned emu_cpl(const struct emu *e); /* of the virtual CPU: 0 or 3 */
unsigned emu_iopl(const struct emu *e);

/* --- memory --- */

/* Offset of the memory operand in its segment. */
u32 emu_offset(struct emu *e);

/* The linear address of n bytes at s:offset if segment type and limit allow `acc`. */
bool emu_linear(struct emu *e, unsigned s, u32 offset, u32 n, unsigned acc, gva_t *out);

/* The same and through the page tables. */
bool emu_span(struct emu *e, unsigned s, u32 offset, u32 n, unsigned acc,
	      struct gspan *span);

/* Where an operand is, found and checked. */
struct place {
	u8 kind; /* OPD_REG, OPD_MEM, OPD_IMM */
	u8 size, reg;
	u32 value; /* of an immediate */
	struct gspan span;
};

bool emu_place(struct emu *e, const struct operand *o, unsigned acc, struct place *p);
u32 emu_get(struct emu *e, const struct place *p);
void emu_put(struct emu *e, const struct place *p, u32 value);

/* Finds and reads an operand. */
bool emu_read(struct emu *e, const struct operand *o, u32 *value);
/* Finds and writes one. */
bool emu_write(struct emu *e, const struct operand *o, u32 value);

/* --- stack --- */

/* `n` bytes at the stack pointer plus `delta`. */
bool emu_stack_span(struct emu *e, u32 delta, u32 n, unsigned acc, struct gspan *span);
void emu_stack_move(struct emu *e, u32 delta); /* ESP or SP, as SS.B says */
bool emu_push(struct emu *e, u32 value, unsigned size);

/* --- handlers, by file --- */
emu_handler emu_binary, emu_unary, emu_shift, emu_mov, emu_movzx, emu_movsx, emu_lea,
	emu_xchg, emu_nop, emu_setcc, emu_cmovcc, emu_cwde, emu_cdq, emu_sahf, emu_lahf,
	emu_flag, emu_xlat; /* emudata.c */
emu_handler emu_mul, emu_imul_reg, emu_div, emu_xadd, emu_cmpxchg, emu_cmpxchg8b,
	emu_bswap, emu_bit, emu_scan, emu_double_shift; /* emubits.c */
emu_handler emu_movs, emu_stos, emu_lods, emu_cmps, emu_scas, emu_ins,
	emu_outs; /* emustring.c */
emu_handler emu_push_operand, emu_pop_operand, emu_pusha, emu_popa, emu_pushf, emu_popf,
	emu_enter, emu_leave, emu_jcc, emu_jmp, emu_call, emu_ret, emu_loop,
	emu_jmp_far, emu_call_far, emu_ret_far, emu_iret, emu_int; /* emuflow.c */
emu_handler emu_mov_sreg, emu_push_sreg, emu_pop_sreg, emu_load_far, emu_lar, emu_lsl,
	emu_verr; /* emuseg.c */
emu_handler emu_hlt, emu_cli, emu_sti, emu_in, emu_out, emu_mov_cr, emu_mov_dr,
	emu_load_table, emu_store_table, emu_store_selector, emu_lldt, emu_ltr,
	emu_lmsw, emu_clts, emu_invlpg, emu_rdmsr, emu_wrmsr, emu_rdtsc, emu_rdpmc,
	emu_cpuid, emu_ud; /* emusys.c */

#endif
