/*
 * What each operation on the shadows promises, looked at when it is over.
 */
#include "vmm/promise.h"
#include "kernel/frame.h"
#include "kernel/panic.h"
#include "vmm/auditing.h"
#include "vmm/trace.h"
#include "vmm/vm.h"

/* Bits 13..21 of the entry of a 4 MiB page are reserved (SDM vol. 3, table 4-4). */
enum { LARGE_RESERVED = 0x1ff << 13, LARGE_PAGES = 1024 };
enum { FROM_UNPAGED = PTE_P | PTE_W | PTE_U | PTE_A | PTE_D };

static const struct shadow_form *real;

/* What the guest's tables say of an address: both entries as one. */
struct meaning {
	bool mapped;
	u32 page; /* PPN */
	u32 bits; /* P, W, U, A of both levels, D of the last */
};

static struct meaning meaning_of(const struct vm *vm, gva_t v)
{
	u32 dir = v.a >> 22, index = v.a >> PAGE_SHIFT & (PAGE_WORDS - 1), pde, pte;

	if (!(vm->cpu.cr0 & CR0_PG))
		return (struct meaning){true, v.a >> PAGE_SHIFT, FROM_UNPAGED};
	pde = audit_guest_word(vm, vm->cpu.cr3 >> PAGE_SHIFT, dir);
	if (audit_is_large(vm, pde))
		return (struct meaning){
			.mapped = pde & PTE_P && !(pde & LARGE_RESERVED),
			.page = (pde >> PAGE_SHIFT & ~(LARGE_PAGES - 1u)) + index,
			.bits = pde & PAGE_MASK,
		};
	pte = pde & PTE_P ? audit_guest_word(vm, pde >> PAGE_SHIFT, index) : 0;
	return (struct meaning){
		.mapped = pte & PTE_P,
		.page = pte >> PAGE_SHIFT,
		.bits = pte & (pde | PTE_D) & PAGE_MASK,
	};
}

/* May this access be made? CR0.WP = 0 lets the guest's kernel write anywhere. */
static bool allows(const struct vm *vm, const struct meaning *g, unsigned acc)
{
	bool user = vm->cpu.mode == VMODE_USER && !(acc & ACC_SYSTEM);

	if (!g->mapped || (user && !(g->bits & PTE_U)))
		return false;
	return !(acc & ACC_WRITE) || g->bits & PTE_W ||
	       (!user && !(vm->cpu.cr0 & CR0_WP));
}

/* The two entries of the shadow for an address; false: there is no leaf entry. */
struct place {
	const struct stable *root, *leaf;
	u32 dir, index;
};

static bool find_place(const struct audit *a, unsigned view, gva_t v, struct place *at)
{
	const struct shadow *s = &a->vm->shadow;

	if (s->active[view] == STABLE_NONE)
		return false;
	at->root = &s->pool.table[s->active[view]];
	at->dir = v.a >> 22;
	at->index = v.a >> PAGE_SHIFT & (PAGE_WORDS - 1);
	if (!stable_uses(at->root, at->dir))
		return false;
	at->leaf = audit_table_at(a, at->root->entry[at->dir]);
	return at->leaf && stable_uses(at->leaf, at->index);
}

/* The entry is on the list of its page, once. A list that runs in a circle ends here. */
static bool is_listed(struct audit *a, const struct place *at, u32 page)
{
	const struct shadow *s = &a->vm->shadow;
	u32 wanted = rmap_node(&s->pool, at->leaf, at->index), times = 0;
	u32 left = s->pool.count * PAGE_WORDS, n = s->rmap.head[page];

	for (; n != RMAP_END && times < 2 && left; n = rmap_next(&s->pool, n), left--)
		times += n == wanted;
	return (times == 1 && n == RMAP_END) ||
	       audit_broken_at(a, at->leaf, at->index, "rmap",
			       "%u times on the list of PPN 0x%x", times, page);
}

/* I9, I11 and the promise itself, for an entry just filled in for an access. */
static bool entry_is_filled(struct audit *a, const struct place *at,
			    const struct meaning *g, unsigned acc)
{
	const struct vm *vm = a->vm;
	u32 e = at->leaf->entry[at->index], both = e & at->root->entry[at->dir];
	bool no_wp = vm->view == VMODE_KERNEL && !(vm->cpu.cr0 & CR0_WP);
	mpn_t m = {0};

	if (pmap_lookup(vm, ppn(g->page), &m) != PMAP_PRIVATE || m.n != e >> PAGE_SHIFT)
		return audit_broken_at(a, at->leaf, at->index, "frame",
				       "0x%08x, but PPN 0x%x has MPN 0x%x", e, g->page,
				       m.n);
	if (!(g->bits & PTE_A))
		return audit_broken_at(a, at->leaf, at->index, "access",
				       "filled, and the guest has no A");
	if ((both & PTE_W && !((g->bits & PTE_W || no_wp) && g->bits & PTE_D)) ||
	    (vm->view == VMODE_USER && !(g->bits & PTE_U)))
		return audit_broken_at(a, at->leaf, at->index, "width",
				       "0x%03x, the guest has 0x%03x", both & PAGE_MASK,
				       g->bits);
	if (acc & ACC_WRITE && !(both & PTE_W) && !trace_get(vm, ppn(g->page)))
		return audit_broken_at(a, at->leaf, at->index, "promise",
				       "filled for a write, not writable");
	return true;
}

static bool filled(struct audit *a, gva_t v, unsigned acc)
{
	struct meaning g = meaning_of(a->vm, v);
	struct place at;

	if (!allows(a->vm, &g, acc))
		return audit_broken(a, "width",
				    "filled 0x%08x, against the guest's 0x%x", v.a,
				    g.bits);
	if (!find_place(a, a->vm->view, v, &at))
		return audit_broken(a, "promise", "filled 0x%08x, nothing there", v.a);
	return entry_is_filled(a, &at, &g, acc) &&
	       audit_leaf_entry(a, at.leaf, at.index) &&
	       (!audit_is_cached(a->vm) || is_listed(a, &at, g.page));
}

/* A fault that the guest gets must be one by its own tables (TRAPS 13). */
static bool is_true(struct audit *a, gva_t v, unsigned acc)
{
	struct meaning g = meaning_of(a->vm, v);

	return !allows(a->vm, &g, acc) ||
	       audit_broken(a, "promise", "a fault at 0x%08x that its tables allow",
			    v.a);
}

/* I13 with no exemption, for one address; the virtual TLB must have forgotten it. */
static bool forgot_page(struct audit *a, unsigned view, gva_t v)
{
	struct place at;
	bool leaf = find_place(a, view, v, &at);

	if (!audit_is_cached(a->vm))
		return !leaf || audit_broken_at(a, at.leaf, at.index, "fresh",
						"0x%08x is flushed and here", v.a);
	if (a->vm->shadow.active[view] == STABLE_NONE || !stable_uses(at.root, at.dir))
		return true;
	return audit_fresh_entry(a, at.root, at.dir) &&
	       (!leaf || audit_fresh_entry(a, at.leaf, at.index));
}

/* The same for all that a directory leads to. */
static bool forgot_under(struct audit *a, const struct stable *root)
{
	if (!audit_fresh(a, root))
		return false;
	stable_for_each_used(root, i)
	{
		const struct stable *leaf = audit_table_at(a, root->entry[i]);

		if (leaf && leaf->kind == STABLE_LEAF && !audit_fresh(a, leaf))
			return false;
	}
	return true;
}

/* The same for a whole address space, the one that CR3 names now. */
static bool forgot_all(struct audit *a)
{
	const struct shadow *s = &a->vm->shadow;

	for (unsigned view = 0; view < 2; view++) {
		if (!audit_root(a, view))
			return false;
		if (!audit_is_cached(a->vm) && s->pool.table[s->active[view]].count)
			return audit_broken(a, "fresh", "view %u is not empty", view);
	}
	for (u32 n = 0; audit_is_cached(a->vm) && n < s->pool.count; n++) {
		const struct stable *t = &s->pool.table[n];

		if (t->kind == STABLE_ROOT && t->gfn == a->vm->cpu.cr3 >> PAGE_SHIFT &&
		    !forgot_under(a, t))
			return false;
	}
	return true;
}

/* Entries of the tables made from this page, but for those from 4 MiB pages. */
static bool no_shadow_of(struct audit *a, u32 page, u32 first, u32 last)
{
	const struct stable_pool *p = &a->vm->shadow.pool;

	for (u32 n = 0; audit_is_cached(a->vm) && n < p->count; n++) {
		const struct stable *t = &p->table[n];

		if (t->gfn != page ||
		    (t->kind != STABLE_ROOT && t->kind != STABLE_LEAF))
			continue;
		for (u32 i = first; i <= last; i++)
			if (stable_uses(t, i))
				return audit_broken_at(a, t, i, "fresh",
						       "of PPN 0x%x, as it is written",
						       page);
	}
	return true;
}

/* No leaf maps the page with any of these bits. */
static bool no_mapping_of(struct audit *a, ppn_t page, u32 bits)
{
	const struct stable_pool *p = &a->vm->shadow.pool;
	mpn_t m;

	if (pmap_lookup(a->vm, page, &m) != PMAP_PRIVATE)
		return true;
	for (u32 n = 0; n < p->count; n++) {
		const struct stable *t = &p->table[n];

		if (t->kind != STABLE_LEAF && t->kind != STABLE_LARGE)
			continue;
		stable_for_each_used(t, i) if (
			t->entry[i] >> PAGE_SHIFT == m.n &&
			t->entry[i] &
				bits) return audit_broken_at(a, t, i, "rmap",
							     "PPN 0x%x is still mapped, 0x%03x",
							     page.n,
							     t->entry[i] & PAGE_MASK);
	}
	return true;
}

/* Ends a look: nothing, or the end of the machine. */
static void demand(const struct audit *a, bool good)
{
	if (!good)
		audit_panic(a);
}

static enum shadow_result watch_fault(struct vm *vm, gva_t v, unsigned acc, u32 *error)
{
	enum shadow_result r = real->fault(vm, v, acc, error);
	struct audit a = {.vm = vm};

	if (r == SHADOW_FILLED)
		demand(&a, filled(&a, v, acc));
	else if (r == SHADOW_TRUE)
		demand(&a, is_true(&a, v, acc));
	return r;
}

static void watch_load_cr3(struct vm *vm)
{
	struct audit a = {.vm = vm};

	real->load_cr3(vm);
	demand(&a, forgot_all(&a));
}

static void watch_flush(struct vm *vm)
{
	struct audit a = {.vm = vm};

	real->flush(vm);
	for (u32 n = 0; n < vm->shadow.pool.count; n++)
		demand(&a,
		       vm->shadow.pool.table[n].count == 0 ||
			       audit_broken(&a, "promise", "table %u is in use", n));
}

static void watch_invlpg(struct vm *vm, gva_t v)
{
	struct audit a = {.vm = vm};

	real->invlpg(vm, v);
	demand(&a, forgot_page(&a, VMODE_KERNEL, v) && forgot_page(&a, VMODE_USER, v));
}

static void watch_written(struct vm *vm, gpa_t p, u32 n)
{
	struct audit a = {.vm = vm};

	real->written(vm, p, n);
	demand(&a, no_shadow_of(&a, gpa_page(p).n, gpa_offset(p) / 4,
				(gpa_offset(p) + n - 1) / 4));
}

static void watch_unshadow(struct vm *vm, ppn_t p)
{
	struct audit a = {.vm = vm};

	real->unshadow(vm, p);
	demand(&a, no_shadow_of(&a, p.n, 0, PAGE_WORDS - 1));
}

static void watch_protect(struct vm *vm, ppn_t p)
{
	struct audit a = {.vm = vm};

	real->protect(vm, p);
	demand(&a, no_mapping_of(&a, p, PTE_W));
}

static void watch_drop(struct vm *vm, ppn_t p)
{
	struct audit a = {.vm = vm};

	real->drop(vm, p);
	demand(&a, no_mapping_of(&a, p, PTE_P));
}

void promise_page(struct vm *vm, gva_t v)
{
	struct audit a = {.vm = vm};
	struct meaning g = meaning_of(vm, v);
	struct place at;

	if (!audit_is_cached(vm) || !find_place(&a, vm->view, v, &at) ||
	    audit_may_be_behind(&a, at.root) || audit_may_be_behind(&a, at.leaf))
		return;
	demand(&a, entry_is_filled(&a, &at, &g, ACC_READ) &&
			   audit_leaf_entry(&a, at.leaf, at.index) &&
			   is_listed(&a, &at, g.page));
}

const struct shadow_form *promise_form(const struct shadow_form *form)
{
	static struct shadow_form watched;

	real = form;
	watched = *form;
	watched.fault = watch_fault;
	watched.load_cr3 = watch_load_cr3;
	watched.flush = watch_flush;
	watched.invlpg = watch_invlpg;
	watched.written = watch_written;
	watched.unshadow = watch_unshadow;
	watched.protect = watch_protect;
	watched.drop = watch_drop;
	return &watched;
}
