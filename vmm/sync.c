/*
 * Traced and loose guest tables.
 */
#include "vmm/sync.h"
#include "kernel/kmap.h"
#include "kernel/panic.h"
#include "vmm/cache.h"
#include "vmm/tlb.h"
#include "vmm/trace.h"
#include "vmm/vm.h"

/*
 * A loose table is traced again after so many comparisons in vain: about as many as cost
 * as much as the fault at its next write.
 */
enum { QUIET_ENOUGH = 80, QUIET_A_FLUSH = 16 };

static u32 loose_index(const struct shadow *s, u32 gfn)
{
	u32 i = 0;

	while (i < s->loose_count && s->loose[i].gfn != gfn)
		i++;
	return i;
}

static void remove_loose(struct vm *vm, u32 gfn)
{
	struct shadow *s = &vm->shadow;

	s->loose[loose_index(s, gfn)] = s->loose[s->loose_count - 1];
	s->loose_count--;
	trace_clear(vm, ppn(gfn), TRACE_LOOSE);
}

/* The one directory that a table made from gfn is in use under, or ANY if there are several. */
static u32 directory_of(const struct vm *vm, u32 gfn)
{
	const struct stable_pool *p = &vm->shadow.pool;
	u32 found = LOOSE_UNUSED;

	for (struct stable *t = cache_first(vm, gfn); t; t = cache_next(vm, t)) {
		if (t->kind == STABLE_ROOT)
			return LOOSE_ANY;
		for (u32 n = t->parents; n != RMAP_END; n = rmap_next(p, n)) {
			u32 directory = rmap_table(p, n)->gfn;

			if (found != LOOSE_UNUSED && found != directory)
				return LOOSE_ANY;
			found = directory;
		}
	}
	return found;
}

/* A loose table may come to be a directory: from then on each flush looks at it (TRAPS 8). */
void sync_watch(struct vm *vm, u32 gfn)
{
	struct shadow *s = &vm->shadow;

	if (gfn >= vm->mem_pages)
		return;
	if (sync_is_loose(vm, gfn))
		s->loose[loose_index(s, gfn)].directory = directory_of(vm, gfn);
	else
		trace_set(vm, ppn(gfn), TRACE_TABLE);
}

void sync_forget(struct vm *vm, u32 gfn)
{
	trace_clear(vm, ppn(gfn), TRACE_TABLE);
	if (sync_is_loose(vm, gfn))
		remove_loose(vm, gfn);
}

/* A or D was set since, by us for the guest: the entry is only narrower than it might be. */
static bool only_aged(u32 made_from, u32 guest)
{
	u32 marks = PTE_A | PTE_D;

	return ((made_from ^ guest) & ~marks) == 0 && (made_from & marks & ~guest) == 0;
}

/* The guest's entry i is another one now. True: the shadow's had to go. */
static NOINLINE bool entry_changed(struct vm *vm, struct stable *t, u32 i, u32 guest)
{
	if (only_aged(t->made_from[i], guest)) {
		t->made_from[i] = guest;
		return false;
	}
	cache_drop(vm, t, i);
	vm->shadow.resynced++;
	return true;
}

/* Entry i of a table is dropped if the guest's entry is not what it was made from. */
static inline bool sync_entry(struct vm *vm, struct stable *t, u32 i, u32 guest)
{
	return stable_uses(t, i) && t->made_from[i] != guest &&
	       entry_changed(vm, t, i, guest);
}

/* All entries of one shadow of a guest table. Only those in use are looked at. */
static bool sync_table(struct vm *vm, struct stable *t, const u32 *guest)
{
	bool changed = false;

	for (u32 w = 0; t->count && w < STABLE_USED_WORDS; w++) {
		for (u32 bits = t->used[w]; bits; bits &= bits - 1) {
			u32 i = w * 32 + (u32)__builtin_ctz(bits);

			if (t->made_from[i] != guest[i])
				changed |= sync_entry(vm, t, i, guest[i]);
		}
	}
	return changed;
}

/*
 * All shadows of one guest table. A page without a frame (it was taken away) has no
 * entries to keep. Those of 4 MiB pages go with their directory's entry.
 */
static bool sync_gfn(struct vm *vm, u32 gfn)
{
	bool changed = false;
	const u32 *guest;
	mpn_t m;

	if (pmap_lookup(vm, ppn(gfn), &m) != PMAP_PRIVATE)
		return false;
	guest = kmap(m);
	for (struct stable *t = cache_first(vm, gfn); t; t = cache_next(vm, t)) {
		if (t->kind != STABLE_LARGE)
			changed |= sync_table(vm, t, guest);
	}
	kunmap(guest);
	return changed;
}

static bool all_empty(const struct vm *vm, u32 gfn)
{
	for (struct stable *t = cache_first(vm, gfn); t; t = cache_next(vm, t))
		if (t->count || cache_is_active(vm, t))
			return false;
	return true;
}

static void zap_all(struct vm *vm, u32 gfn)
{
	struct stable *t;

	while ((t = cache_first(vm, gfn)))
		cache_zap(vm, t);
}

/* It has been quiet: empty shadows are not worth keeping, others are traced again. */
static void settle(struct vm *vm, u32 gfn)
{
	if (all_empty(vm, gfn)) {
		zap_all(vm, gfn);
		return;
	}
	remove_loose(vm, gfn);
	trace_set(vm, ppn(gfn), TRACE_TABLE);
}

static u32 entries_of(const struct vm *vm, u32 gfn)
{
	u32 count = 0;

	for (struct stable *t = cache_first(vm, gfn); t; t = cache_next(vm, t))
		count += t->count;
	return count;
}

static void sync_loose(struct vm *vm, struct loose *l)
{
	if (sync_gfn(vm, l->gfn))
		l->quiet = 0;
	else
		l->quiet += QUIET_A_FLUSH + entries_of(vm, l->gfn);
	if (l->quiet >= QUIET_ENOUGH)
		settle(vm, l->gfn);
}

/* From the last to the first: settling one moves the last into its place. */
void sync_space(struct vm *vm, u32 directory)
{
	struct shadow *s = &vm->shadow;

	for (u32 i = s->loose_count; i-- > 0;) {
		struct loose *l = &s->loose[i];

		if (l->directory == directory || l->directory == LOOSE_ANY)
			sync_loose(vm, l);
	}
}

void sync_linked(struct vm *vm, u32 gfn, u32 directory)
{
	struct loose *l;

	if (!sync_is_loose(vm, gfn))
		return;
	sync_gfn(vm, gfn);
	l = &vm->shadow.loose[loose_index(&vm->shadow, gfn)];
	if (l->directory == LOOSE_UNUSED)
		l->directory = directory;
	else if (l->directory != directory)
		l->directory = LOOSE_ANY;
}

/* Entry i of a guest table, as the guest has it. */
static u32 guest_entry(struct vm *vm, u32 gfn, u32 i)
{
	return walk_entry(vm, gpa((gfn << PAGE_SHIFT) + i * 4)).v;
}

static HOT NOINLINE bool sync_used(struct vm *vm, struct stable *t, u32 i)
{
	return t->kind != STABLE_LARGE &&
	       sync_entry(vm, t, i, guest_entry(vm, t->gfn, i));
}

/* Entry i of all shadows of one table. True: one was dropped. */
static inline bool sync_one(struct vm *vm, u32 gfn, u32 i)
{
	bool changed = false;

	for (struct stable *t = cache_first(vm, gfn); t; t = cache_next(vm, t))
		if (t->entry[i])
			changed |= sync_used(vm, t, i);
	return changed;
}

/*
 * The directory is not traced, or the view that is loaded has nothing there. A loose
 * directory may have had a large page: 1,024 entries.
 */
static NOINLINE void sync_by_directory(struct vm *vm, gva_t v)
{
	u32 directory = vm->cpu.cr3 >> PAGE_SHIFT, pde;

	if (!vm->shadow.loose_count || directory >= vm->mem_pages)
		return;
	if (sync_is_loose(vm, directory) && sync_one(vm, directory, dir_index(v)))
		tlb_flush();
	pde = guest_entry(vm, directory, dir_index(v));
	if (pde & PTE_P && sync_is_loose(vm, pde >> PAGE_SHIFT))
		sync_one(vm, pde >> PAGE_SHIFT, leaf_index(v));
}

/* Where the directory is traced, the root knows what its entry is. */
HOT void sync_page(struct vm *vm, gva_t v)
{
	const struct shadow *s = &vm->shadow;
	const struct stable *root = &s->pool.table[s->active[vm->view]];
	u32 i = dir_index(v), gfn;

	if (!(vm->traces.flags[root->gfn] & TRACE_TABLE) || !root->entry[i]) {
		sync_by_directory(vm, v);
		return;
	}
	gfn = root->made_from[i] >> PAGE_SHIFT;
	if (sync_is_loose(vm, gfn))
		sync_one(vm, gfn, leaf_index(v));
}

static void add_loose(struct vm *vm, u32 gfn)
{
	struct shadow *s = &vm->shadow;

	if (s->loose_count == LOOSE_MAX) {
		sync_gfn(vm, s->loose[0].gfn);
		settle(vm, s->loose[0].gfn);
		tlb_flush();
	}
	s->loose[s->loose_count++] = (struct loose){.gfn = gfn,
						    .directory = directory_of(vm, gfn)};
	s->loosened++;
	trace_clear(vm, ppn(gfn), TRACE_TABLE);
	trace_mark(vm, ppn(gfn), TRACE_LOOSE);
}

static bool is_directory(const struct vm *vm, u32 gfn, bool *active)
{
	bool directory = false;

	*active = false;
	for (struct stable *t = cache_first(vm, gfn); t; t = cache_next(vm, t)) {
		directory |= t->kind == STABLE_ROOT;
		*active |= cache_is_active(vm, t);
	}
	return directory;
}

bool sync_loosen(struct vm *vm, u32 gfn)
{
	bool active;

	if (!is_directory(vm, gfn, &active))
		add_loose(vm, gfn);
	else if (!active)
		zap_all(vm, gfn);
	else
		return false;
	return true;
}

static void drop_all_entries(struct vm *vm, u32 gfn)
{
	for (struct stable *t = cache_first(vm, gfn); t; t = cache_next(vm, t))
		stable_for_each_used(t, i) cache_drop(vm, t, i);
}

void sync_give_up(struct vm *vm, u32 gfn)
{
	bool active;

	is_directory(vm, gfn, &active);
	if (active) {
		drop_all_entries(vm, gfn);
		if (!sync_is_loose(vm, gfn))
			add_loose(vm, gfn);
	} else {
		zap_all(vm, gfn);
	}
	tlb_flush();
}
