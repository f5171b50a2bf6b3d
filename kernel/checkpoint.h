/*
 * Checkpoints: an instant at which something outside the machine reads all of its
 * memory.
 *
 * The routine fills checkpoint_record, turns paging off (so that a debugger, which
 * reads linear addresses, sees machine memory as it is), tells the plugin, executes
 * `xchg %bx,%bx` for the debugger, and goes on. Whichever is listening, the same
 * instructions run, so both see the same bytes at the same tick.
 *
 * The record is how a reader finds its way through a dump. All fields are 32 bits and
 * all addresses are machine addresses, so a 64-bit reader shares these structs.
 */
#ifndef KERNEL_CHECKPOINT_H
#define KERNEL_CHECKPOINT_H

#include "kernel/types.h"

enum { CHECKPOINT_MAGIC = 0x54504B43, CHECKPOINT_VMS = 16, CHECKPOINT_VERSION = 3 };

struct checkpoint_vm {
	u32 id;	   /* 1 .. 16, 0 = slot not in use */
	u32 state; /* enum vm_state */
	u32 mem_pages;
	/* machine addresses of the shadow directories: kernel view, user view */
	u32 root[2];
	/*
	 * host-virtual address of the pmap: mem_pages words, MPN in the low 20 bits,
	 * state in the next 4
	 */
	u32 pmap;
	u32 cr0, cr3, cr4; /* virtual */
	u32 mode;	   /* enum vmode */
	u32 cached;	   /* 1: the cached form of shadows, 0: the virtual TLB */
	/*
	 * Host-virtual address of the pool of shadow tables: so many struct
	 * checkpoint_table, each so many bytes after the one before; number of the first
	 * free one.
	 */
	u32 tables, table_count, table_bytes, free_head;
	/*
	 * Host-virtual addresses of arrays by PPN, 0 where the form has none: number + 1
	 * of the first table made from it (u16, one more than there are pages), first
	 * node of its reverse map (u32), traces (u8, enum trace)
	 */
	u32 table_of, rmap, traces;
	/* Pages that have a frame, are given away, lie on the disk: as the VMM counts. */
	u32 backed, ballooned, swapped;
};

/* A shadow table: struct stable (vmm/stable.h) as it lies in machine memory. */
struct checkpoint_table {
	/* host-virtual, a page each; 0 where there is none */
	u32 entry, made_from, link;
	u32 machine;
	u32 used[PAGE_WORDS / 32];
	u16 count;
	u8 kind, role;
	u32 gfn;
	u16 slot, next;
	u32 parents;
};

/*
 * The swap area. Host-virtual addresses of the records of its slots, 8 bytes each
 * (vmm/slots.h), and of the batches that are being written: so many, so many bytes each,
 * a word for the count and the pages first (vmm/swapio.h), a byte that says busy
 * `batch_busy` behind the head.
 */
struct checkpoint_swap {
	u32 slots, total, free;
	u32 batches, batch_count, batch_bytes, batch_busy;
};

struct checkpoint_record {
	u32 magic, version, size; /* of the record, in bytes */
	u32 number;
	u32 tick_lo, tick_hi; /* time stamp counter just before */
	u32 host_cr3;
	u32 mem_bytes, low_bytes;
	/*
	 * host-virtual address of the frame table, 12 bytes an entry (kernel/frame.h)
	 */
	u32 frames;
	u32 frame_count;
	struct checkpoint_swap swap;
	struct checkpoint_vm vm[CHECKPOINT_VMS];
};

extern struct checkpoint_record checkpoint_record;

/* The VMM's part of the record, called just before the instant. */
void checkpoint_on_fill(void (*fn)(struct checkpoint_record *));

/* Once, at boot. */
void checkpoint_init(u32 mem_bytes, u32 low_bytes);

/* Takes one; event checkpoint name=... n=... tick=... */
void checkpoint(const char *name);

#endif
