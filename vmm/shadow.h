/*
 * Shadow page tables: what the CPU really walks, GVA -> MPN. Two roots per address
 * space: the kernel view maps every guest page, the user view those with U set; which
 * one is loaded depends on the virtual mode.
 *
 *      guest   CR3 -> [directory] -> [table] -> PPN
 *                        |              |        | pmap
 *      shadow  root -> [ root ]  -> [ leaf  ] -> MPN
 *
 * Two forms do this, chosen by the boot option shadow=:
 *
 *   vtlb    a virtual TLB (vtlb.c): empty after every CR3 load, filled on faults. The
 *           simplest form that is right: the executable specification.
 *   cached  shadows kept by guest table (shadow.c): they survive a CR3 load, because we
 *           hear of what the guest writes to its tables.
 *
 * Rules that hold in both, whenever the guest runs (audit.h has the whole list): an
 * entry maps the frame that the pmap has for the guest entry's PPN; it is never wider
 * than the guest's entry (writable only if W and D are set and nobody traces the page;
 * in the user view only if U); it is present only if A is set; nothing at or above
 * HOST_BASE but the host's own.
 */
#ifndef VMM_SHADOW_H
#define VMM_SHADOW_H

#include "vmm/cpu.h"
#include "vmm/rmap.h"
#include "vmm/spte.h"
#include "vmm/stable.h"
#include "vmm/walk.h"

struct vm;

/* What else a shadow depends on, besides the guest table. */
enum shadow_role {
	ROLE_USER = 1, /* the user view */
	ROLE_NO_WP =
		2, /* kernel view with CR0.WP = 0: read-only pages can be written */
	ROLE_NOWHERE = 4, /* a root for a CR3 beyond memory: nothing is ever in it */
};

/* A guest table that may be written freely until the next flush. */
struct loose {
	u32 gfn;
	u32 directory; /* PPN of the one directory it is in use under; or: */
	u32 quiet; /* what the flushes that found nothing changed have cost: sync.c */
};

enum { LOOSE_MAX = 24 };
#define LOOSE_UNUSED 0xffffffffu /* under none */
#define LOOSE_ANY 0xfffffffeu	 /* under several, or it is a directory */

struct shadow {
	const struct shadow_form *form;
	struct stable_pool pool;
	u16 active[2];	  /* table numbers of the roots in use, by view; STABLE_NONE */
	u32 root[2];	  /* their machine addresses; 0: none in use */
	u16 *first[2];	  /* vtlb: table number + 1 by view and PDE index, 0 none */
	u16 *table_of;	  /* cached: first table of a gfn, number + 1, 0 none */
	struct rmap rmap; /* cached */
	struct loose loose[LOOSE_MAX];
	u32 loose_count;
	u32 clock;
	u32 flushes, refills, made, evicted, loosened, resynced;
};

bool shadow_create(struct vm *vm);
void shadow_destroy(struct vm *vm);

/* Pages of the heap that the shadows of a VM of this size take, at most. */
u32 shadow_overhead(u32 mem_pages);
const char *shadow_form_name(const struct vm *vm);

/* What to load into CR3 for this view. May make a root. */
#define shadow_root(vm, view) \
	((vm)->shadow.root[view] ? (vm)->shadow.root[view] : shadow_make_root(vm, view))
u32 shadow_make_root(struct vm *vm, enum vmode view);

/*
 * The guest loaded CR3, with whatever value: a flush. The caller loads the root anew.
 */
void shadow_load_cr3(struct vm *vm);

/* CR0.PG, CR0.WP or CR4.PSE changed. The caller loads the root anew. */
void shadow_flush(struct vm *vm);

/* The guest did INVLPG. Never mapped: nothing happens. */
void shadow_invlpg(struct vm *vm, gva_t v);

/* n bytes within one page that has TRACE_TABLE are about to be overwritten by us. */
void shadow_written(struct vm *vm, gpa_t p, u32 n);

/*
 * The page will change behind our back (DMA, an unknown instruction): no table any
 * more.
 */
void shadow_unshadow(struct vm *vm, ppn_t p);

/*
 * All mappings of this page: read-only from now on / gone. For traces, and for whoever
 * takes the frame away.
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

/* An access below HOST_BASE that the loaded view does not allow. May sleep. */
enum shadow_result shadow_fault(struct vm *vm, gva_t v, unsigned acc, u32 *error);

/* What a form provides; the functions above call these. */
struct shadow_form {
	const char *name;
	u32 (*tables)(u32 mem_pages); /* size of the pool */
	bool wide;		      /* of its tables: stable.h */
	bool (*create)(struct vm *vm);
	void (*destroy)(struct vm *vm);
	u16 (*root)(struct vm *vm, enum vmode view);
	void (*load_cr3)(struct vm *vm);
	void (*flush)(struct vm *vm);
	void (*invlpg)(struct vm *vm, gva_t v);
	void (*written)(struct vm *vm, gpa_t p, u32 n);
	void (*unshadow)(struct vm *vm, ppn_t p);
	void (*protect)(struct vm *vm, ppn_t p);
	void (*drop)(struct vm *vm, ppn_t p);
	enum shadow_result (*fault)(struct vm *vm, gva_t v, unsigned acc, u32 *error);
};

extern const struct shadow_form vtlb_form, cached_form;

#endif
