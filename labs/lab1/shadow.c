/*
 * The cached form: faults and roots. A shadow is named by the guest table that it is
 * made from and by what else it depends on (view, CR0.WP); coming back to an address
 * space finds everything as it was. cache.c keeps the tables, sync.c keeps them true.
 *
 * Lab 1 is the heart of this file.
 */
#include "kernel/heap.h"
#include "kernel/panic.h"
#include "vmm/cache.h"
#include "vmm/sync.h"
#include "vmm/tlb.h"
#include "vmm/trace.h"
#include "vmm/vm.h"

enum { TABLES_BASE = 40, TABLES_PER_MIB = 2, TABLES_MAX = 512 };

/* With paging off everything is one big identity mapping that allows all. */
enum { PDE_UNPAGED = PTE_P | PTE_W | PTE_U | PTE_A | PTE_D | PTE_PS };

static u32 tables(u32 mem_pages)
{
	return min_u32(TABLES_BASE + mem_pages / PAGES_PER_MIB * TABLES_PER_MIB,
		       TABLES_MAX);
}

static bool create(struct vm *vm)
{
	struct shadow *s = &vm->shadow;

	s->table_of = heap_alloc((vm->mem_pages + 1) * sizeof *s->table_of);
	return s->table_of && rmap_create(&s->rmap, vm->mem_pages);
}

static void destroy(struct vm *vm)
{
	if (vm->shadow.table_of)
		heap_free(vm->shadow.table_of);
	rmap_destroy(&vm->shadow.rmap);
}

/* What the shadows of a view depend on besides the guest's tables. */
static u8 role_of(const struct vm *vm, enum vmode view)
{
	/* Lab 1, exercise 3: which view, and what CR0.WP = 0 means for the kernel's */
	LAB_HOLE(1, 3, "role_of");
}

/*
 * The name of the root for a view. mem_pages is the name of the directory that is none:
 * paging is off, or (ROLE_NOWHERE) CR3 points beyond memory.
 */
static struct cache_key root_key(const struct vm *vm, enum vmode view)
{
	/* Lab 1, exercise 3: named by the page that CR3 points to, if there is one */
	LAB_HOLE(1, 3, "root_key");
}

static u16 root(struct vm *vm, enum vmode view)
{
	return (u16)stable_number(&vm->shadow.pool, cache_get(vm, root_key(vm, view)));
}

/* The old root stays in use, and so in place, until the new one is there. */
static void load_cr3(struct vm *vm)
{
	/* Lab 1, exercise 3: sync_space(), then the root of the view we are in */
	LAB_HOLE(1, 3, "load_cr3");
}

/* The meaning of every entry has changed: nothing that was made is right any more. */
static void flush(struct vm *vm)
{
	struct shadow *s = &vm->shadow;

	tlb_park();
	s->active[VMODE_KERNEL] = s->active[VMODE_USER] = STABLE_NONE;
	for (u32 n = 0; n < s->pool.count; n++)
		if (s->pool.table[n].kind != STABLE_FREE)
			cache_zap(vm, &s->pool.table[n]);
}

static void flush_page(struct vm *vm, gva_t v)
{
	sync_page(vm, v);
	tlb_flush_page(v);
}

/* Entry i of a leaf maps page p from now on, made from this guest entry. */
static void map_page(struct vm *vm, struct stable *leaf, u32 i, ppn_t p, u32 entry,
		     u32 from)
{
	/* Lab 1, exercise 4: the entry, what it was made from, its page's list */
	LAB_HOLE(1, 4, "map_page");
}

static void protect(struct vm *vm, ppn_t p)
{
	/* Lab 1, exercise 4: every mapping of this page becomes read-only */
	LAB_HOLE(1, 4, "protect");
}

static void drop(struct vm *vm, ppn_t p)
{
	/* Lab 1, exercise 4: every mapping of this page goes */
	LAB_HOLE(1, 4, "drop");
}

static void unshadow(struct vm *vm, ppn_t p)
{
	sync_give_up(vm, p.n);
}

/* We are about to overwrite n bytes of a guest table that is traced. */
static void written(struct vm *vm, gpa_t p, u32 n)
{
	/*
	 * Lab 1, exercise 7: what its shadows made from these bytes is not true any
	 * more
	 */
	LAB_HOLE(1, 7, "written");
}

/* What the root's entry is made from. */
static u32 pde_of(const struct walk *w)
{
	return w->paged ? w->pde.v : PDE_UNPAGED;
}

/* What the leaf's entry is made from; its page number is the PPN that it maps. */
static u32 pte_of(const struct walk *w)
{
	if (!w->paged)
		return w->page.a | PDE_UNPAGED;
	if (w->large) {
		/*
		 * Lab 1, exercise 8: there is no PTE; make one of its PDE, for this 4
		 * KiB
		 */
		LAB_HOLE(1, 8, "pte_of");
	}
	return w->pte.v;
}

/* A leaf that is of no guest table: named by the directory and the slot in it. */
static struct cache_key large_key(const struct stable *root, u32 dir)
{
	return (struct cache_key){.kind = STABLE_LARGE,
				  .role = root->role,
				  .gfn = root->gfn,
				  .slot = (u16)dir};
}

static struct cache_key leaf_key(const struct stable *root, u32 dir,
				 const struct walk *w)
{
	if (!w->paged)
		return large_key(root, dir);
	if (w->large) {
		/*
		 * Lab 1, exercise 8: the leaf of a page of 4 MiB is of no guest table
		 */
		LAB_HOLE(1, 8, "leaf_key");
	}
	return (struct cache_key){
		.kind = STABLE_LEAF, .role = root->role, .gfn = w->pde.v >> PAGE_SHIFT};
}

/*
 * The leaf under this root for v. An entry made from another PDE than the one just
 * walked (its directory is loose) is no longer right.
 */
static struct stable *leaf_for(struct vm *vm, struct stable *root, gva_t v,
			       const struct walk *w)
{
	/*
	 * Lab 1, exercise 5: the one that is linked if it is right; else get and link
	 */
	LAB_HOLE(1, 5, "leaf_for");
}

/* Of the leaf alone: the directory's part of the rule stands in the root's entry. */
static bool may_write(struct vm *vm, const struct stable *root, const struct walk *w)
{
	u32 pte = pte_of(w);
	bool allowed = pte & PTE_W || root->role & ROLE_NO_WP;

	/*
	 * Lab 1, exercise 6: D in the guest's entry must be exact: when may a write not
	 * fault?
	 */
	/*
	 * Lab 1, exercise 7: and we must hear of every write to a page that is traced
	 */
	return allowed;
}

/*
 * The frame behind the page, ready for this access. False: there is no memory, or it is
 * traced.
 */
static bool ready(struct vm *vm, const struct walk *w, unsigned acc, mpn_t *m)
{
	ppn_t p = gpa_page(w->page);

	if (!(acc & ACC_WRITE))
		return pmap_private(&vm->pmap, p, m) || pmap_back(vm, p, m);
	/* Lab 1, exercise 7: a write to a traced page: sync_loosen() may let it be */
	return pmap_writable(vm, p, m);
}

static enum shadow_result fault(struct vm *vm, gva_t v, unsigned acc, u32 *error)
{
	/*
	 * Lab 1, exercise 5: is it the guest's own, or is only our shadow not there
	 * yet?
	 */
	LAB_HOLE(1, 5, "fault");
}

const struct shadow_form cached_form = {
	.name = "cached",
	.tables = tables,
	.wide = true,
	.create = create,
	.destroy = destroy,
	.root = root,
	.load_cr3 = load_cr3,
	.flush = flush,
	.invlpg = flush_page,
	.written = written,
	.unshadow = unshadow,
	.protect = protect,
	.drop = drop,
	.fault = fault,
};
