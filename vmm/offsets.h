/*
 * Where things lie in struct vm: for a reader of machine memory that stands outside and
 * knows only the kernel's file (grader/oracle). The table is a constant of the image, so
 * it is there at every instant, also at one that nobody announced, and what runs in the
 * machine cannot change it unseen. All fields are 32 bits: a 64-bit reader shares this.
 */
#ifndef VMM_OFFSETS_H
#define VMM_OFFSETS_H

#include "kernel/checkpoint.h"

enum { VM_OFFSETS_MAGIC = 0x5346464F, VM_OFFSETS_VMS = 16 };

struct vm_offsets {
	u32 magic, size; /* of this table, in bytes */
	/* host-virtual address of VM_OFFSETS_VMS + 1 pointers, by id; 0: no such VM */
	u32 vms;
	u32 form_wide; /* a byte of what `form` points to: 1 for the cached shadows */
	u32 vm_bytes;  /* of a struct vm */
	struct checkpoint_swap swap; /* slots, total, free: where these words lie */
	u32 table_bytes;	     /* of a struct stable */
	/* bytes from the head of struct vm; words unless it says otherwise */
	u32 id, state, view, mem_pages, lives;
	u32 built; /* a byte */
	u32 why;   /* text */
	u32 cr0, cr3, cr4, mode;
	u32 pmap;			/* address of the entries */
	u32 backed, ballooned, swapped; /* pages that have a frame, and so on */
	u32 form, tables, table_count, table_of, rmap, traces;
	u32 free_head; /* 16 bits */
	u32 active;    /* 16 bits each, by view */
};

extern const struct vm_offsets vm_offsets;

#endif
