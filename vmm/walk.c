/*
 * The walker.
 */
#include "vmm/walk.h"
#include "kernel/kmap.h"
#include "kernel/paging.h"
#include "vmm/trace.h"
#include "vmm/vm.h"

/*
 * PSE-36 is not offered: bits 13..21 of a 4 MiB PDE are reserved (SDM vol. 3, table
 * 4-4).
 */
enum { LARGE_RESERVED = 0x003fe000, LARGE_OFFSET = 0x003fffff };

static u32 pde_index(gva_t v)
{
	return v.a >> 22;
}

static u32 pte_index(gva_t v)
{
	return v.a >> PAGE_SHIFT & (PAGE_WORDS - 1);
}

static gpa_t entry_at(u32 table, u32 index)
{
	return gpa((table & ~(u32)PAGE_MASK) + index * 4);
}

ALWAYS_INLINE gpte_t entry(struct vm *vm, gpa_t at)
{
	mpn_t m;

	if (pmap_private(&vm->pmap, gpa_page(at), &m))
		return (gpte_t){kmap_read(m, gpa_offset(at) / 4)};
	return (gpte_t){gpa_read32(vm, at)};
}

gpte_t walk_entry(struct vm *vm, gpa_t at)
{
	return entry(vm, at);
}

/* Rights are checked once, on what the levels allow together. */
static bool allowed(const struct vm *vm, const struct walk *w, unsigned acc, bool user)
{
	if (user && !w->user)
		return false;
	if (!(acc & ACC_WRITE) || w->writable)
		return true;
	return !user && !(vm->cpu.cr0 & CR0_WP);
}

static bool unpaged(gva_t v, struct walk *w)
{
	w->paged = w->large = false;
	w->page = gpa(v.a & ~(u32)PAGE_MASK);
	w->writable = w->user = w->dirty = true;
	return true;
}

static bool finish(const struct vm *vm, struct walk *w, unsigned acc, bool user,
		   u32 *error)
{
	if (allowed(vm, w, acc, user))
		return true;
	*error |= PF_P;
	return false;
}

HOT bool walk(struct vm *vm, gva_t v, unsigned acc, struct walk *w, u32 *error)
{
	bool user = vm->cpu.mode == VMODE_USER && !(acc & ACC_SYSTEM);

	if (!(vm->cpu.cr0 & CR0_PG))
		return unpaged(v, w);
	*error = (acc & ACC_WRITE ? PF_W : 0) | (user ? PF_U : 0);
	w->paged = true;
	w->pde_at = entry_at(vm->cpu.cr3, pde_index(v));
	w->pde = entry(vm, w->pde_at);
	if (!(w->pde.v & PTE_P))
		return false;
	w->large = w->pde.v & PTE_PS && vm->cpu.cr4 & CR4_PSE;
	if (w->large) {
		if (w->pde.v & LARGE_RESERVED) {
			*error |= PF_P | PF_RSVD;
			return false;
		}
		w->page = gpa((w->pde.v & ~(u32)LARGE_OFFSET) |
			      (v.a & LARGE_OFFSET & ~(u32)PAGE_MASK));
		w->writable = w->pde.v & PTE_W;
		w->user = w->pde.v & PTE_U;
		w->dirty = w->pde.v & PTE_D;
		return finish(vm, w, acc, user, error);
	}
	w->pte_at = entry_at(w->pde.v, pte_index(v));
	w->pte = entry(vm, w->pte_at);
	if (!(w->pte.v & PTE_P))
		return false;
	w->page = gpa(w->pte.v & ~(u32)PAGE_MASK);
	w->writable = w->pde.v & w->pte.v & PTE_W;
	w->user = w->pde.v & w->pte.v & PTE_U;
	w->dirty = w->pte.v & PTE_D;
	return finish(vm, w, acc, user, error);
}

/*
 * A and D: the one write for a guest that need not be told to who traces the table. It
 * takes nothing away from what shadows may hold.
 */
static void write_bits(struct vm *vm, gpa_t at, gpte_t *e, u32 bits)
{
	ppn_t p = gpa_page(at);
	mpn_t m;

	e->v |= bits;
	if (pmap_private(&vm->pmap, p, &m) &&
	    !(trace_get(vm, p) & ~(unsigned)TRACE_TABLE))
		kmap_write(m, gpa_offset(at) / 4, e->v);
	else
		gpa_write(vm, at, &e->v, sizeof e->v);
}

ALWAYS_INLINE void set_bits(struct vm *vm, gpa_t at, gpte_t *e, u32 bits)
{
	if ((e->v & bits) != bits)
		write_bits(vm, at, e, bits);
}

HOT void walk_touch(struct vm *vm, struct walk *w, bool write)
{
	u32 leaf = PTE_A | (write ? PTE_D : 0);

	if (!w->paged)
		return;
	set_bits(vm, w->pde_at, &w->pde, w->large ? leaf : PTE_A);
	if (!w->large)
		set_bits(vm, w->pte_at, &w->pte, leaf);
	w->dirty |= write;
}
