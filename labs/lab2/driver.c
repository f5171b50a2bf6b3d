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

static uint16_t list; /* of ballooned pages, 0 ends it */
static uint32_t size; /* its length */
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
	/* Lab 2, exercise 1: the balloon is empty; then BELOW_START */
	LAB_HOLE(2, 1, "start_anew");
}

/* Memory was short if a page took longer than a poll, or did not come at all. */
static void adapt(bool was_short)
{
	/* Lab 2, exercise 2: half of it, or a step more; within its bounds */
}

/*
 * One page for the machine below; its answer. A refused page goes on that list: free, it
 * would be the next to come.
 */
static uint32_t give(struct page *page, uint16_t *refused)
{
	/* Lab 2, exercise 1: tell it; three answers, and what becomes of the page */
	LAB_HOLE(2, 1, "give");
}

/* Towards the target, at most `rate` pages. */
static void inflate(uint32_t target)
{
	/* Lab 2, exercise 1: page_alloc, give, until there is a reason to stop */
	LAB_HOLE(2, 1, "inflate");
}

/* The page is told first: freed, it may be used at once. */
static void deflate(uint32_t target)
{
	/* Lab 2, exercise 1: at most BALLOON_RATE_DOWN pages; tell, then free */
	LAB_HOLE(2, 1, "deflate");
}

/* A target that makes no sense is none. */
void driver_poll(void)
{
	/* Lab 2, exercise 1: BELOW_TARGET, and what it may say */
	LAB_HOLE(2, 1, "driver_poll");
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
