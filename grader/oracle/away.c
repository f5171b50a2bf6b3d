/*
 * Who has a machine page is asked of the pmaps here and not of the frame table, the other
 * way round than in rules.c: where the two differ, one of the rules breaks.
 */
#include "grader/oracle/away.h"
#include "grader/oracle/shadow.h"
#include "kernel/paging.h"
#include "user/include/canary.h"

#include <stdlib.h>

enum { MPN_BITS = 0xFFFFF, STATE_SHIFT = 20, STATE_BITS = 0xF, PINS_SHIFT = 24 };
/* enum pmap_state of vmm/pmap.h, and where a PC has no memory */
enum { IS_UNBACKED = 1, IS_PRIVATE, IS_SHARED, IS_BALLOONED, IS_SWAPPED, IS_DEVICE };
enum { HOLE = 0xA0, TEXT = 0xB8, TEXT_END = 0xC0, HOLE_END = 0x100 };
enum { CANARIES_FEW = 4 };

static u32 state_of(u32 word)
{
	return word >> STATE_SHIFT & STATE_BITS;
}

/* --- gone: what a VM has no frame for is mapped nowhere -------------------------------------- */

/* By frame: 1 + the page of this VM that has it. */
static u32 *pages_by_frame(struct shadows *s)
{
	u32 *page = calloc(s->e->record.frame_count, sizeof *page);

	for (u32 p = 0; page && p < s->vm->mem_pages; p++) {
		u32 word = page_word(s, p), mpn = word & MPN_BITS;

		if (state_of(word) == IS_PRIVATE && mpn < s->e->record.frame_count)
			page[mpn] = p + 1;
	}
	return page;
}

static bool table_gone(struct shadows *s, u32 n, const u32 *page)
{
	const struct table *t = &s->table[n];

	for (u32 i = 0; i < TABLE_WORDS; i++) {
		u32 mpn = t->entry[i] >> PAGE_SHIFT;

		if (!(t->entry[i] & PTE_P))
			continue;
		s->e->looked_at++;
		if (mpn >= s->e->record.frame_count || !page[mpn])
			return broken(s->e,
				      "VM %u: shadow table %u entry %u is 0x%08x: MPN "
				      "0x%05x backs no page of this VM",
				      s->vm->id, n, i, t->entry[i], mpn);
	}
	return true;
}

/* No list of the reverse map begins at a page without a frame. */
static bool lists_gone(struct shadows *s)
{
	for (u32 p = 0; s->vm->rmap && p < s->vm->mem_pages; p++) {
		u32 head, word = page_word(s, p);

		if (state_of(word) == IS_PRIVATE)
			continue;
		if (!dump_read_virtual(&s->e->dump, s->vm->rmap + 4 * p, &head,
				       sizeof head) ||
		    head != NO_NODE)
			return broken(
				s->e,
				"VM %u: PPN 0x%05x has no frame (pmap 0x%08x), and "
				"mappings on its list: 0x%x",
				s->vm->id, p, word, head);
	}
	return true;
}

static bool vm_gone(struct shadows *s)
{
	u32 *page = pages_by_frame(s);
	bool good = page && lists_gone(s);

	for (u32 n = 0; good && n < s->vm->table_count; n++)
		if (s->table[n].head.kind == KIND_LEAF ||
		    s->table[n].head.kind == KIND_LARGE)
			good = table_gone(s, n, page);
	free(page);
	return good;
}

bool away_gone(struct evidence *e)
{
	return shadows_each(e, vm_gone);
}

/* --- counts: every page is in one state, and the sums are right ----------------------------- */

static bool in_hole(u32 p)
{
	return p >= HOLE && p < HOLE_END && !(p >= TEXT && p < TEXT_END);
}

/* One page's word: a state that there is, and a frame only where the state has one. */
static bool word_good(struct evidence *e, const struct checkpoint_vm *vm, u32 p,
		      u32 word)
{
	u32 state = state_of(word);
	bool known = in_hole(p) ? state == IS_DEVICE
				: state >= IS_UNBACKED && state <= IS_SWAPPED &&
					  state != IS_SHARED;

	if (!known)
		return broken(e, "VM %u: PPN 0x%05x is in state %u", vm->id, p, state);
	if (state == IS_PRIVATE || state == IS_SWAPPED)
		return state == IS_PRIVATE || word >> PINS_SHIFT == 0 ||
		       broken(e, "VM %u: PPN 0x%05x is swapped and held in place",
			      vm->id, p);
	return word >> PINS_SHIFT == 0 && (word & MPN_BITS) == 0
		       ? true
		       : broken(e, "VM %u: PPN 0x%05x has no frame, its word is 0x%08x",
				vm->id, p, word);
}

static bool sum_good(struct evidence *e, const struct checkpoint_vm *vm,
		     const char *what, u32 said, u32 there)
{
	return said == there || broken(e, "VM %u: %u pages are %s, its count says %u",
				       vm->id, there, what, said);
}

static u32 guest_frames(struct evidence *e, u32 owner)
{
	u32 count = 0;
	struct frame f;

	for (u32 mpn = 0; mpn < e->record.frame_count; mpn++)
		count += frame_of(e, mpn, &f) && f.use == FRAME_GUEST &&
			 f.owner == owner;
	return count;
}

static bool vm_counts(struct evidence *e, const struct checkpoint_vm *vm)
{
	struct shadows s = {.e = e, .vm = vm};
	u32 count[STATE_BITS + 1] = {0};

	for (u32 p = 0; p < vm->mem_pages; p++) {
		u32 word = page_word(&s, p);

		e->looked_at++;
		if (!word_good(e, vm, p, word))
			return false;
		count[state_of(word)]++;
	}
	return sum_good(e, vm, "backed", vm->backed, count[IS_PRIVATE]) &&
	       sum_good(e, vm, "ballooned", vm->ballooned, count[IS_BALLOONED]) &&
	       sum_good(e, vm, "swapped", vm->swapped, count[IS_SWAPPED]) &&
	       sum_good(e, vm, "in frames of its own", count[IS_PRIVATE],
			guest_frames(e, vm->id));
}

bool away_counts(struct evidence *e)
{
	for (u32 i = 0; i < CHECKPOINT_VMS; i++) {
		const struct checkpoint_vm *vm = &e->record.vm[i];

		if (vm->id && vm->mem_pages && !vm_counts(e, vm))
			return false;
	}
	return true;
}

/* --- stray: what a VM wrote is in no frame of another ---------------------------------------- */

/* The owner that most of a frame's canaries name, 0: there are none, or too few. */
static u32 canary_of(const u32 *words)
{
	u32 times[CANARY_OWNERS + 1] = {0}, best = 0;

	for (u32 i = 0; i < TABLE_WORDS; i += CANARY_STRIDE) {
		u32 owner = words[i] - CANARY_MAGIC;

		if (owner >= 1 && owner <= CANARY_OWNERS &&
		    ++times[owner] > times[best])
			best = owner;
	}
	return times[best] >= CANARIES_FEW ? best : 0;
}

bool away_stray(struct evidence *e)
{
	for (u32 mpn = 0; mpn < e->record.frame_count; mpn++) {
		u32 words[TABLE_WORDS], owner;
		struct frame f;

		if (!frame_of(e, mpn, &f) ||
		    !dump_read(&e->dump, (u64)mpn << PAGE_SHIFT, words, sizeof words))
			return false;
		owner = canary_of(words);
		e->looked_at += owner != 0;
		if (owner && (f.use == FRAME_SHADOW ||
			      (f.use == FRAME_GUEST && f.owner != owner)))
			return broken(e,
				      "MPN 0x%05x, use %u, page 0x%05x of VM %u, holds "
				      "what VM %u wrote",
				      mpn, f.use, f.index, f.owner, owner);
	}
	return true;
}
