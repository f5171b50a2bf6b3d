/*
 * The driver: one list of pages, linked through their records, and a process that polls.
 */
#include "balloon.h"

#include <stdbool.h>

#include "assert.h"
#include "kprintf.h"
#include "layout.h"
#include "option.h"
#include "proc.h"
#include "reclaim.h"
#include "timer.h"
#include "x86.h"

/* Commands of the device, bits 31..24, and its answers. */
enum {
	PORT = 0xBA11,
	COMMAND_SHIFT = 24,
	HELLO = 0,
	START = 1,
	TARGET = 2,
	INFLATE = 3,
	DEFLATE = 4,
	SWAPPED = 5,
	MAGIC = 0x4E4C4C42,
};
static const uint32_t REFUSED = (uint32_t)-2, RESET = (uint32_t)-3;

static uint16_t list; /* of ballooned pages, 0 ends it */
static uint32_t size; /* its length */
static uint32_t bound;
static uint32_t rate = BALLOON_RATE_STEP;
static bool present;

/* Does one command. */
static uint32_t ask(uint32_t command, uint32_t argument)
{
	outl(PORT, command << COMMAND_SHIFT | argument);
	return inl(PORT);
}

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
	free_all(&list);
	size = 0;
	ask(START, bound);
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

/* One page for the machine below. A refused one waits on a list, or it would come again. */
static uint32_t give(struct page *page, uint16_t *refused)
{
	uint32_t answer = ask(INFLATE, page_number(page));

	if (answer == 0) {
		push(&list, page);
		size++;
	} else if (answer == REFUSED) {
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
	struct page *page = NULL;
	bool was_short = false;

	for (uint32_t i = 0; i < rate && size < target && !was_short; i++) {
		uint32_t answer;

		page = page_alloc(PAGE_BALLOON);
		was_short = page == NULL ||
			    ticks - began > BALLOON_POLL_MS / MS_PER_TICK;
		if (page == NULL)
			break;
		answer = give(page, &refused);
		if (answer == RESET || (answer != 0 && ++bad == BALLOON_REFUSED_MAX))
			break;
	}
	free_all(&refused);
	adapt(was_short);
}

/* The page is told first: freed, it may be used at once. */
static void deflate(uint32_t target)
{
	for (uint32_t i = 0; i < BALLOON_RATE_DOWN && size > target; i++) {
		struct page *page = pop(&list);
		uint32_t answer = ask(DEFLATE, page_number(page));

		size--;
		page_free(page);
		if (answer == RESET) {
			start_anew();
			return;
		}
	}
}

/* A target that makes no sense is none. */
void balloon_poll(void)
{
	uint32_t target = ask(TARGET, 0);

	if (target == RESET)
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
	ask(START, bound);
	for (;;) {
		balloon_poll();
		timer_sleep(BALLOON_POLL_MS);
	}
}

/* Once, when there is a disk to swap to. */
void balloon_start(void)
{
	if (options.balloon == 0 || ask(HELLO, 0) != MAGIC)
		return;
	bound = page_total / 100 * (options.balloon < 100 ? options.balloon : 100);
	present = proc_serve("balloon", serve);
}

/* For free(1). */
uint32_t balloon_host_swapped(void)
{
	return present ? ask(SWAPPED, 0) : 0;
}
