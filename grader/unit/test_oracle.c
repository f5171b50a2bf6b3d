/*
 * The oracle's rules against a machine forged in a buffer: one VM with two pages, one
 * shadow table, a frame table. It holds as it is; each test breaks one thing.
 */
#include "grader/oracle/rules.h"
#include "kernel/layout.h"
#include "kernel/paging.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Machine pages of the forged machine. */
enum {
	MPN_HOST_DIR = 1,
	MPN_HOST_TABLE,
	MPN_FRAMES,
	MPN_PMAP,
	MPN_ROOT,
	MPN_TABLE,
	MPN_PAGE_0,
	MPN_PAGE_1,
	MPN_OTHER, /* a page of VM 2 */
	PAGES,
};
enum {
	VM = 1,
	PMAP_PRIVATE_BITS = 2 << 20,
	SLOT = 512,
	LEAF_BITS = PTE_P | PTE_W | PTE_U
};
#define VA_FRAMES HEAP_BASE
#define VA_PMAP (HEAP_BASE + PAGE_SIZE)

static u8 memory[PAGES * PAGE_SIZE];
static struct evidence e;

static u32 *page(u32 mpn)
{
	return (u32 *)(void *)(memory + mpn * PAGE_SIZE);
}

static struct frame *frame(u32 mpn)
{
	return (struct frame *)(void *)page(MPN_FRAMES) + mpn;
}

static void own(u32 mpn, enum frame_use use, u16 owner, u32 index)
{
	*frame(mpn) = (struct frame){.use = (u8)use, .owner = owner, .index = index};
}

static void build(void)
{
	memset(memory, 0, sizeof memory);
	page(MPN_HOST_DIR)[HEAP_BASE >> 22] = MPN_HOST_TABLE << 12 | PTE_P;
	page(MPN_HOST_TABLE)[HEAP_BASE >> 12 & 1023] = MPN_FRAMES << 12 | PTE_P;
	page(MPN_HOST_TABLE)[(HEAP_BASE >> 12 & 1023) + 1] = MPN_PMAP << 12 | PTE_P;
	own(MPN_ROOT, FRAME_SHADOW, VM, 0);
	own(MPN_TABLE, FRAME_SHADOW, VM, 0);
	own(MPN_PAGE_0, FRAME_GUEST, VM, 0);
	own(MPN_PAGE_1, FRAME_GUEST, VM, 1);
	own(MPN_OTHER, FRAME_HOST, 0, 0);
	page(MPN_PMAP)[0] = PMAP_PRIVATE_BITS | MPN_PAGE_0;
	page(MPN_PMAP)[1] = PMAP_PRIVATE_BITS | MPN_PAGE_1;
	page(MPN_ROOT)[SLOT] = MPN_TABLE << 12 | LEAF_BITS;
	page(MPN_ROOT)[HEAP_BASE >> 22] = MPN_HOST_TABLE << 12 | PTE_P;
	page(MPN_TABLE)[7] = MPN_PAGE_1 << 12 | LEAF_BITS;

	memset(&e, 0, sizeof e);
	e.dump = (struct dump){
		.bytes = memory, .size = sizeof memory, .host_cr3 = MPN_HOST_DIR << 12};
	e.record.frames = VA_FRAMES;
	e.record.frame_count = PAGES;
	e.record.vm[3] =
		(struct checkpoint_vm){.id = VM,
				       .mem_pages = 2,
				       .pmap = VA_PMAP,
				       .root = {MPN_ROOT << 12, MPN_ROOT << 12}};
}

static bool holds(const char *name)
{
	e.looked_at = 0;
	for (unsigned i = 0; i < rule_count; i++)
		if (strcmp(rules[i].name, name) == 0)
			return rules[i].holds(&e);
	cr_assert_fail("no rule %s", name);
	return false;
}

TestSuite(oracle, .init = build);

/* The first rules: those about shadows have a machine of their own (test_shadowdump.c). */
enum { FIRST_RULES = 5 };

Test(oracle, good_machine)
{
	for (unsigned i = 0; i < FIRST_RULES; i++) {
		cr_assert(holds(rules[i].name), "%s: %s", rules[i].name, e.found);
		cr_assert_gt(e.looked_at, 0, "%s looked at nothing", rules[i].name);
	}
}

Test(oracle, frame_of_another_vm) /* trap 27 */
{
	frame(MPN_PAGE_1)->owner = 2;
	cr_assert_not(holds("owned"));
	cr_assert_not_null(strstr(e.found, "GVA 0x80007000"), "%s", e.found);
}

Test(oracle, frame_of_the_host)
{
	page(MPN_TABLE)[9] = MPN_OTHER << 12 | LEAF_BITS;
	cr_assert_not(holds("owned"));
}

Test(oracle, shadow_table_as_a_page)
{
	page(MPN_TABLE)[9] = MPN_TABLE << 12 | LEAF_BITS;
	cr_assert_not(holds("owned"));
}

Test(oracle, frame_beyond_memory)
{
	page(MPN_TABLE)[9] = 0xfffff000 | LEAF_BITS;
	cr_assert_not(holds("owned"));
}

Test(oracle, closed_entry_may_point_anywhere)
{
	page(MPN_TABLE)[9] = MPN_OTHER << 12 | PTE_P | PTE_W;
	cr_assert(holds("owned"), "%s", e.found);
}

Test(oracle, shadow_table_beyond_memory)
{
	page(MPN_ROOT)[3] = 0x7fff0000 | LEAF_BITS;
	cr_assert_not(holds("owned"));
	cr_assert_not(holds("tables"));
}

Test(oracle, root_beyond_memory)
{
	e.record.vm[3].root[1] = 0xfffff000;
	cr_assert_not(holds("owned"));
	cr_assert_not(holds("tables"));
}

Test(oracle, host_page_open_to_ring_3)
{
	page(MPN_ROOT)[HEAP_BASE >> 22] |= PTE_U;
	page(MPN_HOST_TABLE)[0] |= PTE_U;
	cr_assert_not(holds("supervisor"));
}

Test(oracle, guest_page_as_shadow_table)
{
	frame(MPN_TABLE)->use = FRAME_GUEST;
	cr_assert_not(holds("tables"));
}

Test(oracle, large_shadow_page) /* trap 22 */
{
	page(MPN_ROOT)[3] = LEAF_BITS | PTE_PS;
	cr_assert_not(holds("tables"));
}

Test(oracle, pmap_names_a_wrong_page)
{
	frame(MPN_PAGE_0)->index = 5;
	cr_assert_not(holds("pmap"));
}

Test(oracle, one_frame_for_two_pages)
{
	page(MPN_PMAP)[1] = PMAP_PRIVATE_BITS | MPN_PAGE_0;
	cr_assert_not(holds("pmap"));
	cr_assert_not(holds("frames"));
}

Test(oracle, lost_frame)
{
	page(MPN_PMAP)[1] = 0;
	cr_assert_not(holds("frames"));
}

Test(oracle, frame_of_no_vm)
{
	own(MPN_OTHER, FRAME_GUEST, 9, 0);
	cr_assert_not(holds("frames"));
}

Test(oracle, frame_table_not_mapped)
{
	page(MPN_HOST_TABLE)[HEAP_BASE >> 12 & 1023] = 0;
	cr_assert_not(holds("owned"));
	cr_assert_not(holds("frames"));
}

Test(oracle, shadow_table_lent_to_another_vm)
{
	frame(MPN_TABLE)->owner = 2;
	cr_assert_not(holds("tables"));
}

Test(oracle, shadow_table_in_the_hosts_heap)
{
	own(MPN_TABLE, FRAME_HOST, 0, 0);
	cr_assert(holds("tables"), "%s", e.found);
}
