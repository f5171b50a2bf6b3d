/*
 * The virtual TLB: two roots per VM and the leaves below them, empty after each CR3
 * load and filled on faults. Nothing is remembered of the guest's tables, so nothing
 * about them can be stale: like a real TLB it may only hold what the guest has not
 * flushed. There is no reverse map either: to find the mappings of a page it looks at
 * all.
 */
#include "kernel/heap.h"
#include "kernel/panic.h"
#include "vmm/shadow.h"
#include "vmm/tlb.h"
#include "vmm/trace.h"
#include "vmm/vm.h"

enum { VTLB_TABLES = 66 }; /* the two roots among them */

static u32 tables(u32 mem_pages)
{
	(void)mem_pages;
	return VTLB_TABLES;
}

static bool create(struct vm *vm)
{
	struct shadow *s = &vm->shadow;

	for (unsigned v = 0; v < 2; v++) {
		struct stable *root = stable_take(&s->pool);

		root->kind = STABLE_ROOT;
		s->active[v] = (u16)stable_number(&s->pool, root);
		paging_host_entries(root->entry);
		s->first[v] = heap_alloc(HOST_PDE_FIRST * sizeof **s->first);
		if (!s->first[v])
			return false;
	}
	return true;
}

static void destroy(struct vm *vm)
{
	for (unsigned v = 0; v < 2; v++)
		if (vm->shadow.first[v])
			heap_free(vm->shadow.first[v]);
}

static struct stable *root_of(struct shadow *s, unsigned view)
{
	return &s->pool.table[s->active[view]];
}

static struct stable *leaf_at(struct shadow *s, unsigned view, u32 dir)
{
	u32 n = s->first[view][dir];

	return n ? &s->pool.table[n - 1] : NULL;
}

/* create() has made both. */
static u16 root(struct vm *vm, enum vmode view)
{
	return vm->shadow.active[view];
}

static void drop_leaf(struct shadow *s, unsigned view, u32 dir)
{
	stable_give(&s->pool, leaf_at(s, view, dir));
	s->first[view][dir] = 0;
	stable_clear(root_of(s, view), dir);
}

static void flush_view(struct shadow *s, unsigned view)
{
	stable_for_each_used(root_of(s, view), dir) drop_leaf(s, view, dir);
}

static void flush(struct vm *vm)
{
	flush_view(&vm->shadow, VMODE_KERNEL);
	flush_view(&vm->shadow, VMODE_USER);
	tlb_flush();
}

/*
 * What a 4 MiB page was split into goes as a whole, as it would in a TLB that splits it
 * (SDM vol. 3, 4.10.2.3).
 */
static void flush_page(struct vm *vm, gva_t v)
{
	struct shadow *s = &vm->shadow;

	for (unsigned view = 0; view < 2; view++) {
		struct stable *t = leaf_at(s, view, dir_index(v));

		if (t && t->kind == STABLE_LARGE) {
			drop_leaf(s, view, dir_index(v));
			tlb_flush();
		} else if (t) {
			stable_clear(t, leaf_index(v));
		}
	}
	tlb_flush_page(v);
}

/* Calls change(table, index) for every entry that maps this page. */
static void for_each_mapping(struct vm *vm, ppn_t p,
			     void (*change)(struct stable *, u32))
{
	mpn_t m;

	if (pmap_lookup(vm, p, &m) != PMAP_PRIVATE)
		return;
	for (u32 n = 0; n < vm->shadow.pool.count; n++) {
		struct stable *t = &vm->shadow.pool.table[n];

		if (t->kind != STABLE_LEAF && t->kind != STABLE_LARGE)
			continue;
		stable_for_each_used(t, i) if (t->entry[i] >> PAGE_SHIFT == m.n)
			change(t, i);
	}
	tlb_flush();
}

static void make_read_only(struct stable *t, u32 i)
{
	t->entry[i] &= ~(u32)PTE_W;
}

static void protect(struct vm *vm, ppn_t p)
{
	for_each_mapping(vm, p, make_read_only);
}

static void drop(struct vm *vm, ppn_t p)
{
	for_each_mapping(vm, p, stable_clear);
}

/* Nobody's tables are traced here. */
static void written(struct vm *vm, gpa_t p, u32 n)
{
	(void)vm;
	(void)p;
	(void)n;
}

static void unshadow(struct vm *vm, ppn_t p)
{
	(void)vm;
	(void)p;
}

/* The leaf for v in this view, made if need be. A pool that is used up starts over. */
static struct stable *leaf_for(struct vm *vm, unsigned view, gva_t v)
{
	struct shadow *s = &vm->shadow;
	u32 dir = dir_index(v);
	struct stable *t = leaf_at(s, view, dir);

	if (t)
		return t;
	t = stable_take(&s->pool);
	if (!t) {
		flush(vm);
		t = stable_take(&s->pool);
	}
	t->kind = STABLE_LEAF;
	s->made++;
	s->first[view][dir] = (u16)(stable_number(&s->pool, t) + 1);
	stable_set(root_of(s, view), dir, spte_table(t->machine, true));
	return t;
}

/* W only if the guest's tables say so, its D bit is set, and nobody traces the page. */
static bool may_write(struct vm *vm, const struct walk *w)
{
	bool no_wp = vm->view == VMODE_KERNEL && !(vm->cpu.cr0 & CR0_WP);

	return (w->writable || no_wp) && w->dirty && !trace_get(vm, gpa_page(w->page));
}

static enum shadow_result fault(struct vm *vm, gva_t v, unsigned acc, u32 *error)
{
	struct stable *t;
	struct walk w;
	mpn_t m;

	if (!walk(vm, v, acc, &w, error))
		return SHADOW_TRUE;
	if (acc & ACC_WRITE && trace_get(vm, gpa_page(w.page)))
		return SHADOW_EMULATE;
	if (!(acc & ACC_WRITE ? pmap_writable(vm, gpa_page(w.page), &m)
			      : pmap_back(vm, gpa_page(w.page), &m)))
		return SHADOW_EMULATE;
	walk_touch(vm, &w, acc & ACC_WRITE);
	t = leaf_for(vm, vm->view, v);
	if (w.large)
		t->kind = STABLE_LARGE;
	stable_set(t, leaf_index(v), spte_page(m, may_write(vm, &w)));
	tlb_flush_page(v);
	vm->shadow.refills++;
	return SHADOW_FILLED;
}

const struct shadow_form vtlb_form = {
	.name = "vtlb",
	.tables = tables,
	.wide = false,
	.create = create,
	.destroy = destroy,
	.root = root,
	.load_cr3 = flush,
	.flush = flush,
	.invlpg = flush_page,
	.written = written,
	.unshadow = unshadow,
	.protect = protect,
	.drop = drop,
	.fault = fault,
};
