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
static inline bool only_aged(u32 made_from, u32 guest)
{
	u32 marks = PTE_A | PTE_D;

	return ((made_from ^ guest) & ~marks) == 0 && (made_from & marks & ~guest) == 0;
}

/* The guest's entry i is another one now. True: the shadow's had to go. */
static HOT NOINLINE bool entry_changed(struct vm *vm, struct stable *t, u32 i,
				       u32 guest)
{
	if (only_aged(t->made_from[i], guest)) {
		t->made_from[i] = guest;
		return false;
	}
	vm->shadow.resynced++;
	cache_drop_used(vm, t, i);
	return true;
}

/* 32 entries of one shadow of a guest table. */
static inline bool sync_word(struct vm *vm, struct stable *t, u32 w, const u32 *guest)
{
	bool changed = false;

	if (!t->used[w])
		t->busy &= ~(1u << w);
	for (u32 bits = t->used[w]; bits; bits &= bits - 1) {
		u32 i = w * 32 + (u32)__builtin_ctz(bits);

		if (t->made_from[i] != guest[i])
			changed |= entry_changed(vm, t, i, guest[i]);
	}
	return changed;
}

/* All entries of one shadow of a guest table. Only those in use are looked at. */
static bool sync_table(struct vm *vm, struct stable *t, const u32 *guest)
{
	bool changed = false;

	for (u32 words = t->busy; words; words &= words - 1)
		changed |= sync_word(vm, t, (u32)__builtin_ctz(words), guest);
	return changed;
}

/*
 * All shadows of one guest table. A page without a frame (it was taken away) has no
 * entries to keep. Those of 4 MiB pages go with their directory's entry.
 */
static HOT bool sync_gfn(struct vm *vm, u32 gfn)
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
HOT void sync_space(struct vm *vm, u32 directory)
{
	struct shadow *s = &vm->shadow;

	for (u32 i = s->loose_count; i-- > 0;) {
		struct loose *l = &s->loose[i];

		if (l->directory == directory || l->directory == LOOSE_ANY)
			sync_loose(vm, l);
	}
}

HOT void sync_linked(struct vm *vm, u32 gfn, u32 directory)
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

/* One of them may differ. The host's entries of a root are not in use. */
static HOT NOINLINE bool sync_each(struct vm *vm, u32 gfn, u32 i)
{
	u32 guest = guest_entry(vm, gfn, i);
	bool changed = false;

	for (struct stable *t = cache_first(vm, gfn); t; t = cache_next(vm, t))
		if (t->kind != STABLE_LARGE && stable_uses(t, i) &&
		    t->made_from[i] != guest)
			changed |= entry_changed(vm, t, i, guest);
	return changed;
}

/* Is the guest's entry what this one was made from, by a look that costs little? */
ALWAYS_INLINE bool is_true(const struct vm *vm, const struct stable *t, u32 i)
{
	const u32 *guest;
	mpn_t m;

	if (!pmap_private(&vm->pmap, ppn(t->gfn), &m))
		return false;
	guest = kmap_word(m, i);
	return guest && *guest == t->made_from[i];
}

/* Entry i of all shadows of one table. True: one was dropped. */
ALWAYS_INLINE bool sync_one(struct vm *vm, u32 gfn, u32 i)
{
	for (struct stable *t = cache_first(vm, gfn); t; t = cache_next(vm, t))
		if (t->entry[i] && !is_true(vm, t, i))
			return sync_each(vm, gfn, i);
	return false;
}

/*
 * The directory is not traced, or neither view has anything there. A loose directory may
 * have had a large page: 1,024 entries.
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

/* What the guest's directory has at i, as the root of the other view knows it; or 0. */
static inline u32 known_to_other(const struct vm *vm, u32 i)
{
	const struct shadow *s = &vm->shadow;
	u32 n = s->active[!vm->view];

	return n == STABLE_NONE || !s->pool.table[n].entry[i]
		       ? 0
		       : s->pool.table[n].made_from[i];
}

/* Where the directory is traced, a root that has the entry knows what it is. */
HOT void sync_page(struct vm *vm, gva_t v)
{
	const struct shadow *s = &vm->shadow;
	const struct stable *root = &s->pool.table[s->active[vm->view]];
	u32 i = dir_index(v), pde;

	pde = root->entry[i] ? root->made_from[i] : known_to_other(vm, i);
	if (!pde || !(vm->traces.flags[root->gfn] & TRACE_TABLE))
		sync_by_directory(vm, v);
	else if (sync_is_loose(vm, pde >> PAGE_SHIFT))
		sync_one(vm, pde >> PAGE_SHIFT, leaf_index(v));
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
