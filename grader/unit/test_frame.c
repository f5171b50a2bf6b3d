/*
 * The frame allocator: zones, owners, zeroing, and every misuse that must stop the host.
 */
#include "kernel/frame.h"
#include "kernel/kmap.h"
#include "kernel/lib.h"

#include <criterion/criterion.h>
#include <signal.h>

enum { FRAMES = 64, LOW = 16 };

static struct frame table[FRAMES];
static u8 memory[FRAMES][PAGE_SIZE];
static int mapped;

void *kmap(mpn_t m)
{
	cr_assert_lt(m.n, FRAMES);
	mapped++;
	return memory[m.n];
}

void kunmap(const void *p)
{
	(void)p;
	mapped--;
}

void zero_page(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

static void setup(void)
{
	memset(memory, 0xA5, sizeof memory);
	frame_init(table, FRAMES, LOW);
	frame_add(mpn(0), FRAMES);
}

TestSuite(frame, .init = setup);

Test(frame, all_is_free_but_frame_0)
{
	cr_assert_eq(frame_free_count(ZONE_LOW), LOW - 1);
	cr_assert_eq(frame_free_count(ZONE_HIGH), FRAMES - LOW);
	cr_assert_eq(frame_free_count(ZONE_ANY), FRAMES - 1);
}

Test(frame, high_before_low)
{
	mpn_t m;

	for (int i = 0; i < FRAMES - LOW; i++) {
		cr_assert(frame_alloc(ZONE_ANY, FRAME_GUEST, 1, 0, &m));
		cr_assert_not(mpn_is_low(m));
	}
	cr_assert(frame_alloc(ZONE_ANY, FRAME_GUEST, 1, 0, &m));
	cr_assert(mpn_is_low(m));
}

Test(frame, zones_are_kept)
{
	mpn_t m;

	for (int i = 0; i < LOW - 1; i++) {
		cr_assert(frame_alloc(ZONE_LOW, FRAME_HOST, 0, 0, &m));
		cr_assert(mpn_is_low(m));
	}
	cr_assert_not(frame_alloc(ZONE_LOW, FRAME_HOST, 0, 0, &m));
	cr_assert(frame_alloc(ZONE_HIGH, FRAME_HOST, 0, 0, &m));
	cr_assert_not(mpn_is_low(m));
}

Test(frame, none_left_leaves_the_answer_alone)
{
	mpn_t m;

	for (int i = 0; i < FRAMES - 1; i++)
		cr_assert(frame_alloc(ZONE_ANY, FRAME_HOST, 0, 0, &m));
	m = mpn(12345);
	cr_assert_not(frame_alloc(ZONE_ANY, FRAME_HOST, 0, 0, &m));
	cr_assert_eq(m.n, 12345);
}

Test(frame, no_frame_is_given_twice)
{
	bool seen[FRAMES] = {false};
	mpn_t m;

	while (frame_alloc(ZONE_ANY, FRAME_HOST, 0, 0, &m)) {
		cr_assert_neq(m.n, 0);
		cr_assert_not(seen[m.n], "MPN %u came twice", m.n);
		seen[m.n] = true;
	}
}

Test(frame, zeroed_each_time) /* trap 33 */
{
	mpn_t m;

	cr_assert(frame_alloc(ZONE_HIGH, FRAME_GUEST, 1, 0, &m));
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < PAGE_SIZE; i++)
			cr_assert_eq(memory[m.n][i], 0);
		memset(memory[m.n], 0xFF, PAGE_SIZE);
		frame_free(m);
		cr_assert(frame_alloc(ZONE_HIGH, FRAME_GUEST, 2, 0, &m));
	}
	cr_assert_eq(mapped, 0, "a mapping is held");
}

Test(frame, knows_its_owner)
{
	mpn_t m;

	cr_assert(frame_alloc(ZONE_ANY, FRAME_GUEST, 3, 0x77, &m));
	cr_assert_eq(frame_get(m)->use, FRAME_GUEST);
	cr_assert_eq(frame_get(m)->owner, 3);
	cr_assert_eq(frame_get(m)->index, 0x77);
	cr_assert_eq(frame_use_count(FRAME_GUEST, 3), 1);
	frame_free(m);
	cr_assert_eq(frame_use_count(FRAME_GUEST, 3), 0);
	cr_assert_eq(frame_get(m)->owner, 0);
}

Test(frame, counts_come_back)
{
	mpn_t m[8];

	for (int i = 0; i < 8; i++)
		cr_assert(frame_alloc(ZONE_ANY, FRAME_SHADOW, 1, 0, &m[i]));
	cr_assert_eq(frame_free_count(ZONE_ANY), FRAMES - 1 - 8);
	for (int i = 0; i < 8; i++)
		frame_free(m[i]);
	cr_assert_eq(frame_free_count(ZONE_ANY), FRAMES - 1);
}

Test(frame, holes_are_not_memory)
{
	mpn_t m;

	frame_init(table, FRAMES, LOW);
	frame_add(mpn(20), 2);
	cr_assert(frame_alloc(ZONE_ANY, FRAME_HOST, 0, 0, &m));
	cr_assert(frame_alloc(ZONE_ANY, FRAME_HOST, 0, 0, &m));
	cr_assert_not(frame_alloc(ZONE_ANY, FRAME_HOST, 0, 0, &m));
}

Test(frame, memory_beyond_the_table_is_ignored)
{
	frame_init(table, FRAMES, LOW);
	frame_add(mpn(FRAMES - 2), 100);
	cr_assert_eq(frame_free_count(ZONE_ANY), 2);
	frame_add(mpn(FRAMES + 5), 100);
	cr_assert_eq(frame_free_count(ZONE_ANY), 2);
}

Test(frame, freed_twice, .signal = SIGABRT)
{
	mpn_t m;

	cr_assert(frame_alloc(ZONE_ANY, FRAME_HOST, 0, 0, &m));
	frame_free(m);
	frame_free(m);
}

Test(frame, hole_freed, .signal = SIGABRT)
{
	frame_free(mpn(0));
}

Test(frame, beyond_the_table, .signal = SIGABRT)
{
	frame_get(mpn(FRAMES));
}
