/*
 * The oracle's rules about shadows, against a machine forged in a buffer: one VM with a
 * directory, a table and two pages, and the shadows of them. It holds as it is; each test
 * breaks one thing and hears its name.
 */
#include "grader/oracle/audit.h"
#include "grader/oracle/shadow.h"
#include "kernel/layout.h"
#include "kernel/paging.h"

#include <criterion/criterion.h>
#include <string.h>

/* Machine pages; the host maps each at va(). Tables take three: entry, made_from, link. */
enum {
	HOST_DIR = 1,
	HOST_TABLE,
	FRAMES,
	PMAP,
	POOL,
	RMAP,
	TRACES,
	ROOT_PAGES,
	LEAF_PAGES = ROOT_PAGES + 3,
	FREE_PAGES = LEAF_PAGES + 3,
	GUEST_DIR = FREE_PAGES + 3, /* the guest's pages 0 to 3 */
	GUEST_TABLE,
	DIRTY_PAGE,
	CLEAN_PAGE,
	PAGES,
};
enum { VM = 1, ROOT = 0, LEAF, SPARE, POOL_TABLES, GUEST_PAGES = 4 };
enum { SLOT = 512, DIRTY = 7, CLEAN = 8, PRIVATE = PAGE_PRIVATE << 20 };
enum { PUA = PTE_P | PTE_U | PTE_A, PWUA = PUA | PTE_W };
enum { PAGED = 1u << 31, WP = 1 << 16 };

static u8 memory[PAGES * PAGE_SIZE];
static struct evidence e;

static u32 *page(u32 mpn)
{
	return (u32 *)(void *)(memory + mpn * PAGE_SIZE);
}

static u32 va(u32 mpn)
{
	return HEAP_BASE + mpn * PAGE_SIZE;
}

static struct frame *frame(u32 mpn)
{
	return (struct frame *)(void *)page(FRAMES) + mpn;
}

static struct checkpoint_table *head(u32 n)
{
	return (struct checkpoint_table *)(void *)page(POOL) + n;
}

static struct checkpoint_vm *the_vm(void)
{
	return &e.record.vm[2];
}

static void make_table(u32 n, u32 mpn, u32 kind, u32 gfn)
{
	*head(n) = (struct checkpoint_table){.entry = va(mpn),
					     .made_from = va(mpn + 1),
					     .link = va(mpn + 2),
					     .machine = mpn * PAGE_SIZE,
					     .kind = (u8)kind,
					     .gfn = gfn,
					     .next = NO_TABLE,
					     .parents = NO_NODE};
	*frame(mpn) = (struct frame){.use = FRAME_SHADOW, .owner = VM, .index = n};
}

/* An entry, what it was made from (the guest's, where it stands), no next on its list. */
static void make_entry(u32 n, u32 mpn, u32 i, u32 entry, const u32 *guest)
{
	page(mpn)[i] = entry;
	page(mpn + 1)[i] = *guest;
	page(mpn + 2)[i] = NO_NODE;
	head(n)->used[i / 32] |= 1u << i % 32;
	head(n)->count++;
}

static void make_guest(void)
{
	for (u32 p = 0; p < GUEST_PAGES; p++) {
		page(PMAP)[p] = PRIVATE | (GUEST_DIR + p);
		*frame(GUEST_DIR + p) =
			(struct frame){.use = FRAME_GUEST, .owner = VM, .index = p};
		page(RMAP)[p] = NO_NODE;
	}
	page(GUEST_DIR)[SLOT] = 1 << PAGE_SHIFT | PWUA;
	page(GUEST_TABLE)[DIRTY] = 2 << PAGE_SHIFT | PWUA | PTE_D;
	page(GUEST_TABLE)[CLEAN] = 3 << PAGE_SHIFT | PWUA;
}

static void make_shadows(void)
{
	make_table(ROOT, ROOT_PAGES, KIND_ROOT, 0);
	make_table(LEAF, LEAF_PAGES, KIND_LEAF, 1);
	make_table(SPARE, FREE_PAGES, KIND_FREE, 0);
	make_entry(ROOT, ROOT_PAGES, SLOT, LEAF_PAGES << PAGE_SHIFT | PWUA,
		   &page(GUEST_DIR)[SLOT]);
	make_entry(LEAF, LEAF_PAGES, DIRTY, DIRTY_PAGE << PAGE_SHIFT | PWUA | PTE_D,
		   &page(GUEST_TABLE)[DIRTY]);
	make_entry(LEAF, LEAF_PAGES, CLEAN, CLEAN_PAGE << PAGE_SHIFT | PUA | PTE_D,
		   &page(GUEST_TABLE)[CLEAN]);
	page(ROOT_PAGES)[HEAP_BASE >> 22] = page(HOST_DIR)[HEAP_BASE >> 22] | PTE_A;
	head(LEAF)->parents = ROOT << 10 | SLOT;
	page(RMAP)[2] = LEAF << 10 | DIRTY;
	page(RMAP)[3] = LEAF << 10 | CLEAN;
	memory[TRACES * PAGE_SIZE + 0] = memory[TRACES * PAGE_SIZE + 1] = TRACED_TABLE;
}

static void build(void)
{
	memset(memory, 0, sizeof memory);
	memset(&e, 0, sizeof e);
	page(HOST_DIR)[HEAP_BASE >> 22] = HOST_TABLE << PAGE_SHIFT | PTE_P | PTE_W;
	for (u32 m = 0; m < PAGES; m++)
		page(HOST_TABLE)[(HEAP_BASE >> PAGE_SHIFT & 1023) + m] =
			m << PAGE_SHIFT | PTE_P | PTE_W;
	make_guest();
	make_shadows();
	e.dump = (struct dump){.bytes = memory,
			       .size = sizeof memory,
			       .host_cr3 = HOST_DIR * PAGE_SIZE};
	e.record.host_cr3 = HOST_DIR * PAGE_SIZE;
	e.record.frames = va(FRAMES);
	e.record.frame_count = PAGES;
	*the_vm() = (struct checkpoint_vm){
		.id = VM,
		.mem_pages = GUEST_PAGES,
		.root = {ROOT_PAGES * PAGE_SIZE, 0},
		.pmap = va(PMAP),
		.cr0 = PAGED | WP,
		.cached = 1,
		.tables = va(POOL),
		.table_count = POOL_TABLES,
		.table_bytes = sizeof(struct checkpoint_table),
		.free_head = SPARE,
		.rmap = va(RMAP),
		.traces = va(TRACES),
		.backed = GUEST_PAGES,
	};
}

static bool (*rule_named(const char *name))(struct evidence *e)
{
	for (unsigned i = 0; i < rule_count; i++)
		if (strcmp(rules[i].name, name) == 0)
			return rules[i].holds;
	cr_assert_fail("no rule %s", name);
	return NULL;
}

static bool holds(const char *name)
{
	e.looked_at = 0;
	return rule_named(name)(&e);
}

TestSuite(shadowdump, .init = build, .timeout = 20);

Test(shadowdump, good_machine)
{
	for (unsigned i = 0; i < rule_count; i++) {
		cr_assert(holds(rules[i].name), "%s: %s", rules[i].name, e.found);
		cr_assert_gt(e.looked_at, 0, "%s looked at nothing", rules[i].name);
	}
}

/* What breaks one rule; it is the one that says so. */
#define BREAK(test, name, what)                                        \
	Test(shadowdump, test)                                         \
	{                                                              \
		what;                                                  \
		cr_assert_not(holds(name), "%s holds", name);          \
		cr_assert(strlen(e.found) > 4 && e.looked_at < 10000); \
	}

BREAK(pool_free_list_cut, "pool", the_vm()->free_head = NO_TABLE)
BREAK(pool_free_list_circle, "pool", head(SPARE)->next = SPARE)
BREAK(pool_frame_of_another, "pool", frame(LEAF_PAGES)->owner = 2)
BREAK(pool_too_big, "pool", the_vm()->table_count = TABLES_LIMIT + 1)
BREAK(pool_not_mapped, "pool", the_vm()->tables = 0x1000)
BREAK(free_not_zero, "free", page(FREE_PAGES)[1023] = 7)
BREAK(free_not_counted, "free", head(LEAF)->count++)
BREAK(free_not_in_the_bitmap, "free", page(LEAF_PAGES)[100] = 7)
BREAK(backed_wrong, "backed", the_vm()->backed++)
BREAK(host_lost, "host", page(ROOT_PAGES)[HEAP_BASE >> 22] = 0)
BREAK(host_open, "host", page(ROOT_PAGES)[1020] = PTE_U)
BREAK(trap10_stale_root, "roots", the_vm()->cr3 = 1 << PAGE_SHIFT)
BREAK(trap03_root_of_another_wp, "roots", the_vm()->cr0 = PAGED)
BREAK(roots_user_is_kernel, "roots", the_vm()->root[1] = the_vm()->root[0])
BREAK(trap25_root_of_nothing, "roots", the_vm()->root[0] = 0xfffff000)
BREAK(trap07_parent_forgotten, "parents", head(LEAF)->parents = NO_NODE)
BREAK(parent_in_a_circle, "parents", page(ROOT_PAGES + 2)[SLOT] = ROOT << 10 | SLOT)
BREAK(parent_of_another, "parents", head(LEAF)->parents = LEAF << 10 | DIRTY)
BREAK(rmap_forgotten, "rmap", page(RMAP)[2] = NO_NODE)
BREAK(rmap_wrong_page, "rmap", page(RMAP)[0] = LEAF << 10 | DIRTY)
BREAK(rmap_circle, "rmap", page(LEAF_PAGES + 2)[DIRTY] = LEAF << 10 | DIRTY)
BREAK(rmap_node_not_in_use, "rmap", page(RMAP)[0] = LEAF << 10 | 99)
BREAK(trap25_rmap_node_beyond, "rmap", page(RMAP)[0] = 0xfffffffe)
BREAK(frame_of_another_page, "frame",
      page(LEAF_PAGES)[DIRTY] = CLEAN_PAGE << PAGE_SHIFT | PWUA | PTE_D)
BREAK(trap26_frame_taken_away, "frame", page(PMAP)[2] = PAGE_UNBACKED << 20)
BREAK(trap01_access_not_marked, "access", page(GUEST_TABLE)[DIRTY] &= ~(u32)PTE_A)
BREAK(trap22_access_global, "access", page(LEAF_PAGES)[DIRTY] |= PTE_G)
BREAK(trap01_width_of_a_clean_page, "width", page(LEAF_PAGES)[CLEAN] |= PTE_W)
BREAK(width_of_a_read_only_page, "width", page(GUEST_TABLE)[DIRTY] &= ~(u32)PTE_W)
BREAK(width_of_a_read_only_directory, "width", page(GUEST_DIR)[SLOT] &= ~(u32)PTE_W)
BREAK(width_of_a_closed_page, "width", {
	head(ROOT)->role = head(LEAF)->role = IN_USER_VIEW;
	page(GUEST_TABLE)[CLEAN] &= ~(u32)PTE_U;
})
BREAK(trap06_traced_page_writable, "trace", memory[TRACES * PAGE_SIZE + 2] = 1)
BREAK(trap08_trace_forgotten, "trace", memory[TRACES * PAGE_SIZE + 1] = 0)
BREAK(trace_of_no_table, "trace", memory[TRACES * PAGE_SIZE + 3] = TRACED_TABLE)
BREAK(trap06_fresh_leaf, "fresh", page(GUEST_TABLE)[DIRTY] ^= 1 << PAGE_SHIFT)
BREAK(trap05_fresh_directory, "fresh", page(GUEST_DIR)[SLOT] ^= PTE_PWT)

/* Loose: the guest's entry may be newer. */
Test(shadowdump, loose_is_exempt)
{
	memory[TRACES * PAGE_SIZE + 1] = LOOSE_TABLE;
	page(GUEST_TABLE)[DIRTY] = 0;
	cr_assert(holds("fresh"), "%s", e.found);
	cr_assert(holds("frame"), "%s", e.found);
}

/* CR0.WP = 0: the role makes a read-only page writable for the guest's kernel. */
Test(shadowdump, trap03_no_wp)
{
	head(ROOT)->role = head(LEAF)->role = IN_NO_WP;
	the_vm()->cr0 = PAGED;
	page(GUEST_TABLE)[DIRTY] &= ~(u32)PTE_W;
	page(LEAF_PAGES + 1)[DIRTY] &= ~(u32)PTE_W;
	cr_assert(holds("width"), "%s", e.found);
	cr_assert(holds("roots"), "%s", e.found);
}

/* The virtual TLB keeps nothing of the guest's tables: its entries go by the pmap. */
Test(shadowdump, vtlb)
{
	the_vm()->cached = 0;
	the_vm()->rmap = 0;
	memory[TRACES * PAGE_SIZE + 0] = memory[TRACES * PAGE_SIZE + 1] = 0;
	page(GUEST_TABLE)[DIRTY] = 0;
	for (unsigned i = 0; i < rule_count; i++)
		cr_assert(holds(rules[i].name), "%s: %s", rules[i].name, e.found);
	page(PMAP)[2] = PAGE_UNBACKED << 20;
	cr_assert_not(holds("frame"));
}
