/*
 * The balloon, swap and the guest's driver as lab 2's tests call them: each call is done in
 * the subject.
 */
#include "grader/judge/mems.h"
#include "grader/judge/ops.h"
#include "user/kernel/below.h"

/* --- the guest's side ---------------------------------------------------------------------- */

void driver_begins(u32 pages)
{
	judge_doing("driver_start in a guest of %u pages", pages);
	ASK(OP_DRIVER_BEGIN, 0, pages);
}

void start_guest(u32 pages)
{
	mem->below.magic = BELOW_MAGIC;
	mem->below.left = ~0u;
	mem->below.percent = 65;
	driver_begins(pages);
	MUST(mem->below.served, judge_done(), "a service of the kernel", "none");
	MUST(mem->below.starts, judge_done(), "BELOW_START", "it was not told");
}

void poll_once(void)
{
	judge_doing("driver_poll, the target is %u pages, the balloon has %u",
		    mem->below.target, mem->below.given);
	ASK(OP_DRIVER_POLL, 0);
}

s32 poll_gives(void)
{
	u32 before = mem->below.given;

	poll_once();
	return (s32)(mem->below.given - before);
}

u32 pages_of_type(u32 type)
{
	u32 n = 0;

	for (u32 i = 0; i < GUEST_PAGES; i++)
		n += mem->below.page[i].type == type;
	return n;
}

void check_books(void)
{
	const struct below *b = &mem->below;

	for (u32 i = 0; i < GUEST_PAGES; i++) {
		bool lent = b->page[i].type == PAGE_BALLOON;

		MUST(!!b->theirs[i] == lent,
		     text("page 0x%x, after %s", i, judge_done()),
		     b->theirs[i]
			     ? "PAGE_BALLOON: the machine below has it"
			     : "not PAGE_BALLOON: the machine below does not have it",
		     text("type %u", b->page[i].type));
	}
}

/* --- the host's side ------------------------------------------------------------------------- */

enum { MACHINE = 3000 };

static u32 word_of(u32 seed, u32 i)
{
	u32 x = (seed + 1) * 0x9E3779B9u + i * 0x85EBCA6Bu;

	return x ^ x >> 15;
}

const u32 *frame_bytes(u32 p)
{
	const struct pmap_entry *e = pmap_entry(vm, p);

	MUST(e->state == PMAP_PRIVATE && e->mpn < MACHINE_PAGES,
	     text("PPN 0x%x, after %s", p, judge_done()), "PMAP_PRIVATE, with a frame",
	     state_name(e->state));
	return (const u32 *)arena->page[e->mpn];
}

void fill_page(u32 p, u32 seed)
{
	mpn_t m = mpn(0);
	u32 *words;

	MUST(pmap_back(vm, ppn(p), &m), judge_done(), "true", "false");
	words = (u32 *)arena->page[pmap_entry(vm, p)->mpn];
	for (u32 i = 0; i < PAGE_WORDS; i++)
		words[i] = word_of(seed, i);
}

bool page_is(u32 p, u32 seed)
{
	const u32 *words = frame_bytes(p);

	for (u32 i = 0; i < PAGE_WORDS; i++)
		if (words[i] != word_of(seed, i))
			return false;
	return true;
}

/* As vmm/slots.h has it, worked out here. */
u32 sum_of_page(const u32 *words)
{
	u32 sum = 0;

	for (u32 i = 0; i < PAGE_WORDS; i++) {
		sum = (sum ^ words[i]) * 0x9E3779B1u;
		sum = sum << 13 | sum >> 19;
	}
	return sum;
}

void start_host(u32 pages)
{
	start_machine(MACHINE);
	build_vm(vm, pages);
	judge_doing("swap_init");
	MUST(ASK(OP_SWAP_INIT, 0, roll32()).value == MEM_SLOTS, judge_done(),
	     text("%u slots", MEM_SLOTS), "another number");
	vm->balloon.started = true;
	vm->balloon.bound = pages;
}

u32 start_balloon(u32 bound)
{
	judge_doing("balloon_start(bound %u)", bound);
	return ASK(OP_BALLOON_START, 0, bound).value;
}

u32 poll_balloon(u32 *pages)
{
	struct reply r;

	judge_doing("balloon_poll, target %u, bound %u", vm->balloon.target,
		    vm->balloon.bound);
	r = ASK(OP_BALLOON_POLL, 0, 0, *pages);
	*pages = r.out[0];
	return r.value;
}

u32 give_page(u32 p)
{
	judge_doing("balloon_inflate(PPN 0x%x)", p);
	return ASK(OP_BALLOON_INFLATE, 0, p).value;
}

u32 take_page(u32 p)
{
	judge_doing("balloon_deflate(PPN 0x%x)", p);
	return ASK(OP_BALLOON_DEFLATE, 0, p).value;
}

u32 send_out(u32 pages)
{
	judge_doing("swap_out of %u pages", pages);
	return ASK(OP_SWAP_OUT, 0, pages).value;
}

void choose_page(u32 p)
{
	ASK(OP_CHOOSE, 0, p);
}

u32 disk_done(u32 writes)
{
	judge_doing("the disk ends a write");
	return ASK(OP_DISK_FINISH, 0, writes).value;
}

void send_page(u32 p)
{
	choose_page(p);
	MUST(send_out(1) == 1, text("swap_out, only PPN 0x%x may go", p), "1 page",
	     "0");
	disk_done(~0u);
	choose_page(~0u);
}

void forget_page(u32 p)
{
	judge_doing("swap_forget(PPN 0x%x)", p);
	ASK(OP_SWAP_FORGET, 0, p);
}

bool may_take(u32 p)
{
	judge_doing("swap_may_take(PPN 0x%x)", p);
	return ASK(OP_MAY_TAKE, 0, p).value;
}

bool random_victim(u32 *p)
{
	struct reply r;

	judge_doing("swap_random_victim in a VM of %u pages", vm->pmap.pages);
	r = ASK(OP_RANDOM_VICTIM, 0);
	*p = r.out[0];
	return r.value;
}

u32 slots_left(void)
{
	return ASK(OP_SLOTS_FREE, 0).value;
}

struct reply slot_record(u32 slot)
{
	return ASK(OP_SLOT, 0, slot);
}

u32 state_of(u32 p)
{
	return pmap_entry(vm, p)->state;
}

void must_be_state(u32 p, u32 state)
{
	MUST(state_of(p) == state, text("PPN 0x%x, after %s", p, judge_done()),
	     state_name(state), state_name(state_of(p)));
}

static void check_count(u32 state, u32 count, const char *name)
{
	u32 n = 0;

	for (u32 p = 0; p < vm->mem_pages; p++)
		n += state_of(p) == state;
	MUST(n == count, text("pmap.%s, after %s", name, judge_done()),
	     text("%u, as many as are %s", n, state_name(state)), text("%u", count));
}

void check_accounts(void)
{
	u32 frames = 0;

	check_count(PMAP_PRIVATE, vm->pmap.backed, "backed");
	check_count(PMAP_BALLOONED, vm->pmap.ballooned, "ballooned");
	check_count(PMAP_SWAPPED, vm->pmap.swapped, "swapped");
	for (u32 m = 0; m < ALL_PAGES; m++)
		frames += arena->frames[m].use == FRAME_GUEST &&
			  arena->frames[m].owner == vm->id;
	MUST(frames == vm->pmap.backed, text("the frame table, after %s", judge_done()),
	     text("%u frames of the VM's", vm->pmap.backed), text("%u", frames));
}
