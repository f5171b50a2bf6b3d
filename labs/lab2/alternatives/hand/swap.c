/*
 * Swapping out and in.
 *
 * Lab 2 ends in this file.
 */
#include "vmm/swap.h"
#include "kernel/event.h"
#include "kernel/frame.h"
#include "kernel/kmap.h"
#include "kernel/panic.h"
#include "kernel/rng.h"
#include "vmm/slots.h"
#include "vmm/swapio.h"
#include "vmm/trace.h"
#include "vmm/vm.h"

enum { RANDOM_TRIES = 64 };

bool (*swap_victim)(struct vm *vm, ppn_t *p) = swap_random_victim;
bool (*swap_share)(struct vm *vm, ppn_t p);
void (*swap_written)(bool good);

u32 swap_init(void)
{
	u32 slots = swapio_init();

	if (!slots_create(slots))
		panic("no memory for %u swap slots", slots);
	return slots;
}

static u32 sum_of(mpn_t m)
{
	const u32 *page = kmap(m);
	u32 sum = slots_sum(page);

	kunmap(page);
	return sum;
}

/* --- out --------------------------------------------------------------------------------- */

bool swap_may_take(const struct vm *vm, ppn_t p)
{
	mpn_t m;

	return pmap_private(&vm->pmap, p, &m) && !pmap_pinned(vm, p) &&
	       !vm->traces.flags[p.n];
}

/* A few throws, then the first that may go after the last of them. */
bool swap_random_victim(struct vm *vm, ppn_t *p)
{
	u32 pages = vm->pmap.pages, from;

	/* Many throws; then backwards from wherever the next one falls. */
	for (u32 i = 0; i < 4 * RANDOM_TRIES; i++)
		if (swap_may_take(vm, *p = ppn(rng_u32() % pages)))
			return true;
	from = rng_below(pages);
	for (u32 i = 0; i < pages; i++)
		if (swap_may_take(vm, *p = ppn((from + pages - i) % pages)))
			return true;
	return false;
}

bool swap_own_victim(struct vm *vm, ppn_t *p)
{
	return swap_random_victim(vm, p);
}

/* From here on the guest has the page no more; its frame is the batch's until written. */
static void take(struct vm *vm, ppn_t p, u32 slot, struct swap_out *out)
{
	mpn_t m = mpn(vm->pmap.entry[p.n].mpn);

	shadow_drop(vm, p);
	*slots_get(slot) = (struct slot){
		.sum = sum_of(m),
		.ppn = p.n & 0xfffff,
		.vm = vm->id & 0x1f,
		.state = SLOT_USED,
	};
	pmap_set(vm, p, PMAP_SWAPPED, slot);
	frame_get(m)->use = FRAME_SWAP;
	*out = (struct swap_out){.mpn = m.n, .ppn = p.n, .slot = slot, .vm = vm->id};
	vm->swap.outs++;
}

/* Back to the VM, as if it had never gone. */
static void untake(struct vm *vm, const struct swap_out *out)
{
	struct frame *f = frame_get(mpn(out->mpn));

	f->use = FRAME_GUEST;
	pmap_set(vm, ppn(out->ppn), PMAP_PRIVATE, out->mpn);
}

/* It could not be written: its VM has it still, and the slot is of no use. */
static void failed(struct swap_out *out)
{
	event("swap.error", "vm=%u ppn=0x%x slot=%u write=1", out->vm, out->ppn,
	      out->slot);
	if (out->fate == OUT_GOES)
		untake(vm_get(out->vm), out);
	slots_spoil(out->slot);
}

/* One page of a batch is done with. */
static void finish(struct swap_out *out, bool good)
{
	if (!good)
		failed(out);
	else if (out->fate != OUT_GOES)
		slots_give(out->slot);
	if (out->fate == OUT_WASTE || (good && out->fate == OUT_GOES))
		frame_free(mpn(out->mpn));
}

static void written(struct swap_batch *b, bool good)
{
	for (u32 i = 0; i < b->count; i++)
		finish(&b->page[i], good);
	if (swap_written)
		swap_written(good);
}

/* A page that goes: shared if it can be, else into the next slot of the batch. */
static bool next_page(struct vm *vm, struct swap_batch *b, u32 slot)
{
	ppn_t p;

	if (!swap_victim(vm, &p))
		return false;
	if (swap_share && swap_share(vm, p))
		return true;
	take(vm, p, slot + b->count, &b->page[b->count]);
	b->count++;
	return true;
}

u32 swap_out(struct vm *vm, u32 pages)
{
	struct swap_batch *b = swapio_batch();
	u32 slot, got, gone = 0;

	if (!b || pages == 0)
		return 0;
	got = slots_take(min_u32(pages, SWAP_BATCH), &slot);
	while (gone < got && next_page(vm, b, slot))
		gone++;
	for (u32 i = b->count; i < got; i++)
		slots_give(slot + i);
	if (b->count)
		swapio_submit(b, written);
	return gone;
}

/* --- back -------------------------------------------------------------------------------- */

/* The page that is on its way to this slot, or NULL. */
static struct swap_out *on_its_way(u32 slot)
{
	for (u32 i = 0; i < SWAP_BATCHES; i++) {
		struct swap_batch *b = swapio_under_way(i);

		for (u32 k = 0; b && k < b->count; k++)
			if (b->page[k].slot == slot && b->page[k].fate == OUT_GOES)
				return &b->page[k];
	}
	return NULL;
}

/* The slot stays in use until its write is over. */
static bool rescue(struct vm *vm, u32 slot)
{
	struct swap_out *out = on_its_way(slot);

	if (!out)
		return false;
	out->fate = OUT_BACK;
	untake(vm, out);
	vm->swap.rescued++;
	return true;
}

static _Noreturn void lost(struct vm *vm, ppn_t p, u32 slot, mpn_t m, const char *why)
{
	frame_free(m);
	event("swap.error", "vm=%u ppn=0x%x slot=%u write=0", vm->id, p.n, slot);
	vm_die(vm, "page 0x%x is lost: swap slot %u %s", p.n, slot, why);
}

void swap_in(struct vm *vm, ppn_t p)
{
	u32 slot = vm->pmap.entry[p.n].mpn;
	mpn_t m;

	ASSERT(vm->pmap.entry[p.n].state == PMAP_SWAPPED);
	if (rescue(vm, slot))
		return;
	if (!frame_alloc(ZONE_ANY, FRAME_SWAP, vm->id, p.n, &m))
		vm_die(vm, "no machine memory left for PPN 0x%x", p.n);
	vm->away_slept++;
	if (!swapio_read(slot, m))
		lost(vm, p, slot, m, "cannot be read");
	if (sum_of(m) != slots_get(slot)->sum)
		lost(vm, p, slot, m, "fails its checksum");
	frame_get(m)->use = FRAME_GUEST;
	pmap_set(vm, p, PMAP_PRIVATE, m.n);
	slots_give(slot);
	vm->swap.ins++;
}

void swap_forget(struct vm *vm, ppn_t p)
{
	u32 slot = vm->pmap.entry[p.n].mpn;
	struct swap_out *out = on_its_way(slot);

	ASSERT(vm->pmap.entry[p.n].state == PMAP_SWAPPED);
	pmap_set(vm, p, PMAP_UNBACKED, 0);
	if (out)
		out->fate = OUT_WASTE;
	else
		slots_give(slot);
}

void swap_forget_all(struct vm *vm)
{
	for (u32 p = 0; p < vm->pmap.pages && vm->pmap.swapped; p++)
		if (vm->pmap.entry[p].state == PMAP_SWAPPED)
			swap_forget(vm, ppn(p));
}
