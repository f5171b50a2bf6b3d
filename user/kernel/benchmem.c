/*
 * The kernel's side of what it costs that a page goes to the machine below and comes
 * back: single commands of the balloon's device, without the driver, which must be off
 * (balloon=off). Each works on all pages that were taken.
 */
#include "benchmem.h"

#include <stdbool.h>

#include "below.h"
#include "page.h"
#include "proc.h"
#include "space.h"

static uint16_t list; /* of pages taken, 0 ends it */

/* The first word of each: a page that has nothing behind it gets a page of zeroes. */
static void touch(void)
{
	for (uint32_t n = list; n != 0; n = page_at(n)->next)
		*(volatile uint32_t *)page_bytes(page_at(n)) = n;
}

/* All are free again, and the balloon is empty. */
static int put_back(void)
{
	bool good = below_ask(BELOW_START, page_total) == 0;

	while (list != 0) {
		struct page *page = page_at(list);

		list = page->next;
		page_free(page);
	}
	return good ? 0 : -EAGAIN;
}

/* So many, each with memory behind it. */
static int take(uint32_t count)
{
	if (below_ask(BELOW_HELLO, 0) != BELOW_MAGIC || put_back() != 0)
		return -EAGAIN;
	for (; count > 0; count--) {
		struct page *page = page_take(PAGE_BALLOON);

		if (page == NULL)
			return -ENOMEM;
		page->next = list;
		list = (uint16_t)page_number(page);
	}
	touch();
	return 0;
}

/* Each to the machine below. */
static int give(void)
{
	bool good = true;

	for (uint32_t n = list; n != 0; n = page_at(n)->next)
		good &= below_ask(BELOW_INFLATE, n) == 0;
	return good ? 0 : -EAGAIN;
}

/* Numbers and meaning are in abi.h. */
int bench_memory(enum bench_op op, uint32_t count)
{
	switch (op) {
	case BENCH_TAKE:
		return take(count);
	case BENCH_GIVE:
		return give();
	case BENCH_TOUCH:
		touch();
		return 0;
	case BENCH_PUT_BACK:
		return put_back();
	default:
		return -EINVAL;
	}
}
