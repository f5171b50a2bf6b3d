/*
 * The virtual CPU: what the guest's privileged instructions see and change. The
 * emulator decodes and checks operands, then calls these. Each works on vm->cpu and the
 * guest's registers in vm->tf. Where one can fault it returns false with *f filled and
 * has changed nothing; EIP is the emulator's business, but for iret and far transfers.
 */
#ifndef VMM_CPU_H
#define VMM_CPU_H

#include "kernel/trap.h"
#include "vmm/gmem.h"

enum vmode { VMODE_KERNEL, VMODE_USER };

/* Segment registers by their x86 encoding (SDM vol. 2, table 2-1 Sreg field). */
enum sreg { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_COUNT };

struct dtable {
	u32 base;
	u16 limit;
};

struct cpu {
	enum vmode mode;
	u32 cr0, cr2, cr3, cr4;
	u32 dr[8];
	struct dtable gdtr, idtr;
	u16 ldtr, tr;
	u32 tss_base, tss_limit; /* as of the last LTR */
	/* virtual IF, where the CPU does not keep it (no PVI, or user mode) */
	bool vif;
	/*
	 * the instruction just done was `sti` or `mov ss`: no interrupt before the next
	 */
	bool shadow;
	u32 vflags;  /* virtual IOPL and NT bits of EFLAGS */
	bool halted; /* in `hlt` */
};

/*
 * A segment as the emulator needs it, from the descriptor that the guest really runs
 * on.
 */
struct segment {
	u32 base, limit; /* limit: last valid byte, granularity applied */
	bool present;	 /* usable at all (not null) */
	bool writable, readable, code, expand_down, big;
};

void cpu_segment(struct vm *vm, enum sreg s, struct segment *out);
u16 cpu_selector(struct vm *vm,
		 enum sreg s); /* the guest's view (RPL 0 in kernel mode) */
bool cpu_load_segment(struct vm *vm, enum sreg s, u16 sel,
		      struct gfault *f); /* not CS */

/*
 * EFLAGS in the guest's view, and popf's way to change them (privilege rules applied).
 */
u32 cpu_flags(const struct vm *vm);
void cpu_set_flags(struct vm *vm, u32 value, bool wide);

void cpu_cli(struct vm *vm);
void cpu_sti(struct vm *vm);
void cpu_hlt(struct vm *vm); /* EIP already past the hlt; may sleep */

u32 cpu_read_cr(struct vm *vm, unsigned n);
bool cpu_write_cr(struct vm *vm, unsigned n, u32 value, struct gfault *f);
void cpu_clts(struct vm *vm);
void cpu_lmsw(struct vm *vm, u16 value);
u32 cpu_read_dr(struct vm *vm, unsigned n);
void cpu_write_dr(struct vm *vm, unsigned n, u32 value);
void cpu_invlpg(struct vm *vm, gva_t v);
void cpu_lgdt(struct vm *vm, struct dtable t);
void cpu_lidt(struct vm *vm, struct dtable t);
bool cpu_lldt(struct vm *vm, u16 sel, struct gfault *f);
bool cpu_ltr(struct vm *vm, u16 sel, struct gfault *f);
void cpu_cpuid(struct vm *vm); /* eax, ecx in; eax..edx out */
bool cpu_rdmsr(struct vm *vm, struct gfault *f);
bool cpu_wrmsr(struct vm *vm, struct gfault *f);

/* Far transfers; `size` 2 or 4 is the operand size. They set CS:EIP themselves. */
bool cpu_iret(struct vm *vm, unsigned size, struct gfault *f);
bool cpu_far_ret(struct vm *vm, unsigned size, u32 extra_pop, struct gfault *f);
bool cpu_far_jump(struct vm *vm, u16 sel, u32 offset, struct gfault *f);
bool cpu_far_call(struct vm *vm, u16 sel, u32 offset, unsigned size, u32 next_eip,
		  struct gfault *f);
bool cpu_soft_int(struct vm *vm, unsigned n, u32 next_eip, struct gfault *f);

/* May the guest's current mode use this port (IOPL; the TSS bitmap)? */
bool cpu_io_allowed(struct vm *vm, u16 port, unsigned size);

#endif
