/*
 * The guest's page allocator and its clock: every page is somewhere, once,
 * and the hand gives second chances.
 */
#include "user/kernel/page.h"
#include "user/kernel/reclaim.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { COUNT = 200 };

static struct page array[COUNT];
static bool stuck; /* nothing can be evicted */

_Noreturn void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

/* A second chance for what was used; pinned pages stay. */
static bool evict(struct page *page)
{
	if (stuck || page->refs > 1)
		return false;
	if (page->flags & PAGE_REFERENCED) {
		page->flags &= (uint8_t)~PAGE_REFERENCED;
		return false;
	}
	page_free(page);
	return true;
}

bool anon_evict(struct page *page)
{
	return evict(page);
}

bool cache_evict(struct page *page)
{
	return evict(page);
}

static void setup(void)
{
	stuck = false;
	page_init(array, COUNT);
	page_release(1, 100);
	page_release(120, COUNT + 50);
}

TestSuite(page, .init = setup, .timeout = 10);

static uint32_t sum_of_counts(void)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < PAGE_TYPES; i++)
		sum += page_count[i];
	return sum;
}

Test(page, counts_sum_to_all)
{
	cr_assert_eq(page_count[PAGE_UNUSED], 99 + 80);
	cr_assert_eq(page_count[PAGE_RESERVED], 21);
	for (uint32_t i = 0; i < 50; i++)
		page_take(i % 2 ? PAGE_ANON : PAGE_CACHE);
	cr_assert_eq(page_count[PAGE_ANON], 25);
	cr_assert_eq(sum_of_counts(), COUNT);
}

Test(page, each_page_is_given_out_once)
{
	bool seen[COUNT] = {false};
	struct page *page;
	uint32_t taken = 0;

	while ((page = page_take(PAGE_KERNEL)) != NULL) {
		uint32_t number = page_number(page);

		cr_assert(!seen[number]);
		cr_assert(number != 0 && (number < 100 || number >= 120));
		seen[number] = true;
		taken++;
	}
	cr_assert_eq(taken, 179);
	cr_assert_eq(page_count[PAGE_UNUSED], 0);
}

Test(page, low_pages_come_first_and_the_last_freed_next)
{
	struct page *page;

	setup();
	page = page_take(PAGE_ANON);
	cr_assert_eq(page_number(page), 120);
	page->slot = 7;
	page->flags = PAGE_DIRTY;
	page_free(page);
	cr_assert_eq(page_take(PAGE_ANON), page);
	cr_assert_eq(page->refs, 1);
	cr_assert_eq(page->slot, 0);
	cr_assert_eq(page->flags, 0);
}

Test(page, freeing_twice_stops, .signal = SIGABRT)
{
	struct page *page = page_take(PAGE_ANON);

	page_free(page);
	page_free(page);
}

Test(page, freeing_a_reserved_page_stops, .signal = SIGABRT)
{
	page_free(page_at(0));
}

Test(page, freeing_a_busy_page_stops, .signal = SIGABRT)
{
	struct page *page = page_take(PAGE_CACHE);

	page->flags = PAGE_BUSY;
	page_free(page);
}

Test(page, a_number_beyond_memory_stops, .signal = SIGABRT)
{
	page_at(COUNT);
}

Test(page, the_clock_makes_room_when_memory_is_short)
{
	while (page_count[PAGE_UNUSED] > 0)
		page_take(PAGE_CACHE);
	for (uint32_t i = 0; i < 1000; i++)
		cr_assert_not_null(page_alloc(PAGE_ANON));
	cr_assert_eq(sum_of_counts(), COUNT);
}

Test(page, used_pages_get_a_second_chance)
{
	struct page *used;

	while (page_count[PAGE_UNUSED] > 0)
		page_take(PAGE_CACHE);
	used = page_at(50);
	used->flags = PAGE_REFERENCED;
	cr_assert_eq(reclaim(99 + 80 - 1), 178);
	cr_assert_eq(used->type, PAGE_CACHE);
	cr_assert_eq(reclaim(1), 1);
	cr_assert_eq(used->type, PAGE_UNUSED);
}

Test(page, pinned_pages_and_the_kernels_stay)
{
	struct page *pinned;
	struct page *kernel = page_take(PAGE_KERNEL);
	struct page *table = page_take(PAGE_TABLE);

	while (page_count[PAGE_UNUSED] > 0)
		page_take(PAGE_CACHE);
	pinned = page_at(60);
	pinned->refs = 2;
	reclaim(COUNT);
	cr_assert_eq(pinned->type, PAGE_CACHE);
	cr_assert_eq(kernel->type, PAGE_KERNEL);
	cr_assert_eq(table->type, PAGE_TABLE);
}

Test(page, a_full_machine_gives_null_and_does_not_hang)
{
	stuck = true;
	while (page_count[PAGE_UNUSED] > 0)
		page_take(PAGE_ANON);
	cr_assert_null(page_alloc(PAGE_ANON));
	cr_assert_eq(reclaim(5), 0);
}
