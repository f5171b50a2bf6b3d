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
	/* LAB 1 BEGIN 3 role_of: which view, and what CR0.WP = 0 means for the kernel's */
	if (view == VMODE_USER)
		return ROLE_USER;
	return vm->cpu.cr0 & CR0_WP ? 0 : ROLE_NO_WP;
	/* LAB 1 END */
}

/*
 * The name of the root for a view. mem_pages is the name of the directory that is none:
 * paging is off, or (ROLE_NOWHERE) CR3 points beyond memory.
 */
static struct cache_key root_key(const struct vm *vm, enum vmode view)
{
	/* LAB 1 BEGIN 3 root_key: named by the page that CR3 points to, if there is one */
	struct cache_key k = {.kind = STABLE_ROOT, .role = role_of(vm, view)};

	k.gfn = vm->cpu.cr0 & CR0_PG ? vm->cpu.cr3 >> PAGE_SHIFT : vm->mem_pages;
	if (k.gfn > vm->mem_pages || (k.gfn == vm->mem_pages && vm->cpu.cr0 & CR0_PG)) {
		k.gfn = vm->mem_pages;
		k.role |= ROLE_NOWHERE;
	}
	return k;
	/* LAB 1 END */
}

static u16 root(struct vm *vm, enum vmode view)
{
	return (u16)stable_number(&vm->shadow.pool, cache_get(vm, root_key(vm, view)));
}

/* The old root stays in use, and so in place, until the new one is there. */
static void load_cr3(struct vm *vm)
{
	/* LAB 1 BEGIN 3 load_cr3: sync_space(), then the root of the view we are in */
	struct shadow *s = &vm->shadow;
	u16 new;

	sync_space(vm, vm->cpu.cr3 >> PAGE_SHIFT);
	new = root(vm, vm->cpu.mode);
	s->active[VMODE_KERNEL] = s->active[VMODE_USER] = STABLE_NONE;
	s->active[vm->cpu.mode] = new;
	/* LAB 1 END */
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
	/* LAB 1 BEGIN 4 map_page: the entry, what it was made from, its page's list */
	struct shadow *s = &vm->shadow;

	ASSERT(leaf->kind != STABLE_ROOT && p.n < s->rmap.pages);
	cache_drop(vm, leaf, i);
	stable_set(leaf, i, entry);
	leaf->made_from[i] = from;
	rmap_add(&s->pool, &s->rmap.head[p.n], rmap_node(&s->pool, leaf, i));
	/* LAB 1 END */
}

static void protect(struct vm *vm, ppn_t p)
{
	/* LAB 1 BEGIN 4 protect: every mapping of this page becomes read-only */
	struct stable_pool *pool = &vm->shadow.pool;

	for (u32 n = vm->shadow.rmap.head[p.n]; n != RMAP_END; n = rmap_next(pool, n))
		rmap_table(pool, n)->entry[rmap_index(n)] &= ~(u32)PTE_W;
	tlb_flush();
	/* LAB 1 END */
}

static void drop(struct vm *vm, ppn_t p)
{
	/* LAB 1 BEGIN 4 drop: every mapping of this page goes */
	struct stable_pool *pool = &vm->shadow.pool;
	u32 *head = &vm->shadow.rmap.head[p.n];

	while (*head != RMAP_END)
		cache_drop(vm, rmap_table(pool, *head), rmap_index(*head));
	tlb_flush();
	/* LAB 1 END */
}

static void unshadow(struct vm *vm, ppn_t p)
{
	sync_give_up(vm, p.n);
}

/* We are about to overwrite n bytes of a guest table that is traced. */
static void written(struct vm *vm, gpa_t p, u32 n)
{
	/* LAB 1 BEGIN 7 written: what its shadows made from these bytes is not true any more */
	u32 gfn = gpa_page(p).n, last = (gpa_offset(p) + n - 1) / 4;

	for (struct stable *t = cache_first(vm, gfn); t; t = cache_next(vm, t)) {
		if (t->kind == STABLE_LARGE)
			continue;
		for (u32 i = gpa_offset(p) / 4; i <= last; i++)
			cache_drop(vm, t, i);
	}
	tlb_flush();
	/* LAB 1 END */
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
		/* LAB 1 BEGIN 8 pte_of: there is no PTE; make one of its PDE, for this 4 KiB */
		return w->page.a | (w->pde.v & PAGE_MASK);
		/* LAB 1 END */
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
		/* LAB 1 BEGIN 8 leaf_key: the leaf of a page of 4 MiB is of no guest table */
		return large_key(root, dir);
		/* LAB 1 END */
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
	/* LAB 1 BEGIN 5 leaf_for: the one that is linked if it is right; else get and link */
	u32 i = dir_index(v), pde = pde_of(w);
	struct stable *leaf;

	if (stable_uses(root, i) && root->made_from[i] == pde)
		return stable_at(&vm->shadow.pool, root->entry[i]);
	cache_drop(vm, root, i);
	leaf = cache_get(vm, leaf_key(root, i, w));
	if (leaf->kind == STABLE_LEAF)
		sync_linked(vm, leaf->gfn, root->gfn);
	cache_link(vm, root, i, leaf,
		   spte_table(leaf->machine, pde & PTE_W || root->role & ROLE_NO_WP),
		   pde);
	tlb_flush();
	return leaf;
	/* LAB 1 END */
}

/* Of the leaf alone: the directory's part of the rule stands in the root's entry. */
static bool may_write(struct vm *vm, const struct stable *root, const struct walk *w)
{
	u32 pte = pte_of(w);
	bool allowed = pte & PTE_W || root->role & ROLE_NO_WP;

	/* LAB 1 BEGIN 6 - D in the guest's entry must be exact: when may a write not fault? */
	allowed = allowed && pte & PTE_D;
	/* LAB 1 END */
	/* LAB 1 BEGIN 7 - and we must hear of every write to a page that is traced */
	allowed = allowed && !trace_get(vm, gpa_page(w->page));
	/* LAB 1 END */
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
	/* LAB 1 BEGIN 7 - a write to a traced page: sync_loosen() may let it be */
	unsigned traces = trace_get(vm, p);

	if (traces & ~(unsigned)TRACE_TABLE)
		return false;
	if (traces && !sync_loosen(vm, p.n))
		return false;
	/* LAB 1 END */
	return pmap_writable(vm, p, m);
}

static enum shadow_result fault(struct vm *vm, gva_t v, unsigned acc, u32 *error)
{
	/* LAB 1 BEGIN 5 fault: is it the guest's own, or is only our shadow not there yet? */
	struct shadow *s = &vm->shadow;
	struct stable *root, *leaf;
	struct walk w;
	mpn_t m;

	if (!walk(vm, v, acc, &w, error))
		return SHADOW_TRUE;
	if (!ready(vm, &w, acc, &m))
		return SHADOW_EMULATE;
	/* LAB 1 BEGIN 6 - the CPU would set A now, and D if this is a write */
	walk_touch(vm, &w, acc & ACC_WRITE);
	/* LAB 1 END */
	root = &s->pool.table[s->active[vm->view]];
	leaf = leaf_for(vm, root, v, &w);
	map_page(vm, leaf, leaf_index(v), gpa_page(w.page),
		 spte_page(m, may_write(vm, root, &w)), pte_of(&w));
	tlb_flush_page(v);
	s->refills++;
	return SHADOW_FILLED;
	/* LAB 1 END */
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
