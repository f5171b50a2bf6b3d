/*
 * Traps: the IDT, the frame that entry.S builds, and the way back. Every trap from ring
 * 3 is a guest's and goes to the hook guest_exit(); traps from ring 0 are interrupts in
 * the idle loop, faults in the few instructions that may fault (the fixup table), or
 * our bugs.
 */
#ifndef KERNEL_TRAP_H
#define KERNEL_TRAP_H

#include "kernel/types.h"

/* What entry.S leaves on the kernel stack. From ring 0, esp and ss are not there. */
struct trapframe {
	u32 edi, esi, ebp, unused_esp, ebx, edx, ecx, eax; /* pusha */
	u32 es, ds;
	u32 vector;
	u32 error; /* 0 where the CPU pushes none */
	u32 eip, cs, eflags, esp, ss;
};

/* Vectors: Intel SDM vol. 3, table 6-1. */
enum vector {
	VEC_DE = 0,
	VEC_DB = 1,
	VEC_NMI = 2,
	VEC_BP = 3,
	VEC_OF = 4,
	VEC_BR = 5,
	VEC_UD = 6,
	VEC_NM = 7,
	VEC_DF = 8,
	VEC_TS = 10,
	VEC_NP = 11,
	VEC_SS = 12,
	VEC_GP = 13,
	VEC_PF = 14,
	VEC_MF = 16,
	VEC_AC = 17,
	VEC_MC = 18,
	VEC_XM = 19,
	VEC_IRQ0 = 32,
	VEC_IRQ_END = 48,
	VEC_SYSCALL = 0x80,
};

/* EFLAGS bits: SDM vol. 1, 3.4.3. */
enum eflags {
	FL_CF = 1u << 0,
	FL_ONE = 1u << 1,
	FL_PF = 1u << 2,
	FL_AF = 1u << 4,
	FL_ZF = 1u << 6,
	FL_SF = 1u << 7,
	FL_TF = 1u << 8,
	FL_IF = 1u << 9,
	FL_DF = 1u << 10,
	FL_OF = 1u << 11,
	FL_IOPL = 3u << 12,
	FL_NT = 1u << 14,
	FL_RF = 1u << 16,
	FL_VM = 1u << 17,
	FL_AC = 1u << 18,
	FL_VIF = 1u << 19,
	FL_VIP = 1u << 20,
	FL_ID = 1u << 21,
};

/* Control register bits: SDM vol. 3, 2.5. */
enum cr0 {
	CR0_PE = 1u << 0,
	CR0_MP = 1u << 1,
	CR0_EM = 1u << 2,
	CR0_TS = 1u << 3,
	CR0_ET = 1u << 4,
	CR0_NE = 1u << 5,
	CR0_WP = 1u << 16,
	CR0_AM = 1u << 18,
	CR0_NW = 1u << 29,
	CR0_CD = 1u << 30,
	CR0_PG = 1u << 31,
};
enum cr4 {
	CR4_VME = 1u << 0,
	CR4_PVI = 1u << 1,
	CR4_TSD = 1u << 2,
	CR4_DE = 1u << 3,
	CR4_PSE = 1u << 4,
	CR4_PAE = 1u << 5,
	CR4_MCE = 1u << 6,
	CR4_PGE = 1u << 7,
	CR4_PCE = 1u << 8,
	CR4_OSFXSR = 1u << 9,
	CR4_UMIP = 1u << 11,
	CR4_SMEP = 1u << 20,
	CR4_SMAP = 1u << 21,
};

/* Page fault error code: SDM vol. 3, 4.7. */
enum pf {
	PF_P = 1u << 0,
	PF_W = 1u << 1,
	PF_U = 1u << 2,
	PF_RSVD = 1u << 3,
	PF_I = 1u << 4
};

void trap_init(void);

#endif
