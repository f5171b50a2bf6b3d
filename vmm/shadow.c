/*
 * The virtual TLB: shadow tables that are empty after each CR3 load and filled on
 * faults.
 */
#include "vmm/shadow.h"
#include "kernel/heap.h"
#include "kernel/lib.h"
#include "kernel/paging.h"
#include "kernel/panic.h"
#include "vmm/tlb.h"
#include "vmm/trace.h"
#include "vmm/vm.h"

enum { NONE = SHADOW_POOL };

static u32 dir_index(gva_t v)
{
	return v.a >> 22;
}

static u32 leaf_index(gva_t v)
{
	return v.a >> PAGE_SHIFT & (PAGE_WORDS - 1);
}

static spte_t spte_page(mpn_t m, bool writable)
{
	return (spte_t){mpn_addr(m).a | PTE_P | PTE_U | PTE_A | PTE_D |
			(writable ? PTE_W : 0)};
}

/* A directory entry allows all; the leaves decide. */
static spte_t spte_table(u32 machine)
{
	return (spte_t){machine | PTE_P | PTE_W | PTE_U | PTE_A};
}

static void set_entry(struct stable *t, u32 i, spte_t e)
{
	t->entry[i] = e.v;
	t->used[i / 32] |= 1u << i % 32;
}

/* Back to all zero, by the bitmap: most tables have few entries. */
static void clear_table(struct stable *t)
{
	for (u32 w = 0; w < ARRAY_LEN(t->used); w++) {
		while (t->used[w]) {
			u32 bit = (u32)__builtin_ctz(t->used[w]);

			t->entry[w * 32 + bit] = 0;
			t->used[w] &= t->used[w] - 1;
		}
	}
}

static bool make_table(struct stable *t)
{
	t->entry = heap_alloc(PAGE_SIZE);
	if (!t->entry)
		return false;
	t->machine = virt_to_phys(t->entry).a;
	return true;
}

static void free_push(struct shadow *s, u32 i)
{
	s->pool[i].next_free = s->free_head;
	s->free_head = i;
	s->free_count++;
}

static bool make_roots(struct shadow *s)
{
	for (unsigned v = 0; v < 2; v++) {
		s->table_of[v] = heap_alloc(HOST_PDE_FIRST * sizeof **s->table_of);
		if (!s->table_of[v] || !make_table(&s->root[v]))
			return false;
		paging_host_entries(s->root[v].entry);
	}
	return true;
}

bool shadow_create(struct vm *vm)
{
	struct shadow *s = &vm->shadow;

	*s = (struct shadow){.free_head = NONE};
	s->pool = heap_alloc(SHADOW_POOL * sizeof *s->pool);
	if (!s->pool || !make_roots(s))
		return false;
	for (u32 i = SHADOW_POOL; i-- > 0;) {
		if (!make_table(&s->pool[i]))
			return false;
		free_push(s, i);
	}
	return true;
}

static void free_if(void *p)
{
	if (p)
		heap_free(p);
}

/* Also after a create that failed half way. */
void shadow_destroy(struct vm *vm)
{
	struct shadow *s = &vm->shadow;

	for (u32 i = 0; s->pool && i < SHADOW_POOL; i++)
		free_if(s->pool[i].entry);
	free_if(s->pool);
	for (unsigned v = 0; v < 2; v++) {
		free_if(s->table_of[v]);
		free_if(s->root[v].entry);
	}
	*s = (struct shadow){0};
}

u32 shadow_root(const struct vm *vm, enum vmode mode)
{
	return vm->shadow.root[mode].machine;
}

static struct stable *table_at(struct shadow *s, unsigned view, u32 dir)
{
	u32 n = s->table_of[view][dir];

	return n ? &s->pool[n - 1] : NULL;
}

spte_t shadow_lookup(const struct vm *vm, unsigned view, gva_t v)
{
	u32 n = vm->shadow.table_of[view][dir_index(v)];

	return (spte_t){n ? vm->shadow.pool[n - 1].entry[leaf_index(v)] : 0};
}

static void drop_table(struct shadow *s, unsigned view, u32 dir)
{
	struct stable *t = table_at(s, view, dir);

	clear_table(t);
	free_push(s, (u32)(t - s->pool));
	s->table_of[view][dir] = 0;
	s->root[view].entry[dir] = 0;
}

static void flush_view(struct shadow *s, unsigned view)
{
	u32 *used = s->root[view].used;

	for (u32 w = 0; w < ARRAY_LEN(s->root[view].used); w++) {
		for (; used[w]; used[w] &= used[w] - 1)
			drop_table(s, view, w * 32 + (u32)__builtin_ctz(used[w]));
	}
}

void shadow_flush(struct vm *vm)
{
	flush_view(&vm->shadow, VMODE_KERNEL);
	flush_view(&vm->shadow, VMODE_USER);
	vm->shadow.flushes++;
	tlb_flush();
}

void shadow_invlpg(struct vm *vm, gva_t v)
{
	if (v.a >= HOST_BASE)
		return;
	for (unsigned view = 0; view < 2; view++) {
		struct stable *t = table_at(&vm->shadow, view, dir_index(v));

		if (t)
			t->entry[leaf_index(v)] = 0;
	}
	tlb_flush_page(v);
}

/* Calls change(entry) for every shadow entry that maps machine page m. */
static void for_each_mapping(struct shadow *s, mpn_t m, u32 (*change)(u32))
{
	for (u32 i = 0; i < SHADOW_POOL; i++) {
		struct stable *t = &s->pool[i];

		for (u32 k = 0; k < PAGE_WORDS; k++)
			if (t->entry[k] & PTE_P && t->entry[k] >> PAGE_SHIFT == m.n)
				t->entry[k] = change(t->entry[k]);
	}
	tlb_flush();
}

static u32 without_write(u32 e)
{
	return e & ~(u32)PTE_W;
}

static u32 gone(u32 e)
{
	(void)e;
	return 0;
}

void shadow_protect(struct vm *vm, ppn_t p)
{
	mpn_t m;

	if (pmap_lookup(vm, p, &m) == PMAP_PRIVATE)
		for_each_mapping(&vm->shadow, m, without_write);
}

void shadow_drop(struct vm *vm, ppn_t p)
{
	mpn_t m;

	if (pmap_lookup(vm, p, &m) == PMAP_PRIVATE)
		for_each_mapping(&vm->shadow, m, gone);
}

/* The table for v in this view, made if need be. A pool that is used up starts over. */
static struct stable *table_for(struct vm *vm, unsigned view, gva_t v)
{
	struct shadow *s = &vm->shadow;
	u32 dir = dir_index(v), i;

	if (s->table_of[view][dir])
		return table_at(s, view, dir);
	if (s->free_head == NONE)
		shadow_flush(vm);
	i = s->free_head;
	s->free_head = s->pool[i].next_free;
	s->free_count--;
	s->table_of[view][dir] = (u16)(i + 1);
	set_entry(&s->root[view], dir, spte_table(s->pool[i].machine));
	return &s->pool[i];
}

/*
 * S2: writable only if the guest's tables say so, its D bit is set, and nobody traces
 * the page.
 */
static bool may_write(struct vm *vm, const struct walk *w)
{
	bool by_tables = w->writable ||
			 (vm->cpu.mode == VMODE_KERNEL && !(vm->cpu.cr0 & CR0_WP));

	return by_tables && w->dirty && !trace_get(vm, gpa_page(w->page));
}

enum shadow_result shadow_fault(struct vm *vm, gva_t v, unsigned acc, u32 *error)
{
	struct walk w;
	mpn_t m;

	ASSERT(v.a < HOST_BASE);
	if (!walk(vm, v, acc, &w, error))
		return SHADOW_TRUE;
	if (acc & ACC_WRITE && trace_get(vm, gpa_page(w.page)))
		return SHADOW_EMULATE;
	if (!pmap_back(vm, gpa_page(w.page), &m))
		return SHADOW_EMULATE;
	if (acc & ACC_WRITE && !pmap_writable(vm, gpa_page(w.page), &m))
		return SHADOW_EMULATE;
	walk_touch(vm, &w, acc & ACC_WRITE);
	set_entry(table_for(vm, vm->view, v), leaf_index(v),
		  spte_page(m, may_write(vm, &w)));
	tlb_flush_page(v);
	vm->shadow.refills++;
	return SHADOW_FILLED;
}
