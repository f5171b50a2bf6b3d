/*
 * The page table walker: the only one. It walks the guest's own tables as the MMU would
 * (SDM vol. 3, 4.3): CR0.PG and WP, CR4.PSE, 4 KiB and 4 MiB pages, A and D bits, error
 * codes. It never looks at a shadow.
 *
 *      CR3 -> [directory] -> PDE -> [table] -> PTE -> page
 *                             '-- PS=1 and CR4.PSE: 4 MiB page
 */
#ifndef VMM_WALK_H
#define VMM_WALK_H

#include "vmm/gmem.h"

typedef struct {
	u32 v;
} gpte_t; /* an entry of a guest's page directory or table */

struct walk {
	gpa_t pde_at,
		pte_at; /* where the entries lie; pte_at only when there is a table */
	gpte_t pde, pte;
	bool paged;    /* CR0.PG */
	bool large;    /* a 4 MiB page: there is no PTE */
	gpa_t page;    /* the 4 KiB page that results */
	bool writable; /* by the tables, WP = 0 not considered */
	bool user;
	bool dirty; /* D is set (or paging is off) */
};

/*
 * Walks. False: the access `acc` is not allowed; *error is the page-fault error code as
 * the guest must see it. `user`: the access has user rights (not with ACC_SYSTEM).
 * Changes nothing.
 */
bool walk(struct vm *vm, gva_t v, unsigned acc, struct walk *w, u32 *error);

/* One entry of a guest table, at a multiple of 4. May sleep. */
gpte_t walk_entry(struct vm *vm, gpa_t at);

/*
 * Sets A in all entries used, and D when `write`, in the guest's memory, if not set
 * yet.
 */
void walk_touch(struct vm *vm, struct walk *w, bool write);

#endif
