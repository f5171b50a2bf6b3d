/*
 * Exercises 1 and 2: the driver in the guest, between the guest's page allocator and a
 * machine below that plays a script.
 */
#include "grader/judge/mems.h"
#include "user/kernel/below.h"
#include "user/kernel/driver.h"

static u32 some_pages(void)
{
	return 600 + roll(1200);
}

/* The turns that a balloon needs for its target, or a few more. */
static void go_to(u32 target)
{
	mem->below.target = target;
	for (u32 turn = 0; turn < 300 && mem->below.given != target; turn++)
		poll_once();
	MUST(mem->below.given == target, judge_done(), text("%u pages given", target),
	     text("%u after 300 turns", mem->below.given));
}

/* Every INFLATE so far named a page that the guest's allocator had given the driver. */
static void check_questions(u32 command)
{
	for (u32 i = 0; i < mem->below.asks && i < ASKED_MAX; i++) {
		const struct asked *a = &mem->below.ask[i];

		MUST(a->command != command || a->type == PAGE_BALLOON,
		     text("%s page 0x%x",
			  command == BELOW_INFLATE ? "INFLATE" : "DEFLATE",
			  a->argument),
		     "a page that is PAGE_BALLOON at that moment",
		     text("type %u", a->type));
	}
}

JUDGED(driver, inflates)
{
	u32 target;

	start_guest(some_pages());
	target = 100 + roll(200);
	go_to(target);
	check_books();
	check_questions(BELOW_INFLATE);
	MUST(pages_of_type(PAGE_BALLOON) == target, judge_done(),
	     text("%u pages of the guest's are PAGE_BALLOON", target),
	     text("%u", pages_of_type(PAGE_BALLOON)));
	poll_once();
	MUST(mem->below.given == target, judge_done(),
	     "nothing: it is as big as it should be",
	     text("%u pages given", mem->below.given));
}

JUDGED(driver, deflates)
{
	u32 unused, smaller;

	start_guest(some_pages());
	unused = pages_of_type(PAGE_UNUSED);
	go_to(150 + roll(200));
	smaller = roll(100);
	go_to(smaller);
	check_books();
	check_questions(BELOW_DEFLATE);
	MUST(pages_of_type(PAGE_UNUSED) == unused - smaller, judge_done(),
	     text("%u free pages in the guest", unused - smaller),
	     text("%u", pages_of_type(PAGE_UNUSED)));
	go_to(0);
	go_to(50 + roll(100));
	check_books();
}

JUDGED(driver, bound)
{
	u32 pages = some_pages(), bound = pages / 100 * 20;

	mem->below.magic = BELOW_MAGIC;
	mem->below.left = ~0u;
	mem->below.percent = 20;
	driver_begins(pages);
	MUST(mem->below.bound == bound, judge_done(), text("BELOW_START %u", bound),
	     text("%u", mem->below.bound));
	mem->below.target = bound + 50;
	for (u32 turn = 0; turn < 60; turn++)
		poll_once();
	MUST(mem->below.given == bound, judge_done(),
	     text("%u pages given: the bound", bound), text("%u", mem->below.given));
	check_books();
}

/* Some pages are refused: the others are given, and none is lost. */
JUDGED(driver, refused)
{
	u32 pages = some_pages(), before, asks;

	start_guest(pages);
	for (u32 i = 0; i < BALLOON_REFUSED_MAX - 4; i++)
		mem->below.bad[1 + roll(100)] = 1;
	go_to(100 + roll(100));
	check_books();
	for (u32 i = 0; i < pages; i++)
		mem->below.bad[i] = 1;
	before = pages_of_type(PAGE_UNUSED);
	asks = mem->below.asks;
	mem->below.target += 100;
	poll_once();
	check_books();
	MUST(pages_of_type(PAGE_UNUSED) == before, judge_done(),
	     "refused pages are free again", "some are lost");
	MUST(mem->below.asks - asks <= BALLOON_REFUSED_MAX + 1, judge_done(),
	     text("it stops after %u refusals", BALLOON_REFUSED_MAX),
	     text("%u questions", mem->below.asks - asks));
	MUST(mem->below.asks - asks > 2, judge_done(), "it tries some others first",
	     "it gives up at once");
	for (u32 i = asks + 1; i < mem->below.asks; i++)
		for (u32 k = asks + 1; k < i; k++)
			MUST(mem->below.ask[i].argument != mem->below.ask[k].argument,
			     judge_done(), "another page each time",
			     text("page 0x%x is offered again",
				  mem->below.ask[i].argument));
}

/* The machine below loses count at any question. */
JUDGED(driver, reset)
{
	u32 unused;

	start_guest(some_pages());
	unused = pages_of_type(PAGE_UNUSED);
	for (u32 round = 0; round < 12; round++) {
		u32 starts = mem->below.starts;

		go_to(60 + roll(100));
		mem->below.target = roll(2) ? mem->below.target + 100 : 10;
		mem->below.reset_in = 1 + roll(6);
		for (u32 turn = 0; turn < 6 && mem->below.starts == starts; turn++)
			poll_once();
		MUST(mem->below.starts == starts + 1, judge_done(),
		     "BELOW_START, once, after BELOW_RESET",
		     text("%u times", mem->below.starts - starts));
		check_books();
		MUST(pages_of_type(PAGE_UNUSED) == unused - mem->below.given,
		     judge_done(), "all pages of before are free again",
		     "some are not");
	}
}

JUDGED(driver, nonsense)
{
	u32 pages = some_pages(), given;

	start_guest(pages);
	go_to(50 + roll(50));
	given = mem->below.given;
	mem->below.target = pages + 1 + roll(100000);
	poll_once();
	mem->below.target = ~0u;
	poll_once();
	MUST(mem->below.given == given, judge_done(),
	     "nothing: no such target can be meant",
	     text("%u pages given", mem->below.given));
	check_books();
}

/* --- exercise 2 ----------------------------------------------------------------------------- */

static void must_give(u32 pages)
{
	s32 given = poll_gives();

	MUST(given == (s32)pages, judge_done(), text("%u pages in this turn", pages),
	     text("%d", given));
}

/* One step more each turn, up to the most. */
static u32 grow(u32 rate, u32 turns)
{
	for (u32 i = 0; i < turns; i++) {
		must_give(rate);
		rate = min_u32(rate + BALLOON_RATE_STEP, BALLOON_RATE_MAX);
	}
	return rate;
}

JUDGED(rate, grows)
{
	start_guest(GUEST_PAGES);
	mem->below.target = 1200;
	grow(BALLOON_RATE_STEP, 11);
	check_books();
}

/* The guest has no page to give. */
JUDGED(rate, halves)
{
	u32 rate;

	start_guest(GUEST_PAGES);
	mem->below.target = 1200;
	rate = grow(BALLOON_RATE_STEP, 3 + roll(4));
	for (u32 turn = 0; turn < 8; turn++) {
		mem->below.left = roll(3);
		must_give(min_u32(mem->below.left, rate));
		rate = max_u32(rate / 2, BALLOON_RATE_MIN);
	}
	mem->below.left = ~0u;
	grow(rate, 5);
	check_books();
}

/* It has, but it had to page something out first. */
JUDGED(rate, slow)
{
	u32 rate;
	s32 given;

	start_guest(GUEST_PAGES);
	mem->below.target = 1200;
	rate = grow(BALLOON_RATE_STEP, 4);
	mem->below.slow = 3;
	given = poll_gives();
	MUST(given > 0 && given <= 5, judge_done(),
	     "it stops when its pages take longer than a poll, 100 ms",
	     text("%d pages, 30 ms each", given));
	mem->below.slow = 0;
	grow(max_u32(rate / 2, BALLOON_RATE_MIN), 4);
	check_books();
}
