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

enum { CHECKPOINT_MAGIC = 0x54504B43, CHECKPOINT_VMS = 16, CHECKPOINT_VERSION = 1 };

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
