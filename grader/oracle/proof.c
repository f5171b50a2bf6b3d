/*
 * The proof, worked out: the same stages on an array of our own. What is in the guest's
 * memory is found through its own tables, and through the shadows where they map it.
 */
#include "grader/oracle/proof.h"
#include "grader/oracle/peekrules.h"
#include "kernel/paging.h"
#include "user/include/proof.h"

#include <string.h>

enum { PAGE_INTS = 1024, INTS = PROOF_PAGES * PAGE_INTS, KILLED = 128, MASK = 63 };
enum { CHILD = 1000, AGAIN = 2000, TRESPASSES = 5, ROUNDS_MOST = 1000000 };
enum { HOLE = 0x60, DIFFERENT_STREAMS = 3, PIECE = 4, PIECES = 4 };

struct work {
	u32 seed, area[INTS], want[PROOF_SLOTS];
	bool has[PROOF_SLOTS];
};

/* The numbers of user/lib/util.c: a seed and a stream give a state, never 0. */
static u32 spread(u32 seed, u32 stream)
{
	u32 x = seed * 0x9E3779B9u + stream * 0x85EBCA6Bu + 1;

	x = (x ^ x >> 16) * 0x21F0AAADu;
	x = (x ^ x >> 15) * 0x735A2D97u;
	x ^= x >> 15;
	return x ? x : 1;
}

static u32 step(u32 x)
{
	x ^= x << 13;
	x ^= x >> 17;
	return x ^ x << 5;
}

static void fill_page(u32 *page, u32 state)
{
	for (u32 i = 0; i < PAGE_INTS; i++)
		page[i] = state = step(state);
}

static void fill_area(struct work *w, u32 page, u32 stream)
{
	fill_page(&w->area[page * PAGE_INTS], spread(w->seed, stream + page));
}

static u32 fold_area(const u32 *area)
{
	u32 sum = 0;

	for (u32 i = 0; i < INTS; i++)
		sum = (sum << 1 | sum >> 31) + area[i];
	return sum;
}

static void want(struct work *w, enum proof_slot slot, u32 value)
{
	w->want[slot] = value;
	w->has[slot] = true;
}

/* --- stages ------------------------------------------------------------------------------- */

static void after_zero(struct work *w)
{
	want(w, PROOF_ZERO, spread(w->seed, PROOF_ZERO));
	for (u32 i = 0; i < PROOF_PAGES; i++)
		fill_area(w, i, 0);
	want(w, PROOF_FILL, fold_area(w->area));
}

static void after_fork(struct work *w)
{
	static u32 before[INTS];
	u32 mask = spread(w->seed, PROOF_CHILD);

	memcpy(before, w->area, sizeof before);
	for (u32 i = 0; i < PROOF_PAGES; i++)
		if (mask >> i & 1)
			fill_area(w, i, CHILD);
	want(w, PROOF_CHILD, fold_area(w->area));
	memcpy(w->area, before, sizeof before);
	for (u32 i = 1; i < PROOF_PAGES; i += 2)
		fill_area(w, i, AGAIN);
	want(w, PROOF_PARENT, fold_area(w->area));
}

static void after_user(struct work *w)
{
	u32 sum = spread(w->seed, PROOF_USER);

	for (u32 i = 0; i < TRESPASSES; i++)
		sum = sum * 31 + KILLED;
	want(w, PROOF_USER, sum);
}

/* Reading sets A, writing sets A and D, and nothing sets either without. */
static void after_marks(struct work *w)
{
	u32 sum = spread(w->seed, PROOF_MARKS);

	for (u32 i = 0; i < PROOF_MARKED; i++) {
		u32 what = spread(w->seed, AGAIN + i);

		w->area[i * PAGE_INTS]++;
		if (what & 2)
			w->area[i * PAGE_INTS + (what >> 8) % PAGE_INTS] = what;
		sum = sum * 31 + (what & 2 ? 3 : what & 1);
	}
	want(w, PROOF_MARKS, sum ^ fold_area(w->area));
}

static void after_storm(struct work *w)
{
	u32 sum = spread(w->seed, PROOF_STORM);

	for (u32 n = 0; n < PROOF_STORMS; n++) {
		w->area[n * PAGE_INTS + 1] = n;
		sum = sum * 31 + (spread(w->seed, CHILD + n) & MASK);
	}
	want(w, PROOF_STORM, sum ^ fold_area(w->area));
}

static void after_shrink(struct work *w)
{
	u32 kept = PROOF_PAGES - PROOF_SHRUNK;

	memset(&w->area[kept * PAGE_INTS], 0, PROOF_SHRUNK * PAGE_SIZE);
	want(w, PROOF_SHRINK, spread(w->seed, PROOF_SHRINK) + fold_area(w->area));
}

static void after_swap(struct work *w)
{
	u32 sum = spread(w->seed, PROOF_SWAP);

	for (u32 i = 0; i < PROOF_SWAP_PAGES; i++)
		sum = sum * 31 + (spread(w->seed, i) ^ i);
	want(w, PROOF_SWAP, sum);
}

/* How the chain stands after so many rounds, or one more. */
static bool chain_is(struct work *w, u32 rounds, u32 value)
{
	u32 chain = spread(w->seed, PROOF_CHAIN);

	for (u32 i = 0; i < PROOF_PAGES; i++)
		fill_area(w, i, 0);
	for (u32 round = 1; round <= rounds + 1; round++) {
		for (u32 i = 0; i < PROOF_STEPS; i++) {
			u32 at = chain % INTS;

			chain = spread(chain ^ w->area[at], round);
			w->area[at] = chain;
		}
		if (round >= rounds && chain == value)
			return true;
	}
	return false;
}

static void work_out(struct work *w, const struct told *told, u32 mem_pages)
{
	*w = (struct work){.seed = told->seed};
	want(w, PROOF_ALIVE, spread(w->seed, PROOF_ALIVE));
	for (const char *c = told->letters; *c; c++) {
		switch (*c) {
		case 'z':
			after_zero(w);
			break;
		case 'f':
			after_fork(w);
			break;
		case 'u':
			after_user(w);
			break;
		case 'm':
			after_marks(w);
			break;
		case 's':
			after_storm(w);
			break;
		case 'r':
			after_shrink(w);
			break;
		case 'w':
			after_swap(w);
			break;
		case 't':
			want(w, PROOF_SCAN,
			     spread(w->seed, PROOF_SCAN) ^ (mem_pages - HOLE));
			break;
		}
	}
}

/* --- what is there ------------------------------------------------------------------------ */

/* One entry, by the guest's tables; the kernel's shadow root must not disagree. */
static bool read_entry(struct evidence *e, const struct checkpoint_vm *vm, u32 slot,
		       struct proof_entry *entry)
{
	u32 va, pte;
	u64 machine, shadow;

	if (!image_symbol(&e->live->guest, "proof_entries", &va))
		return broken(e, "the guest's file keeps no proofs");
	va += slot * (u32)sizeof *entry;
	if (!live_guest_at(e, vm, va, &machine) ||
	    !dump_read(&e->dump, machine, entry, sizeof *entry))
		*entry = (struct proof_entry){0};
	else if (vm->root[0] &&
		 live_shadow_at(&e->dump, vm->root[0], va, &pte, &shadow) &&
		 shadow != machine)
		return broken(e,
			      "VM %u GVA 0x%08x: its tables and pmap lead to MPN "
			      "0x%05x, shadow PTE 0x%08x to another",
			      vm->id, va, (u32)(machine >> PAGE_SHIFT), pte);
	return true;
}

static const char *const slot_says[PROOF_SLOTS] = {
	"its start", "zero",   "fill", "child", "parent", "user",  "marks",
	"storm",     "shrink", "swap", "scan",	"round",  "chain",
};

/* The life that the entry belongs to; NULL: none that may be now. */
static const struct told *life_of(const struct live *l, const struct expected_vm *x,
				  const struct proof_entry *entry)
{
	for (unsigned i = x->seeds; i-- > (l->last ? x->seeds - 1 : 0);)
		if (x->told[i].seed == entry->seed)
			return &x->told[i];
	return NULL;
}

static bool value_right(struct evidence *e, const struct checkpoint_vm *vm,
			const struct told *told, const struct proof_entry *entry)
{
	static struct work w;
	struct proof_entry round;

	work_out(&w, told, vm->mem_pages);
	if (entry->slot == PROOF_CHAIN) {
		if (!read_entry(e, vm, PROOF_ROUND, &round))
			return false;
		if (round.value > ROUNDS_MOST ||
		    !chain_is(&w, round.value, entry->value))
			return broken(e, "VM %u: after %u rounds its chain is 0x%08x",
				      vm->id, round.value, entry->value);
		return true;
	}
	return entry->slot == PROOF_ROUND || !w.has[entry->slot] ||
	       w.want[entry->slot] == entry->value ||
	       broken(e, "VM %u: stage %s came to 0x%08x, not 0x%08x", vm->id,
		      slot_says[entry->slot], entry->value, w.want[entry->slot]);
}

/* Is the stage among those that the VM was last told? */
static bool is_asked(const struct expected_vm *x, u32 slot)
{
	static const char letter_of[PROOF_SLOTS + 1] = " zzffumsrwt  ";
	const char *letters = x->seeds ? x->told[x->seeds - 1].letters : "";

	return x->seeds && (letter_of[slot] == ' ' || strchr(letters, letter_of[slot]));
}

static bool slot_holds(struct evidence *e, u32 id, u32 slot)
{
	const struct checkpoint_vm *vm = &e->record.vm[id - 1];
	const struct expected_vm *x = &e->live->expected[id - 1];
	struct proof_entry entry;
	const struct told *told;

	if (!is_asked(x, slot) || (x->dead && e->live->last))
		return true;
	e->looked_at++;
	if (!read_entry(e, vm, slot, &entry))
		return false;
	told = life_of(e->live, x, &entry);
	if (entry.magic == PROOF_MAGIC && entry.slot == slot && told)
		return value_right(e, vm, told, &entry);
	return !e->live->last || broken(e,
					"VM %u: its program, proof, never came to '%s'"
					" (make run, then vm %u: does it hang?)",
					id, slot_says[slot], id);
}

bool proof_holds(struct evidence *e, u32 slot)
{
	for (u32 id = 1; id <= CHECKPOINT_VMS; id++)
		if (!slot_holds(e, id, slot))
			return false;
	return true;
}

/* --- past lives --------------------------------------------------------------------------- */

/* A piece of a page is enough: the rest may have been written over since. */
static bool piece_same(const u32 *want, const u32 *got)
{
	for (u32 i = 0; i < PIECES; i++) {
		u32 at = i * (PAGE_INTS / PIECES);

		if (memcmp(&want[at], &got[at], PIECE * sizeof *want) == 0)
			return true;
	}
	return false;
}

static bool filled_by(u32 seed, const u32 *got, u32 *number)
{
	static const u32 streams[DIFFERENT_STREAMS] = {0, CHILD, AGAIN};
	static u32 want_page[DIFFERENT_STREAMS * PROOF_PAGES][PAGE_INTS], made_for;

	for (u32 i = 0; i < DIFFERENT_STREAMS * PROOF_PAGES; i++) {
		*number = i % PROOF_PAGES;
		if (made_for != seed)
			fill_page(want_page[i],
				  spread(seed, streams[i / PROOF_PAGES] + *number));
	}
	made_for = seed;
	for (u32 i = 0; i < DIFFERENT_STREAMS * PROOF_PAGES; i++) {
		*number = i % PROOF_PAGES;
		if (piece_same(want_page[i], got))
			return true;
	}
	return false;
}

bool proof_past(const struct live *l, const u8 *page, u32 *vm, u32 *number)
{
	u32 got[PAGE_INTS];

	if (!l->last)
		return false;
	memcpy(got, page, sizeof got);
	for (*vm = 1; *vm <= CHECKPOINT_VMS; (*vm)++) {
		const struct expected_vm *x = &l->expected[*vm - 1];

		for (unsigned i = 0; i + 1 < x->seeds || (x->dead && i < x->seeds); i++)
			if (filled_by(x->told[i].seed, got, number))
				return true;
	}
	return false;
}
