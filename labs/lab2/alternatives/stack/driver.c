/*
 * The balloon driver: one list of pages, linked through their records, and a process that
 * polls.
 *
 * Lab 2 begins in this file.
 */
#include "driver.h"

#include "assert.h"
#include "below.h"
#include "layout.h"
#include "option.h"
#include "proc.h"
#include "reclaim.h"
#include "timer.h"

enum { MOST = RAM_MAX / PAGE_SIZE };

static uint16_t held[MOST]; /* numbers of ballooned pages */
static uint32_t size;	    /* so many */
static uint32_t bound;
static uint32_t rate = BALLOON_RATE_STEP; /* pages each time */

/* Onto a list / off it. */
static void push(uint16_t *head, struct page *page)
{
	page->next = *head;
	*head = (uint16_t)page_number(page);
}

static struct page *pop(uint16_t *head)
{
	struct page *page = page_at(*head);

	*head = page->next;
	return page;
}

/* Frees a whole list. */
static void free_all(uint16_t *head)
{
	while (*head != 0)
		page_free(pop(head));
}

/* The machine below knows of no page of ours: so they are all free again. */
static void start_anew(void)
{
	while (size > 0)
		page_free(page_at(held[--size]));
	below_ask(BELOW_START, bound);
}

/* Memory was short if a page took longer than a poll, or did not come at all. */
static void adapt(bool was_short)
{
	if (was_short)
		rate = rate / 2 > BALLOON_RATE_MIN ? rate / 2 : BALLOON_RATE_MIN;
	else if (rate < BALLOON_RATE_MAX)
		rate += BALLOON_RATE_STEP;
	if (rate > BALLOON_RATE_MAX)
		rate = BALLOON_RATE_MAX;
}

/*
 * One page for the machine below; its answer. A refused page goes on that list: free, it
 * would be the next to come.
 */
static uint32_t give(struct page *page, uint16_t *refused)
{
	uint32_t answer = below_ask(BELOW_INFLATE, page_number(page));

	if (answer == 0) {
		held[size++] = (uint16_t)page_number(page);
	} else if (answer == BELOW_REFUSED) {
		push(refused, page);
	} else {
		page_free(page);
		start_anew();
	}
	return answer;
}

/* Towards the target, at most `rate` pages. */
static void inflate(uint32_t target)
{
	uint32_t began = ticks;
	uint32_t bad = 0;
	uint16_t refused = 0;
	bool was_short = false;

	for (uint32_t i = 0; i < rate && size < target && !was_short; i++) {
		struct page *page = page_alloc(PAGE_BALLOON);
		uint32_t answer;

		was_short = page == NULL ||
			    ticks - began > BALLOON_POLL_MS / MS_PER_TICK;
		if (page == NULL)
			break;
		answer = give(page, &refused);
		if (answer == BELOW_RESET ||
		    (answer != 0 && ++bad == BALLOON_REFUSED_MAX))
			break;
	}
	free_all(&refused);
	adapt(was_short);
}

/* The page is told first: freed, it may be used at once. */
static void deflate(uint32_t target)
{
	for (uint32_t i = 0; i < BALLOON_RATE_DOWN && size > target; i++) {
		struct page *page = page_at(held[size - 1]);
		uint32_t answer = below_ask(BELOW_DEFLATE, page_number(page));

		size--;
		page_free(page);
		if (answer == BELOW_RESET) {
			start_anew();
			return;
		}
	}
}

/* A target that makes no sense is none. */
void driver_poll(void)
{
	uint32_t target = below_ask(BELOW_TARGET, 0);

	if (target == BELOW_RESET)
		start_anew();
	else if (target > page_total)
		return;
	else if (target > size)
		inflate(target < bound ? target : bound);
	else
		deflate(target);
}

/* The process. */
static void serve(void)
{
	below_ask(BELOW_START, bound);
	for (;;) {
		driver_poll();
		timer_sleep(BALLOON_POLL_MS);
	}
}

/* Once, when there is a disk to swap to. */
void driver_start(void)
{
	if (options.balloon == 0 || below_ask(BELOW_HELLO, 0) != BELOW_MAGIC)
		return;
	bound = page_total / 100 * (options.balloon < 100 ? options.balloon : 100);
	proc_serve("balloon", serve);
}
