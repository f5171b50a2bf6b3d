/*
 * The page-fault handler. Memory is got first, which may sleep; then the
 * entry is read again, as the clock may have taken its page meanwhile; then
 * one store maps the page. After a widening store no flush is needed.
 */
#include "fault.h"

#include "oom.h"
#include "proc.h"
#include "reclaim.h"
#include "space.h"
#include "stat.h"
#include "swap.h"
#include "x86.h"

enum { ERROR_WRITE = 2 };

enum outcome { FAULT_DONE, FAULT_AGAIN, FAULT_NO_MEMORY, FAULT_IO };

struct fault {
	struct space *space;
	uint32_t address; /* of the page */
	bool write;
	bool writable; /* the region's right */
	pte_t *pte;
};

/* A page for the faulting address, not yet mapped. */
static struct page *new_page(const struct fault *fault)
{
	struct page *page = page_alloc(PAGE_ANON);

	if (page != NULL)
		page->key = fault->address >> PAGE_SHIFT;
	return page;
}

/* The first touch. Nobody but this process fills an empty entry. */
static enum outcome demand_zero(struct fault *fault)
{
	struct page *page = new_page(fault);

	if (page == NULL)
		return FAULT_NO_MEMORY;
	page_clear(page_bytes(page));
	stat.demand_zero++;
	pte_set(fault->pte, pte_user(page_number(page), fault->writable));
	return FAULT_DONE;
}

/* The page waits under its entry. */
static enum outcome map_ready(struct fault *fault)
{
	pte_set(fault->pte, pte_user(pte_number(*fault->pte), fault->writable));
	return FAULT_DONE;
}

/* The last owner of a shared page takes it as it is; others copy. */
static enum outcome copy_on_write(struct fault *fault)
{
	pte_t old = *fault->pte;
	struct page *shared = page_at(pte_number(old));
	struct page *page;

	if (shared->refs == 1) {
		pte_set(fault->pte, pte_user(pte_number(old), true));
		return FAULT_DONE;
	}
	page = new_page(fault);
	if (page == NULL)
		return FAULT_NO_MEMORY;
	if ((*fault->pte ^ old) & ~(pte_t)(PTE_A | PTE_D) || shared->refs == 1) {
		page_free(page);
		return FAULT_AGAIN;
	}
	page_copy(page_bytes(page), page_bytes(shared));
	shared->refs--;
	stat.cow_copies++;
	pte_set(fault->pte, pte_user(page_number(page), true));
	invlpg(fault->address);
	return FAULT_DONE;
}

/* The slot stays the page's copy when no one else needs it. */
static enum outcome swap_in(struct fault *fault)
{
	uint32_t slot = pte_number(*fault->pte);
	struct page *page = new_page(fault);
	bool clean;

	if (page == NULL)
		return FAULT_NO_MEMORY;
	page->refs = 0; /* no entry maps it while it is read */
	if (!swap_read(slot, page)) {
		page_free(page);
		return FAULT_IO;
	}
	page->refs = 1;
	stat.swap_ins++;
	clean = swap_take_over(slot, page);
	if (clean && !fault->write)
		pte_set(fault->pte, pte_user_clean(page_number(page), fault->writable));
	else
		pte_set(fault->pte, pte_user(page_number(page), fault->writable));
	return FAULT_DONE;
}

/* By the entry's form; a present one that allows the access is an old TLB's. */
static enum outcome resolve(struct fault *fault)
{
	pte_t pte = *fault->pte;

	if (pte == 0)
		return demand_zero(fault);
	if (pte & PTE_P)
		return fault->write && !(pte & PTE_W) ? copy_on_write(fault)
						      : FAULT_DONE;
	if (pte & PTE_SWAPPED)
		return swap_in(fault);
	return map_ready(fault);
}

/* The rights are the region's; the entry only says where the page is. */
bool fault_handle(uint32_t address, uint32_t error)
{
	struct space *space = &current->space;
	enum region region = space_region(space, address);
	struct fault fault = {
		.space = space,
		.address = address & ~(PAGE_SIZE - 1u),
		.write = error & ERROR_WRITE,
		.writable = region != REGION_TEXT || space->loading,
	};
	enum outcome outcome;

	if (region == REGION_NONE || (fault.write && !fault.writable))
		return false;
	if (region == REGION_STACK && fault.address < space->stack_low)
		space->stack_low = fault.address;
	do {
		fault.pte = space_make(space, address);
		outcome = fault.pte != NULL ? resolve(&fault) : FAULT_NO_MEMORY;
	} while (outcome == FAULT_AGAIN ||
		 (outcome == FAULT_NO_MEMORY && oom_relieve()));
	if (outcome == FAULT_NO_MEMORY)
		oom_give_up("out of memory");
	if (outcome == FAULT_IO)
		oom_give_up("swap-in failed");
	return outcome == FAULT_DONE;
}
