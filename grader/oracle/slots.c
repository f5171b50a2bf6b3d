/*
 * The swap area, as its records tell it: which page is in which slot, and what is on its
 * way. The disk itself is not looked at; what stands on it is summed up when it is read.
 */
#include "grader/oracle/away.h"
#include "grader/oracle/shadow.h"

#include <stdlib.h>

enum { MPN_BITS = 0xFFFFF, STATE_SHIFT = 20, STATE_BITS = 0xF };
enum { IS_SWAPPED = 5 }; /* enum pmap_state of vmm/pmap.h */
/* As in vmm/swapio.h: a page of a batch, and what becomes of it. */
enum { BATCH_PAGES = 16, BATCHES_MOST = 64, FATE_GOES = 0, FATE_BACK = 1 };
/* As in vmm/slots.h. */
enum { SLOT_IS_FREE, SLOT_IS_USED, SLOT_IS_BAD, SLOTS_MOST = 1 << 20 };

static u32 state_of(u32 word)
{
	return word >> STATE_SHIFT & STATE_BITS;
}

struct slot_word {
	u32 sum, bits;
};

/* A page that is being written. */
struct going {
	u32 mpn, ppn, slot, bits;
};

struct area {
	struct evidence *e;
	struct slot_word *slot;
	u8 *claimed; /* by slot */
	struct going going[BATCHES_MOST * BATCH_PAGES];
	u32 under_way;
};

static u32 slot_ppn(const struct slot_word *s)
{
	return s->bits & MPN_BITS;
}

static u32 slot_vm(const struct slot_word *s)
{
	return s->bits >> 20 & 0x1F;
}

static u32 slot_state(const struct slot_word *s)
{
	return s->bits >> 25 & 3;
}

static bool load_slots(struct area *a)
{
	const struct checkpoint_swap *s = &a->e->record.swap;

	if (s->total > SLOTS_MOST)
		return broken(a->e, "a swap area of %u slots", s->total);
	a->slot = calloc(s->total + 1, sizeof *a->slot);
	a->claimed = calloc(s->total + 1, 1);
	if (!a->slot || !a->claimed ||
	    (s->total && !dump_read_virtual(&a->e->dump, s->slots, a->slot,
					    s->total * sizeof *a->slot)))
		return broken(a->e, "the records of %u slots are not mapped", s->total);
	return true;
}

static bool load_batch(struct area *a, u32 at)
{
	const struct dump *d = &a->e->dump;
	u32 count;
	u8 busy;

	if (!dump_read_virtual(d, at + a->e->record.swap.batch_busy, &busy,
			       sizeof busy) ||
	    !dump_read_virtual(d, at, &count, sizeof count))
		return broken(a->e, "a batch of swap at 0x%08x is not mapped", at);
	if (!busy)
		return true;
	if (count > BATCH_PAGES ||
	    !dump_read_virtual(d, at + (u32)sizeof count, &a->going[a->under_way],
			       count * sizeof *a->going))
		return broken(a->e, "a batch of %u pages at 0x%08x", count, at);
	a->under_way += count;
	return true;
}

static bool load_batches(struct area *a)
{
	const struct checkpoint_swap *s = &a->e->record.swap;

	if (s->batch_count > BATCHES_MOST)
		return broken(a->e, "%u batches", s->batch_count);
	for (u32 i = 0; i < s->batch_count; i++)
		if (!load_batch(a, s->batches + i * s->batch_bytes))
			return false;
	return true;
}

static u32 fate_of(const struct going *g)
{
	return g->bits >> 16 & 0xFF;
}

/* A swapped page: its slot says so, and is nobody else's. */
static bool claim(struct area *a, const struct checkpoint_vm *vm, u32 p, u32 slot)
{
	const struct slot_word *s = &a->slot[slot];

	a->e->looked_at++;
	return slot < a->e->record.swap.total && slot_state(s) == SLOT_IS_USED &&
	       slot_vm(s) == vm->id && slot_ppn(s) == p && !a->claimed[slot]++;
}

static bool claim_all(struct area *a)
{
	for (u32 i = 0; i < CHECKPOINT_VMS; i++) {
		const struct checkpoint_vm *vm = &a->e->record.vm[i];
		struct shadows s = {.e = a->e, .vm = vm};

		for (u32 p = 0; vm->id && p < vm->mem_pages; p++) {
			u32 word = page_word(&s, p), slot = word & MPN_BITS;

			if (state_of(word) == IS_SWAPPED && !claim(a, vm, p, slot))
				return broken(a->e,
					      "VM %u: PPN 0x%05x is in slot %u, which "
					      "is not its own",
					      vm->id, p, slot);
		}
	}
	return true;
}

/* Its VM does not want it any more, but the disk still writes it. */
static bool is_given_up(const struct area *a, u32 slot)
{
	for (u32 i = 0; i < a->under_way; i++)
		if (a->going[i].slot == slot && fate_of(&a->going[i]) != FATE_GOES)
			return true;
	return false;
}

/* A VM that is being built or taken apart is looked at no further. */
static bool in_the_making(const struct area *a, u32 id)
{
	const struct checkpoint_vm *vm = &a->e->record.vm[id - 1];

	return vm->pmap && !vm->mem_pages;
}

/* No slot is lost, and the count of free ones is right. */
static bool none_lost(struct area *a)
{
	const struct checkpoint_swap *s = &a->e->record.swap;
	u32 free_slots = 0;

	for (u32 i = 0; i < s->total; i++) {
		u32 state = slot_state(&a->slot[i]), id = slot_vm(&a->slot[i]);

		a->e->looked_at++;
		free_slots += state == SLOT_IS_FREE;
		if (state != SLOT_IS_USED || a->claimed[i] || is_given_up(a, i))
			continue;
		if (id < 1 || id > CHECKPOINT_VMS || !in_the_making(a, id))
			return broken(a->e,
				      "slot %u is used, by PPN 0x%05x of VM %u: lost",
				      i, slot_ppn(&a->slot[i]), id);
	}
	return free_slots == s->free ||
	       broken(a->e, "%u slots are free, the count says %u", free_slots,
		      s->free);
}

/* A frame between memory and disk: being written, or being filled for a swapped page. */
static bool is_moving(const struct area *a, u32 mpn, const struct frame *f)
{
	const struct checkpoint_vm *vm;
	struct shadows s = {.e = a->e};

	for (u32 i = 0; i < a->under_way; i++)
		if (a->going[i].mpn == mpn && fate_of(&a->going[i]) != FATE_BACK)
			return true;
	if (f->owner < 1 || f->owner > CHECKPOINT_VMS)
		return false;
	vm = s.vm = &a->e->record.vm[f->owner - 1];
	return in_the_making(a, f->owner) ||
	       (f->index < vm->mem_pages &&
		state_of(page_word(&s, f->index)) == IS_SWAPPED);
}

static bool frames_move(struct area *a)
{
	struct frame f;

	for (u32 mpn = 0; mpn < a->e->record.frame_count; mpn++)
		if (!frame_of(a->e, mpn, &f) ||
		    (f.use == FRAME_SWAP && !is_moving(a, mpn, &f)))
			return broken(
				a->e,
				"MPN 0x%05x is on its way between memory and disk, "
				"page 0x%05x of VM %u, and nobody moves it",
				mpn, f.index, f.owner);
	return true;
}

bool away_slots(struct evidence *e)
{
	static struct area a;
	bool good;

	a = (struct area){.e = e};
	e->looked_at += !e->record.swap.total;
	good = load_slots(&a) && load_batches(&a) && claim_all(&a) && none_lost(&a) &&
	       frames_move(&a);
	free(a.slot);
	free(a.claimed);
	return good;
}
