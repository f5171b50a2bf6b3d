/*
 * Quick ways for the commonest exits: delivering an interrupt or fault to the guest's
 * kernel, and its iret back to user mode.
 *
 * The long ways (inject.c, far.c) check everything. What they found right is remembered:
 * the gate as it stood in the IDT, the selectors as they stood in TSS and frame. As long
 * as the guest's GDT, IDTR and TR are the same, a gate of the same bits and the same
 * selectors are right again, so here they are read afresh, compared, and used. Whatever is
 * not exactly as remembered goes the long way. quick=off makes all go the long way.
 */
#ifndef VMM_QUICK_H
#define VMM_QUICK_H

#include "kernel/types.h"

struct vm;
struct stable;

enum { QUICK_GATES = 256 };

/* A gate as it was last found right, and what it means. lo = hi = 0: never. */
struct quick_gate {
	u32 lo, hi;
	u32 at; /* where it lies: linear address */
	u32 eip, cs;
	bool interrupt; /* clears IF; else a trap gate */
	bool open;	/* DPL 3: user mode may call it by int n */
};

struct quick {
	bool on;      /* quick=on */
	bool refills; /* and the form is cached: vmm/refill.h, vmm/dirwrite.h */
	bool adopts;  /* the same: vmm/adopt.h */
	bool flushes; /* and not audited: vmm/shortcut.c */
	struct quick_gate gate[QUICK_GATES];
	u32 flat_cs; /* of the kernel: known to be flat; 0: none */
	/* SS0 of the TSS: the whole word that it stands in, and as a selector of ring 3. */
	u32 ss0, kernel_ss;
	/* As the last iret found and left them; 0: never. */
	u32 kernel_cs, user_cs, user_ss, user_data;
	/* The last page fault given to the guest, and where it came from: see quick_iret. */
	u32 fault_va, fault_eip;
	unsigned fault_access;
	/* By view: an entry of a root, and the leaf that it points to. Never stale: refill.c */
	u32 leaf_entry[2];
	struct stable *leaf[2];
};

/* Once, at boot: the option. */
void quick_init(void);

/* The guest's GDT, IDTR or TR changed: nothing is known any more. */
void quick_forget(struct vm *vm);

/*
 * Deliver to the guest's kernel, to return to where the guest is: an interrupt, a page
 * fault (CR2 is the caller's business). False: nothing was done, but for the CPU's own CR2.
 */
bool quick_interrupt(struct vm *vm, u8 vector);
bool quick_fault(struct vm *vm, u32 error);

/*
 * Exits by int 0x80 and by #PF, and by #NP: an iret of the guest's kernel to its user mode,
 * if the instruction is one; back to where a page fault came from, the page is probably
 * there now, and is mapped without waiting for the next fault. What they cannot do goes to
 * exit_slowly.
 */
void exit_syscall(struct vm *vm);
void exit_page_fault(struct vm *vm);
void exit_not_present(struct vm *vm);

/*
 * An iret, known to be one, of the guest's kernel to itself. False: nothing was done, it may
 * be another kind.
 */
bool quick_iret_same(struct vm *vm);

/* The long way has just delivered this vector: remember its gate. */
void quick_learn(struct vm *vm, u8 vector);

/* The long way has just done one, by code that ran on segment from_cs. */
void quick_learn_iret(struct vm *vm, u32 from_cs);

#endif
