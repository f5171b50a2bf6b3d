/*
 * Lab 1's tests: two VMs on the arena, the calls of vmm/pmap.h and vmm/shadow.h on them,
 * and a guest. The judge writes the guest's tables, knows what they mean by a walk of its
 * own (guest.c), and is the CPU that runs on the shadows, with a TLB (mmu.c).
 */
#ifndef GRADER_JUDGE_VMS_H
#define GRADER_JUDGE_VMS_H

#include "grader/judge/judge.h"
#include "kernel/paging.h"

static struct vm *const vm = &arena->vm[0];
static struct vm *const other = &arena->vm[1];

/* --- calls (stubs_vm.c) --------------------------------------------------------------- */

/* A machine with so much memory. */
void start_machine(u32 pages);

/* Traces and shadows of a VM whose pmap is there / all of that, and a pmap. */
void build_shadows(struct vm *v);
void build_vm(struct vm *v, u32 pages);
void destroy_vm(struct vm *v);
u32 take_frames(u32 count);
void give_frames(void);

/* The guest's mode, and so its view; its CR3; CR0.WP and the like have changed. */
u32 set_mode(enum vmode mode);
u32 load_cr3(u32 value);
u32 flush_all(void);
void invlpg_guest(u32 va);
enum shadow_result fault_at(u32 va, unsigned acc, u32 *error);
bool emulate(u32 va, unsigned acc, u32 *word);
void write_for_guest(u32 gpa, const void *bytes, u32 n);
void device_writes(u32 gpa); /* to this page, the same as before */
u32 leaf_of(u32 gfn, u32 role);
void map_page(u32 leaf, u32 i, u32 p, u32 entry, u32 from);

/* --- evidence -------------------------------------------------------------------------- */

/* A table of the pool; its pointers have been looked at. */
const struct stable *table_at(u32 number);
const struct stable *active_root(enum vmode view);
const struct pmap_entry *pmap_entry(const struct vm *v, u32 p);
const char *state_name(u32 state);
bool is_hole(u32 p); /* a page of the PC's hole that is no memory */

/* --- the guest (guest.c) ------------------------------------------------------------------ */

enum { RW = PTE_P | PTE_W, RWU = RW | PTE_U, AD = PTE_A | PTE_D };

/* A page of memory that nothing is in yet: its PPN << 12. Its frame is zeroed. */
u32 new_page(void);

/* The guest's memory, behind everybody's back. */
u32 peek(u32 gpa);
void poke(u32 gpa, u32 value);

/* Writes the entry of a page's table in a directory; a table is made if there is none. */
void put_pte(u32 directory, u32 va, u32 entry);
u32 pte_at(u32 directory, u32 va);

/* Paging on, with CR0.WP, on a new directory. */
u32 start_paging(void);

/* What the guest's tables say, by the judge's own walk. */
struct truth {
	bool allowed, paged, large;
	u32 error;	    /* if not allowed */
	u32 pde_at, pte_at; /* 0: none was read */
	u32 pde, pte;
	u32 page; /* PPN */
	bool writable, user;
};
u32 guest_entry(u32 gpa); /* as a walk reads it */
struct truth truth_of(u32 va, unsigned acc, enum vmode mode);

/* --- the CPU (mmu.c) ---------------------------------------------------------------------- */

struct mapping {
	bool present, writable;
	u32 mpn;
};

/* What the shadow of a view has for an address, without any TLB. */
struct mapping shadow_of(enum vmode view, u32 va);

/*
 * What a lab's student has done so far: A and D are right from exercise 6 on, traces from
 * 7 on. Set at the start of a test.
 */
extern u32 done;

/*
 * The guest reads or writes a word, in its mode and view. It must end as the guest's tables
 * say; faults are given to the code under test. True: the access was allowed.
 */
bool access_at(u32 va, unsigned acc);
void store_at(u32 va, u32 value); /* must be allowed */
u32 load_at(u32 va);

/* All that the loaded CPU could use, shadow and TLB, is no wider than the guest's tables. */
void audit(void);

#endif
