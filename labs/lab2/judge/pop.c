/*
 * Exercise 4: a ballooned page is touched, and how driver and host come together again.
 */
#include "labs/lab2/judge/squeezed.h"

static void give_some(u32 n)
{
	for (u32 i = 0; i < n; i++)
		must_answer(give_page(squeezed[i]), BALLOON_OK);
}

JUDGED(pop, touch)
{
	u32 i;

	start_squeezed();
	touch_squeezed(3);
	give_some(20);
	i = 3 + roll(10);
	MUST(load_at(squeezed_va(i, roll(2))) == 0, judge_done(), "a page of zeroes",
	     "what was there before");
	must_be_state(squeezed[i], PMAP_PRIVATE);
	MUST(vm->balloon.pops == 1 && vm->balloon.reset_due, judge_done(),
	     "pops 1, a reset is due",
	     text("pops %u, reset_due %u", vm->balloon.pops, vm->balloon.reset_due));
	store_at(squeezed_va(i + 1, 0), 77);
	MUST(load_at(squeezed_va(i + 1, 1)) == 77, judge_done(), "what was written",
	     "something else");
	MUST(vm->balloon.pops == 2, judge_done(), "pops 2",
	     text("pops %u", vm->balloon.pops));
	check_accounts();
	audit();
}

/* Nothing is done for a driver whose list is wrong. */
JUDGED(pop, reset)
{
	u32 pages = 0, ballooned;

	start_squeezed();
	give_some(20);
	load_at(squeezed_va(roll(20), 0));
	ballooned = vm->pmap.ballooned;
	for (u32 turn = 0; turn < 3; turn++) {
		must_answer(poll_balloon(&pages), BALLOON_RESET);
		must_answer(give_page(squeezed[30 + turn]), BALLOON_RESET);
		must_be_state(squeezed[30 + turn], PMAP_PRIVATE);
		must_answer(take_page(squeezed[1]), BALLOON_RESET);
	}
	MUST(vm->pmap.ballooned == ballooned, judge_done(),
	     text("%u ballooned pages still", ballooned),
	     text("%u", vm->pmap.ballooned));
	must_answer(start_balloon(100), BALLOON_OK);
	must_answer(poll_balloon(&pages), BALLOON_OK);
	must_answer(give_page(squeezed[30]), BALLOON_OK);
	check_accounts();
}

/* A driver begins with an empty balloon, whatever there was before. */
JUDGED(pop, start)
{
	u32 bound = 100 + roll(100);

	start_squeezed();
	give_some(SQUEEZED);
	must_answer(start_balloon(bound), BALLOON_OK);
	for (u32 i = 0; i < SQUEEZED; i++)
		must_be_state(squeezed[i], PMAP_UNBACKED);
	check_accounts();
	MUST(vm->balloon.bound == bound && vm->balloon.started, judge_done(),
	     text("started, bound %u", bound), text("bound %u", vm->balloon.bound));
	give_some(10);
	vm->balloon.started = false;
	must_answer(start_balloon(0xffffff), BALLOON_OK);
	MUST(vm->balloon.bound <= vm->mem_pages && vm->balloon.started, judge_done(),
	     text("started, bound at most %u", vm->mem_pages),
	     text("bound %u", vm->balloon.bound));
	MUST(vm->pmap.ballooned == 0, judge_done(), "an empty balloon",
	     text("%u pages", vm->pmap.ballooned));
}

static void must_want(u32 expected)
{
	u32 pages = 0xdead;

	must_answer(poll_balloon(&pages), BALLOON_OK);
	MUST(pages == expected, judge_done(), text("%u pages", expected),
	     text("%u", pages));
}

JUDGED(pop, poll)
{
	u32 bound = 50 + roll(50), pages = 0;

	start_squeezed();
	vm->balloon.started = false;
	vm->balloon.target = bound - 10;
	must_answer(poll_balloon(&pages), BALLOON_RESET);
	must_answer(start_balloon(bound), BALLOON_OK);
	must_want(bound - 10);
	vm->balloon.target = bound + 1 + roll(100);
	must_want(bound);
	must_answer(start_balloon(bound), BALLOON_OK);
	must_want(bound);
	vm->balloon.target = 0;
	must_want(0);
}
