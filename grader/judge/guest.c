/*
 * The guest of lab 1's tests: its memory, its page tables, and what they mean. The walk
 * here is the judge's own, so that it is not asked whom it judges.
 */
#include "grader/judge/vms.h"

static bool used[1u << 16]; /* pages that new_page gave */

u32 new_page(void)
{
	u32 p;

	do
		p = 1 + roll(vm->mem_pages - 1);
	while (used[p] || is_hole(p));
	used[p] = true;
	return p << PAGE_SHIFT;
}

static u32 *word_of(u32 gpa)
{
	const struct pmap_entry *e = pmap_entry(vm, gpa >> PAGE_SHIFT);

	if (e->state != PMAP_PRIVATE)
		return NULL;
	MUST(e->mpn < MACHINE_PAGES,
	     text("the pmap's entry of PPN 0x%x", gpa >> PAGE_SHIFT),
	     "an MPN of this machine", text("MPN 0x%x", e->mpn));
	return (u32 *)&arena->page[e->mpn][gpa & PAGE_MASK & ~3u];
}

u32 peek(u32 gpa)
{
	const u32 *w = word_of(gpa);

	return w ? *w : 0;
}

void poke(u32 gpa, u32 value)
{
	u32 *w = word_of(gpa);
	mpn_t m = mpn(0);

	if (!w) {
		MUST(pmap_back(vm, ppn(gpa >> PAGE_SHIFT), &m), judge_done(), "true",
		     "false");
		w = word_of(gpa);
		MUST(w, judge_done(), "PMAP_PRIVATE from now on", "another state");
	}
	*w = value;
}

static u32 index_in_table(u32 va)
{
	return (va >> PAGE_SHIFT & (PAGE_WORDS - 1)) * 4;
}

static u32 page_of(u32 entry)
{
	return entry & ~(u32)PAGE_MASK;
}

void put_pte(u32 directory, u32 va, u32 entry)
{
	u32 pde_at = directory + (va >> 22) * 4;

	if (!(peek(pde_at) & PTE_P))
		poke(pde_at, new_page() | RWU);
	poke(page_of(peek(pde_at)) + index_in_table(va), entry);
}

u32 pte_at(u32 directory, u32 va)
{
	return page_of(peek(directory + (va >> 22) * 4)) + index_in_table(va);
}

u32 start_paging(void)
{
	u32 directory = new_page();

	vm->cpu.cr0 |= 1u << 31 | 1u << 16; /* PG, WP */
	load_cr3(directory);
	return directory;
}

/* --- the walk: SDM vol. 3, 4.3 and 4.6 ------------------------------------------------------ */

enum { LARGE = 0x3fffff, LARGE_RESERVED = 0x003fe000 };

/* An entry as the CPU reads it: where no memory is, all bits are ones. */
u32 guest_entry(u32 gpa)
{
	u32 p = gpa >> PAGE_SHIFT;

	return p >= vm->mem_pages || is_hole(p) ? ~0u : peek(gpa);
}

static bool rights(const struct truth *t, unsigned acc, enum vmode mode)
{
	bool wp = vm->cpu.cr0 >> 16 & 1;

	if (mode == VMODE_USER && !t->user)
		return false;
	return !(acc & ACC_WRITE) || t->writable || (mode == VMODE_KERNEL && !wp);
}

static void decide(struct truth *t, unsigned acc, enum vmode mode)
{
	t->allowed = rights(t, acc, mode);
	if (!t->allowed)
		t->error |= 1; /* a protection fault, not a page that is absent */
}

struct truth truth_of(u32 va, unsigned acc, enum vmode mode)
{
	struct truth t = {.error = (acc & ACC_WRITE ? 2 : 0) |
				   (mode == VMODE_USER ? 4 : 0)};

	t.paged = vm->cpu.cr0 >> 31;
	t.page = va >> PAGE_SHIFT;
	t.writable = t.user = true;
	t.allowed = !t.paged;
	if (!t.paged)
		return t;
	t.pde_at = page_of(vm->cpu.cr3) + (va >> 22) * 4;
	t.pde = guest_entry(t.pde_at);
	if (!(t.pde & PTE_P))
		return t;
	t.large = t.pde & PTE_PS && vm->cpu.cr4 >> 4 & 1;
	t.writable = t.pde & PTE_W;
	t.user = t.pde & PTE_U;
	if (t.large) {
		t.page = (t.pde & ~(u32)LARGE) >> PAGE_SHIFT |
			 (va & LARGE) >> PAGE_SHIFT;
		if (t.pde & LARGE_RESERVED)
			t.error |= 9;
		else
			decide(&t, acc, mode);
		return t;
	}
	t.pte_at = page_of(t.pde) + index_in_table(va);
	t.pte = guest_entry(t.pte_at);
	if (!(t.pte & PTE_P))
		return t;
	t.page = t.pte >> PAGE_SHIFT;
	t.writable = t.writable && t.pte & PTE_W;
	t.user = t.user && t.pte & PTE_U;
	decide(&t, acc, mode);
	return t;
}
