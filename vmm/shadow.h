/*
 * Shadow page tables: what the CPU really walks, GVA -> MPN. Two roots per address
 * space: the kernel view maps every guest page, the user view those with U set; which
 * one is loaded depends on the virtual mode.
 *
 * This is the simplest form that is right, a virtual TLB: empty after every CR3 load,
 * filled on faults, emptied entry by entry by INVLPG. Rules (audit names in brackets):
 *
 *   S1 [frame]   an entry maps the frame that the pmap has for the guest entry's PPN
 *   S2 [width]   never wider than the guest's entry: W only if W, D and no trace; user view only if U
 *   S3 [access]  present only if the guest's A is set
 *   S4 [host]    nothing at or above HOST_BASE but the host's 16 entries
 */
#ifndef VMM_SHADOW_H
#define VMM_SHADOW_H

#include "vmm/cpu.h"
#include "vmm/walk.h"

struct vm;

typedef struct {
	u32 v;
} spte_t; /* an entry of a shadow */

enum { SHADOW_POOL = 64 }; /* tables per VM, roots not counted */

/* A shadow table of the pool. Free ones are all zero. */
struct stable {
	u32 *entry;		   /* host address, PAGE_WORDS entries */
	u32 machine;		   /* machine address */
	u32 used[PAGE_WORDS / 32]; /* which entries may be non-zero */
	u32 next_free;
};

struct shadow {
	struct stable root[2]; /* by enum vmode */
	struct stable *pool;   /* SHADOW_POOL of them */
	u16 *table_of[2];      /* by PDE index: 1 + pool index of the table, 0 none */
	u32 free_head, free_count;
	u32 flushes, refills;
};

bool shadow_create(struct vm *vm);
void shadow_destroy(struct vm *vm);

/* What to load into CR3 to run in this mode. */
u32 shadow_root(const struct vm *vm, enum vmode mode);

/* The guest changed CR3, PG, WP or PSE: nothing that is mapped counts any more. */
void shadow_flush(struct vm *vm);

/* The guest did INVLPG. Never mapped: nothing happens. */
void shadow_invlpg(struct vm *vm, gva_t v);

/*
 * The page must not be writable any more / not mapped at all: trace set, frame taken
 * away.
 */
void shadow_protect(struct vm *vm, ppn_t p);
void shadow_drop(struct vm *vm, ppn_t p);

/* The leaf entry of a view for this address; 0: none. For those who look. */
spte_t shadow_lookup(const struct vm *vm, unsigned view, gva_t v);

enum shadow_result {
	SHADOW_FILLED, /* a hidden fault: retry */
	SHADOW_TRUE,   /* the guest's own fault: *error */
	/* traced, device or beyond memory: the access must be emulated */
	SHADOW_EMULATE,
};

/* An access below HOST_BASE that the view which is loaded does not allow. May sleep. */
enum shadow_result shadow_fault(struct vm *vm, gva_t v, unsigned acc, u32 *error);

#endif
