/*
 * The emulator's way in: fetch the instruction, decode it, see that the virtual CPU's
 * privilege allows it, and hand it to its handler. Memory is fetched page by page, so
 * that a page is touched only when the instruction reaches into it.
 */
#include "kernel/panic.h"
#include "vmm/emu.h"

enum privilege { ANY, CPL0 };

/* Who does what. CPL0: #GP(0) in virtual user mode. */
static const struct {
	emu_handler *perform;
	enum privilege needs;
} handlers[OP_COUNT] = {
	[OP_ADD] = {emu_binary, ANY},
	[OP_OR] = {emu_binary, ANY},
	[OP_ADC] = {emu_binary, ANY},
	[OP_SBB] = {emu_binary, ANY},
	[OP_AND] = {emu_binary, ANY},
	[OP_SUB] = {emu_binary, ANY},
	[OP_XOR] = {emu_binary, ANY},
	[OP_CMP] = {emu_binary, ANY},
	[OP_ROL] = {emu_shift, ANY},
	[OP_ROR] = {emu_shift, ANY},
	[OP_RCL] = {emu_shift, ANY},
	[OP_RCR] = {emu_shift, ANY},
	[OP_SHL] = {emu_shift, ANY},
	[OP_SHR] = {emu_shift, ANY},
	[OP_SAL] = {emu_shift, ANY},
	[OP_SAR] = {emu_shift, ANY},

	[OP_TEST] = {emu_binary, ANY},
	[OP_NOT] = {emu_unary, ANY},
	[OP_NEG] = {emu_unary, ANY},
	[OP_MUL] = {emu_mul, ANY},
	[OP_IMUL] = {emu_mul, ANY},
	[OP_DIV] = {emu_div, ANY},
	[OP_IDIV] = {emu_div, ANY},
	[OP_IMUL_REG] = {emu_imul_reg, ANY},
	[OP_INC] = {emu_unary, ANY},
	[OP_DEC] = {emu_unary, ANY},
	[OP_MOV] = {emu_mov, ANY},
	[OP_MOVZX] = {emu_movzx, ANY},
	[OP_MOVSX] = {emu_movsx, ANY},
	[OP_LEA] = {emu_lea, ANY},
	[OP_XCHG] = {emu_xchg, ANY},
	[OP_XADD] = {emu_xadd, ANY},
	[OP_CMPXCHG] = {emu_cmpxchg, ANY},
	[OP_CMPXCHG8B] = {emu_cmpxchg8b, ANY},
	[OP_BSWAP] = {emu_bswap, ANY},
	[OP_BT] = {emu_bit, ANY},
	[OP_BTS] = {emu_bit, ANY},
	[OP_BTR] = {emu_bit, ANY},
	[OP_BTC] = {emu_bit, ANY},
	[OP_BSF] = {emu_scan, ANY},
	[OP_BSR] = {emu_scan, ANY},
	[OP_SHLD] = {emu_double_shift, ANY},
	[OP_SHRD] = {emu_double_shift, ANY},
	[OP_SETCC] = {emu_setcc, ANY},
	[OP_CMOVCC] = {emu_cmovcc, ANY},
	[OP_CWDE] = {emu_cwde, ANY},
	[OP_CDQ] = {emu_cdq, ANY},
	[OP_SAHF] = {emu_sahf, ANY},
	[OP_LAHF] = {emu_lahf, ANY},
	[OP_CLC] = {emu_flag, ANY},
	[OP_STC] = {emu_flag, ANY},
	[OP_CMC] = {emu_flag, ANY},
	[OP_CLD] = {emu_flag, ANY},
	[OP_STD] = {emu_flag, ANY},
	[OP_XLAT] = {emu_xlat, ANY},
	[OP_NOP] = {emu_nop, ANY},

	[OP_MOVS] = {emu_movs, ANY},
	[OP_CMPS] = {emu_cmps, ANY},
	[OP_STOS] = {emu_stos, ANY},
	[OP_LODS] = {emu_lods, ANY},
	[OP_SCAS] = {emu_scas, ANY},
	[OP_INS] = {emu_ins, ANY}, /* by port: IOPL and the TSS */
	[OP_OUTS] = {emu_outs, ANY},

	[OP_PUSH] = {emu_push_operand, ANY},
	[OP_POP] = {emu_pop_operand, ANY},
	[OP_PUSHA] = {emu_pusha, ANY},
	[OP_POPA] = {emu_popa, ANY},
	[OP_PUSHF] = {emu_pushf, ANY},
	[OP_POPF] = {emu_popf, ANY},
	[OP_ENTER] = {emu_enter, ANY},
	[OP_LEAVE] = {emu_leave, ANY},
	[OP_JCC] = {emu_jcc, ANY},
	[OP_JMP] = {emu_jmp, ANY},
	[OP_CALL] = {emu_call, ANY},
	[OP_RET] = {emu_ret, ANY},
	[OP_LOOPNE] = {emu_loop, ANY},
	[OP_LOOPE] = {emu_loop, ANY},
	[OP_LOOP] = {emu_loop, ANY},
	[OP_JCXZ] = {emu_loop, ANY},
	[OP_JMP_FAR] = {emu_jmp_far, ANY},
	[OP_CALL_FAR] = {emu_call_far, ANY},
	[OP_RET_FAR] = {emu_ret_far, ANY},
	[OP_IRET] = {emu_iret, ANY},
	[OP_INT] = {emu_int, ANY},
	[OP_INT3] = {emu_int, ANY},
	[OP_INTO] = {emu_int, ANY},
	[OP_UD] = {emu_ud, ANY},

	[OP_MOV_SREG] = {emu_mov_sreg, ANY},
	[OP_PUSH_SREG] = {emu_push_sreg, ANY},
	[OP_POP_SREG] = {emu_pop_sreg, ANY},
	[OP_LOAD_FAR] = {emu_load_far, ANY},
	[OP_LAR] = {emu_lar, ANY},
	[OP_LSL] = {emu_lsl, ANY},
	[OP_VERR] = {emu_verr, ANY},
	[OP_VERW] = {emu_verr, ANY},

	[OP_HLT] = {emu_hlt, CPL0},
	[OP_CLI] = {emu_cli, ANY}, /* by IOPL */
	[OP_STI] = {emu_sti, ANY},
	[OP_IN] = {emu_in, ANY},
	[OP_OUT] = {emu_out, ANY},
	[OP_MOV_CR] = {emu_mov_cr, CPL0},
	[OP_MOV_DR] = {emu_mov_dr, CPL0},
	[OP_LGDT] = {emu_load_table, CPL0},
	[OP_LIDT] = {emu_load_table, CPL0},
	[OP_SGDT] = {emu_store_table, ANY}, /* by UMIP */
	[OP_SIDT] = {emu_store_table, ANY},
	[OP_LLDT] = {emu_lldt, CPL0},
	[OP_SLDT] = {emu_store_selector, ANY},
	[OP_LTR] = {emu_ltr, CPL0},
	[OP_STR] = {emu_store_selector, ANY},
	[OP_LMSW] = {emu_lmsw, CPL0},
	[OP_SMSW] = {emu_store_selector, ANY},
	[OP_CLTS] = {emu_clts, CPL0},
	[OP_INVLPG] = {emu_invlpg, CPL0},
	[OP_INVD] = {emu_nop, CPL0},
	[OP_WBINVD] = {emu_nop, CPL0},
	[OP_RDMSR] = {emu_rdmsr, CPL0},
	[OP_WRMSR] = {emu_wrmsr, CPL0},
	[OP_RDTSC] = {emu_rdtsc, ANY}, /* by TSD */
	[OP_RDPMC] = {emu_rdpmc, ANY},
	[OP_CPUID] = {emu_cpuid, ANY},
};

bool emulate_fetch(struct vm *vm, u8 buf[INSN_MAX], u32 *avail, struct gfault *f)
{
	u32 start = vm->tf->eip + *avail;
	struct segment cs;

	ASSERT(*avail < INSN_MAX);
	cpu_segment(vm, SEG_CS, &cs);
	if (start > cs.limit) {
		*f = (struct gfault){.vector = VEC_GP, .has_error = true};
		return false;
	}
	u32 linear = cs.base + start;
	u32 n = min_u32(INSN_MAX - *avail, PAGE_SIZE - (linear & PAGE_MASK));
	if (cs.limit - start < n)
		n = cs.limit - start + 1;
	if (!gva_read(vm, gva(linear), buf + *avail, n, ACC_FETCH, f))
		return false;
	*avail += n;
	return true;
}

enum emulated emulate_insn(struct vm *vm, const struct insn *in, struct gfault *f)
{
	struct emu e = {.vm = vm,
			.tf = vm->tf,
			.in = in,
			.f = f,
			.next = vm->tf->eip + in->length};

	ASSERT(in->op < OP_COUNT && handlers[in->op].perform);
	if (handlers[in->op].needs == CPL0 && emu_cpl(&e) != 0) {
		emu_gp(&e);
		return EMU_FAULT;
	}
	if (!handlers[in->op].perform(&e))
		return EMU_FAULT;
	if (e.native)
		return EMU_UNKNOWN;
	if (!e.own_eip)
		vm->tf->eip = e.next;
	return EMU_DONE;
}

enum emulated emulate(struct vm *vm, struct gfault *f)
{
	u8 bytes[INSN_MAX];
	u32 avail = 0;
	struct insn in;
	enum decoded d;

	do {
		if (!emulate_fetch(vm, bytes, &avail, f))
			return EMU_FAULT;
		d = decode_recall(bytes, avail, &in);
	} while (d == DECODE_SHORT);
	if (d == DECODE_UNKNOWN)
		return EMU_UNKNOWN;
	return emulate_insn(vm, &in, f);
}
