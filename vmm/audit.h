/*
 * The audit of the shadows: what must hold of them whenever a guest is about to run,
 * whatever it did. A broken invariant is our bug, never the guest's: the machine panics
 * and names it.
 *
 *  I1  pool     every table is free or in use: the free list has each free one, once,
 *               and the frame of each table says which table of which VM it is
 *  I2  free     a free table is all zero; in one that is in use, the bitmap and the
 *               count say which entries are not
 *  I3  pmap     the pmap counts its frames right, and its pages that are away; each
 *               frame names the VM and the PPN
 *  I4  host     every root ends in the host's 16 entries, closed to ring 3
 *  I5  names    a table has a name of its own (guest table, kind, role, slot) and is
 *               found by it
 *  I6  roots    the active roots are those of the guest's CR3, CR0 and the view
 *  I7  parents  a root's entry leads to the leaf that its guest entry names, and that
 *               leaf knows of it; a leaf of a 4 MiB page has one parent
 *  I8  owner    a leaf's entry maps a frame of this VM's that backs a page of it
 *  I9  frame    namely the one that the pmap has for the PPN in the guest's entry
 *  I10 access   the guest's entry has P and A; the shadow's has page, P, W, U, A and D
 *               and nothing else
 *  I11 width    it is writable only if the guest's is (or CR0.WP = 0) and has D; in the
 *               user view there is only what has U
 *  I12 trace    guest tables with shadows are traced or loose, not both, and no others
 *               are; no entry that maps a traced page is writable
 *  I13 fresh    the guest's entry is still what the shadow's was made from; in a loose
 *               table, or one under DMA, only right after a flush
 *  I14 rmap     each leaf entry in use is on the list of the PPN that it maps, once;
 *               nothing else is on any
 *  I15 promise  an operation did what it was called for: what was asked for is mapped,
 *               what was flushed or dropped is gone
 *
 * The virtual TLB remembers nothing of the guest's tables: I5, I12's first half, I13 and
 * I14 say nothing of it; of I9 and I11 what can be known without them.
 *
 * Options: audit=off|walk|full. walk looks at what each operation touched, full also at
 * everything, every audit_every= exits of a VM and at each checkpoint. The monitor's
 * `check` is always there. An audit does not sleep, allocates nothing, changes nothing.
 * With audit=off none of it runs.
 */
#ifndef VMM_AUDIT_H
#define VMM_AUDIT_H

#include "vmm/shadow.h"

enum { AUDIT_TEXT = 128, AUDIT_NO_PLACE = 0xffff };

/* How far an audit is, and what it found: the first invariant that is broken. */
struct audit {
	struct vm *vm;
	u32 entries;	  /* in use, looked at */
	const char *rule; /* its name in the list above; NULL: clean so far */
	u32 table, index; /* where, or AUDIT_NO_PLACE */
	char text[AUDIT_TEXT];
};

/* Looks at all of a VM that is built. False: a->rule is broken, the rest says where. */
bool audit_find(struct vm *vm, struct audit *a);

/* The same, but what is broken ends the machine. Returns the entries looked at. */
u32 audit_vm(struct vm *vm);

/* All VMs that are built: returns how many; *entries as above. */
u32 audit_all(u32 *entries);

/* Reads the options; once, before the first VM is made. */
void audit_init(void);

/*
 * The form that VMs are to use: the one given, or one that does the same and looks at
 * what each operation did.
 */
const struct shadow_form *audit_form(const struct shadow_form *form);

/* What vm->attention of a new VM has for the audit. */
u32 audit_attention(void);

/* An exit of this VM is over; if it was a page fault, at cr2. */
void audit_exit(struct vm *vm, gva_t cr2);

/* A checkpoint is about to be taken. */
void audit_checkpoint(void);

#endif
