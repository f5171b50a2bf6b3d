/*
 * The swapper.
 */
#include "vmm/reclaim.h"
#include "kernel/event.h"
#include "kernel/frame.h"
#include "kernel/lib.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/time.h"
#include "vmm/slots.h"
#include "vmm/swapio.h"
#include "vmm/vm.h"

enum { PERIOD_MS = 50, PATIENCE_MS = 500, TELL_MS = 250 };
/* A VM stops for want of a frame below this; the others are for what can't wait. */
enum { LAST_FRAMES = 8 };
/* So many writes in a row went wrong: the disk is of no use. */
enum { FAILURES_MAX = 16 };
/* So many looks without one more free frame, and there will be none. */
enum { LOOKS_IN_VAIN = 40 };
#define MS_NS 1000000ull

static struct waitq work;   /* the swapper */
static struct waitq frames; /* who waits for one */
static u32 room;	    /* free frames that somebody waits for */
static enum replacement how;
static u64 sampled_ns;
static u32 failures; /* writes in a row */

static const char *const names[] = {
	[REPLACE_BALLOON] = "balloon",
	[REPLACE_RANDOM] = "random",
	[REPLACE_LRU] = "lru",
	[REPLACE_OWN] = "own",
};

const char *replacement_name(enum replacement r)
{
	return names[r];
}

enum replacement reclaim_how(void)
{
	return how;
}

/* Needs the reverse map: to see whether a page is in use. */
static bool looks(enum replacement r)
{
	return r == REPLACE_LRU || r == REPLACE_OWN;
}

bool reclaim_by(enum replacement r)
{
	static bool (*const victim[])(struct vm * vm, ppn_t * p) = {
		[REPLACE_BALLOON] = swap_random_victim,
		[REPLACE_RANDOM] = swap_random_victim,
		[REPLACE_LRU] = victim_lru,
		[REPLACE_OWN] = swap_own_victim,
	};

	if (looks(r) && strcmp(option_str("shadow", "cached"), "cached") != 0)
		return false;
	how = r;
	swap_victim = victim[r];
	for (unsigned id = 1; id <= VM_MAX; id++) {
		struct vm *vm = vm_get(id);

		if (vm)
			reclaim_aim(vm, vm->mem_pages - vm->reclaim.limit);
	}
	return true;
}

void reclaim_aim(struct vm *vm, u32 pages)
{
	struct reclaim *r = &vm->reclaim;

	r->limit = vm->mem_pages - pages;
	r->patience_ns = time_ns() + PATIENCE_MS * MS_NS;
	balloon_aim(vm, how == REPLACE_BALLOON ? pages : 0);
	thread_wake(&work);
}

void reclaim_swap(struct vm *vm, u32 pages)
{
	vm->reclaim.swap_goal = pages;
	event("swap.target", "vm=%u pages=%u", vm->id, pages);
	thread_wake(&work);
}

/* --- one VM ------------------------------------------------------------------------------ */

/* A balloon that still grows is left alone, unless there is no time. */
static bool balloon_stands_still(struct vm *vm, u64 now)
{
	struct reclaim *r = &vm->reclaim;

	if (how != REPLACE_BALLOON || !vm->balloon.started)
		return true;
	if (r->seen != vm->pmap.ballooned) {
		r->seen = vm->pmap.ballooned;
		r->patience_ns = now + PATIENCE_MS * MS_NS;
	}
	return now >= r->patience_ns || frame_free_count(ZONE_ANY) < RECLAIM_LOW;
}

/* How many pages are to go by swap now. */
static u32 shortfall(struct vm *vm, u64 now)
{
	const struct pmap *pm = &vm->pmap;
	const struct reclaim *r = &vm->reclaim;
	u32 over = 0;

	if (pm->backed <= vm->min_pages)
		return 0;
	if (pm->swapped < r->swap_goal)
		over = r->swap_goal - pm->swapped;
	if (pm->backed > r->limit && balloon_stands_still(vm, now))
		over = max_u32(over, pm->backed - r->limit);
	return min_u32(over, pm->backed - vm->min_pages);
}

/* Returns how many pages are on their way now. */
static u32 take(struct vm *vm, u32 pages)
{
	u32 gone = 0, n = 1;

	while (n > 0 && gone < pages && failures < FAILURES_MAX) {
		n = swap_out(vm, pages - gone);
		gone += n;
	}
	return gone;
}

static void tell(struct vm *vm, u64 now)
{
	struct reclaim *r = &vm->reclaim;

	if (r->told == vm->pmap.swapped || now < r->told_ns)
		return;
	r->told = vm->pmap.swapped;
	r->told_ns = now + TELL_MS * MS_NS;
	event("swap.size", "vm=%u pages=%u target=%u outs=%u ins=%u", vm->id, r->told,
	      r->swap_goal, vm->swap.outs, vm->swap.ins);
}

/* --- all of them -------------------------------------------------------------------------- */

static bool under_way(void)
{
	for (u32 i = 0; i < SWAP_BATCHES; i++)
		if (swapio_under_way(i))
			return true;
	return false;
}

/* Who has most beyond what it must keep; NULL: nobody has any. */
static struct vm *richest(void)
{
	struct vm *best = NULL;
	u32 most = 0;

	for (unsigned id = 1; id <= VM_MAX; id++) {
		struct vm *vm = vm_get(id);

		if (vm && vm->built && vm->pmap.backed > vm->min_pages + most) {
			most = vm->pmap.backed - vm->min_pages;
			best = vm;
		}
	}
	return best;
}

static u32 wanted_free(void)
{
	u32 have = frame_free_count(ZONE_ANY);

	if (have < room)
		return room - have;
	return have < RECLAIM_LOW ? RECLAIM_HIGH - have : 0;
}

/* Machine memory is short, and there is no time to ask. */
static u32 relieve(void)
{
	u32 want = under_way() ? 0 : wanted_free();
	struct vm *vm = want ? richest() : NULL;

	return vm ? take(vm, min_u32(want, SWAP_BATCH * SWAP_BATCHES)) : 0;
}

static u32 serve(u64 now)
{
	u32 gone = 0;

	for (unsigned id = 1; id <= VM_MAX; id++) {
		struct vm *vm = vm_get(id);

		if (!vm || !vm->built)
			continue;
		gone += take(vm, shortfall(vm, now));
		tell(vm, now);
	}
	return gone;
}

static void sample(u64 now)
{
	if (how != REPLACE_LRU || now < sampled_ns + VICTIM_SAMPLE_MS * MS_NS)
		return;
	sampled_ns = now;
	for (unsigned id = 1; id <= VM_MAX; id++)
		if (vm_get(id))
			victim_sample(vm_get(id));
}

/* Is there anything to look after? */
static bool is_asked(void)
{
	for (unsigned id = 1; id <= VM_MAX; id++) {
		const struct vm *vm = vm_get(id);

		if (vm && (vm->reclaim.limit < vm->mem_pages || vm->reclaim.swap_goal ||
			   vm->reclaim.told != vm->pmap.swapped))
			return true;
	}
	return room > 0 || frame_free_count(ZONE_ANY) < RECLAIM_LOW;
}

static void swapper(void *arg)
{
	(void)arg;
	for (;;) {
		u64 now = time_ns();

		sample(now);
		if (serve(now) + relieve() > 0 && under_way())
			thread_wait(&work); /* until some of them are written */
		else if (is_asked())
			thread_wait_until(&work, now + PERIOD_MS * MS_NS);
		else
			thread_wait(&work);
		thread_wake(&frames);
	}
}

static void on_written(bool good)
{
	if (good)
		failures = 0;
	else if (++failures == FAILURES_MAX)
		event("swap.off", "why=\"%u writes in a row failed\"", failures);
	thread_wake(&work);
	thread_wake(&frames);
}

/* --- who waits ---------------------------------------------------------------------------- */

/* Until there are more free frames than `least`, or no hope of them. */
static void wait_for(u32 least)
{
	u32 best = frame_free_count(ZONE_ANY);

	for (u32 looks = 0; frame_free_count(ZONE_ANY) <= least; looks++) {
		if (frame_free_count(ZONE_ANY) > best) {
			best = frame_free_count(ZONE_ANY);
			looks = 0;
		}
		if (looks > LOOKS_IN_VAIN)
			return;
		thread_wake(&work);
		thread_wait_until(&frames, time_ns() + PERIOD_MS * MS_NS);
	}
}

void reclaim_frames(struct vm *vm)
{
	thread_wake(&work);
	if (frame_free_count(ZONE_ANY) > LAST_FRAMES || slots_total() == 0)
		return;
	vm->away_slept++;
	wait_for(LAST_FRAMES);
}

void reclaim_room(u32 pages)
{
	if (frame_free_count(ZONE_ANY) > pages || slots_total() == 0)
		return;
	room = max_u32(room, pages + 1);
	wait_for(pages);
	room = 0;
}

static enum replacement chosen(void)
{
	const char *name = option_str("replace", names[REPLACE_BALLOON]);

	for (unsigned r = 0; r < REPLACEMENTS; r++)
		if (strcmp(name, names[r]) == 0)
			return r;
	panic("replace=%s: it is balloon, random, lru or own", name);
}

u32 reclaim_init(void)
{
	u32 slots = swap_init();

	if (!reclaim_by(chosen()))
		panic("replace=%s needs shadow=cached", names[chosen()]);
	swap_written = on_written;
	if (slots)
		thread_create("swapper", THREAD_SYSTEM, NULL, swapper, NULL);
	return slots;
}
