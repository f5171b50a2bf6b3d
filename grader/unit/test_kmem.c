/*
 * The heap and the windows into high memory, on page tables that are an array: what is mapped
 * where, that guard pages are not, that everything comes back.
 */
#include "kernel/frame.h"
#include "kernel/heap.h"
#include "kernel/kmap.h"
#include "kernel/layout.h"
#include "kernel/paging.h"

#include <criterion/criterion.h>
#include <signal.h>

enum { FIRST_VA = HEAP_BASE >> PAGE_SHIFT, VAS = (1u << 20) - FIRST_VA };
enum { FRAMES = 6000, TABLE_PAGES = 3, TABLE_MPN = 7000, LOW_FRAMES = 100 };

static u32 mapped[VAS]; /* MPN by virtual page; 0: none */
static bool used[FRAMES];
static u32 in_use, frames_left, maps;

static u32 *at(u32 va)
{
	cr_assert(va >= HEAP_BASE && va % PAGE_SIZE == 0, "0x%x", va);
	return &mapped[(va >> PAGE_SHIFT) - FIRST_VA];
}

void paging_map(u32 va, mpn_t m)
{
	cr_assert(va >= KMAP_BASE || *at(va) == 0, "0x%x is mapped already", va);
	*at(va) = m.n;
	maps++;
}

void paging_unmap(u32 va)
{
	cr_assert_neq(*at(va), 0u, "0x%x is not mapped", va);
	*at(va) = 0;
}

mpa_t virt_to_phys(const void *p)
{
	u32 va = (u32)(uintptr_t)p;

	cr_assert_neq(*at(va & ~(u32)PAGE_MASK), 0u);
	return (mpa_t){*at(va & ~(u32)PAGE_MASK) << PAGE_SHIFT | (va & PAGE_MASK)};
}

void *phys_to_virt(mpa_t a)
{
	return (void *)(uintptr_t)(LOWMAP_BASE + a.a);
}

bool mpn_is_low(mpn_t m)
{
	return m.n < LOW_FRAMES;
}

bool frame_alloc(enum frame_zone zone, enum frame_use use, unsigned owner, u32 index,
		 mpn_t *out)
{
	u32 n = LOW_FRAMES;

	(void)index;
	cr_assert(zone == ZONE_ANY && use == FRAME_HOST && owner == 0);
	if (in_use == frames_left)
		return false;
	while (used[n])
		n++;
	used[n] = true;
	in_use++;
	*out = mpn(n);
	return true;
}

void frame_free(mpn_t m)
{
	cr_assert(m.n < FRAMES && used[m.n], "frame 0x%x freed twice", m.n);
	used[m.n] = false;
	in_use--;
}

static void setup(void)
{
	frames_left = FRAMES - LOW_FRAMES;
	heap_init(mpn(TABLE_MPN), TABLE_PAGES);
}

TestSuite(heap, .init = setup, .timeout = 10);
TestSuite(kmap, .timeout = 10);

static u32 va(const void *p)
{
	return (u32)(uintptr_t)p;
}

/* --- the heap --------------------------------------------------------------------------- */

Test(heap, the_frame_table_is_at_its_start)
{
	for (u32 i = 0; i < TABLE_PAGES; i++)
		cr_assert_eq(*at(HEAP_BASE + i * PAGE_SIZE), TABLE_MPN + i);
	cr_assert_eq(heap_pages(), (u32)TABLE_PAGES);
}

/* A page below each block stays unmapped; the block is whole pages. */
Test(heap, a_guard_page_below_each_block)
{
	static const u32 size[] = {1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 50000};
	u32 end = HEAP_BASE + TABLE_PAGES * PAGE_SIZE;

	for (u32 i = 0; i < ARRAY_LEN(size); i++) {
		u32 p = va(heap_alloc(size[i])), n = (size[i] + PAGE_MASK) / PAGE_SIZE;

		cr_assert_geq(p, end + PAGE_SIZE);
		cr_assert_eq(*at(p - PAGE_SIZE), 0u, "the guard");
		for (u32 k = 0; k < n; k++)
			cr_assert_neq(*at(p + k * PAGE_SIZE), 0u);
		end = p + n * PAGE_SIZE;
		cr_assert_eq(*at(end), 0u);
	}
}

Test(heap, blocks_do_not_overlap_and_all_come_back)
{
	void *block[40];
	u32 seed = 5;

	for (u32 i = 0; i < ARRAY_LEN(block); i++)
		block[i] = heap_alloc(1 + i * 997);
	for (u32 round = 0; round < 2000; round++) {
		u32 i = (seed = seed * 1664525 + 1013904223) >> 8;

		i %= ARRAY_LEN(block);
		heap_free(block[i]);
		block[i] =
			heap_alloc(1 + (seed >> 4) % 40000); /* mapping twice fails */
		cr_assert_not_null(block[i]);
	}
	for (u32 i = 0; i < ARRAY_LEN(block); i++)
		heap_free(block[i]);
	cr_assert_eq(in_use, 0u);
	cr_assert_eq(heap_pages(), (u32)TABLE_PAGES);
	for (u32 i = TABLE_PAGES; i < VAS; i++)
		cr_assert_eq(mapped[i], 0u);
}

Test(heap, a_gap_is_used_again)
{
	void *a = heap_alloc(3 * PAGE_SIZE), *b = heap_alloc(PAGE_SIZE);

	heap_free(a);
	cr_assert_eq(heap_alloc(3 * PAGE_SIZE), a);
	cr_assert_gt(va(heap_alloc(4 * PAGE_SIZE)), va(b));
}

Test(heap, out_of_frames_half_way_gives_back_the_half)
{
	frames_left = 5;
	cr_assert_null(heap_alloc(6 * PAGE_SIZE));
	cr_assert_eq(in_use, 0u);
	cr_assert_eq(heap_pages(), (u32)TABLE_PAGES);
	cr_assert_not_null(heap_alloc(5 * PAGE_SIZE));
	cr_assert_null(heap_alloc(1));
}

Test(heap, trap25_more_than_there_are_addresses)
{
	cr_assert_null(heap_alloc(HEAP_END - HEAP_BASE));
	cr_assert_null(heap_alloc(0xffffffff));
	cr_assert_null(heap_alloc(0xfffff000));
	cr_assert_eq(in_use, 0u);
}

/* To the last page of its range, and never into the windows behind it. */
Test(heap, all_of_it)
{
	u32 n = 0;

	while (heap_alloc(1))
		n++;
	cr_assert_eq(n, ((u32)(HEAP_END - HEAP_BASE) / PAGE_SIZE - TABLE_PAGES) / 2);
	cr_assert_eq(*at(HEAP_END), 0u);
}

Test(heap, freeing_twice_is_our_bug, .signal = SIGABRT)
{
	void *p = heap_alloc(1);

	heap_free(p);
	heap_free(p);
}

Test(heap, freeing_what_is_not_ours_is_our_bug, .signal = SIGABRT)
{
	heap_free((void *)(uintptr_t)LOWMAP_BASE);
}

Test(heap, nothing_is_no_size, .signal = SIGABRT)
{
	heap_alloc(0);
}

/* --- windows ------------------------------------------------------------------------------ */

Test(kmap, low_pages_need_no_window)
{
	void *p = kmap(mpn(LOW_FRAMES - 1));

	cr_assert_eq(va(p), LOWMAP_BASE + (LOW_FRAMES - 1) * PAGE_SIZE);
	kunmap(p);
	kunmap((u8 *)p + 5);
	cr_assert_eq(maps, 0u);
}

Test(kmap, the_same_page_again_costs_nothing)
{
	void *p = kmap(mpn(0x1234));

	cr_assert_eq(*at(va(p)), 0x1234u);
	kunmap((u8 *)p + 4095);
	cr_assert_eq(kmap(mpn(0x1234)), p);
	cr_assert_eq(kmap(mpn(0x1234)), p, "and while it is held");
	cr_assert_eq(maps, 1u);
}

/* Pages with the same home: each has a window of its own while it is held. */
Test(kmap, as_many_as_there_are_windows)
{
	u8 *p[KMAP_SLOTS];

	for (u32 i = 0; i < KMAP_SLOTS; i++)
		p[i] = kmap(mpn(0x1000 + i * KMAP_SLOTS));
	for (u32 i = 0; i < KMAP_SLOTS; i++) {
		cr_assert_geq(va(p[i]), KMAP_BASE);
		cr_assert_eq(*at(va(p[i])), 0x1000 + i * KMAP_SLOTS, "window %u", i);
	}
	for (u32 i = 0; i < KMAP_SLOTS; i++)
		kunmap(p[i]);
}

Test(kmap, a_window_in_use_is_never_taken)
{
	u8 *held = kmap(mpn(0x1000));

	for (u32 i = 1; i < 3000; i++) {
		u8 *p = kmap(mpn(0x1000 + i));

		cr_assert_eq(*at(va(p)), 0x1000 + i);
		kunmap(p);
		cr_assert_eq(*at(va(held)), 0x1000u, "after 0x%x", 0x1000 + i);
	}
	kunmap(held);
}

Test(kmap, one_more_is_our_bug, .signal = SIGABRT)
{
	for (u32 i = 0; i <= KMAP_SLOTS; i++)
		kmap(mpn(0x1000 + i));
}

Test(kmap, giving_back_twice_is_our_bug, .signal = SIGABRT)
{
	void *p = kmap(mpn(0x1000));

	kunmap(p);
	kunmap(p);
}
