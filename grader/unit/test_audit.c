/*
 * The audit: it finds nothing wrong in shadows as they come about, and each thing that a
 * bug of ours could leave behind, by name. The breaks are made by hand in a scene that
 * has all there is: two leaf tables, one of them loose, a 4 MiB page, both views, clean
 * and dirty pages. What an operation forgets to do is caught as it ends (promise.c).
 */
#include "grader/unit/core_model.h"
#include "kernel/frame.h"
#include "kernel/options.h"
#include "vmm/auditing.h"
#include "vmm/cache.h"
#include "vmm/promise.h"
#include "vmm/rmap.h"

enum { RW = PTE_P | PTE_W, RWU = RW | PTE_U, BIG = PTE_P | PTE_W | PTE_U | PTE_PS };
enum {
	FIRST = DATA,	     /* under the loose table */
	SECOND = 0x00400000, /* under the traced one */
	LARGE = 0x00800000,
	PAGE_OF_SECOND = 0x50000,
	THIRD = SECOND + PAGE_SIZE, /* closed to users, dirty */
	PAGE_OF_THIRD = 0x51000,
};

static struct audit found;
static sigjmp_buf aborted;

static void touch(u32 va, unsigned acc)
{
	u32 error;

	cr_assert_eq(shadow_fault(vm, gva(va), acc, &error), SHADOW_FILLED, "0x%x", va);
}

static void kernel_mode(void)
{
	vm->cpu.mode = vm->view = VMODE_KERNEL;
	fake_cpu.cr3 = shadow_root(vm, VMODE_KERNEL);
}

static void scene(void)
{
	paging_on(RWU);
	map(SECOND, PAGE_OF_SECOND, RWU);
	map(THIRD, PAGE_OF_THIRD, RW);
	poke(DIR_AT + (LARGE >> 22) * 4, BIG);
	vm->cpu.cr4 |= CR4_PSE;
	shadow_flush(vm);
	kernel_mode();
	touch(FIRST, ACC_WRITE);
	touch(SECOND, ACC_READ);
	touch(THIRD, ACC_WRITE);
	touch(LARGE + 3 * PAGE_SIZE, ACC_READ);
	touch(TABLES_AT, ACC_WRITE);
	user_mode();
	touch(FIRST, ACC_READ);
	touch(SECOND, ACC_READ);
	kernel_mode();
}

static void setup(void)
{
	core_init();
	scene();
}

static void setup_vtlb(void)
{
	core_init_vtlb();
	scene();
}

TestSuite(audit, .init = setup, .timeout = 20);
TestSuite(audit_vtlb, .init = setup_vtlb, .timeout = 20);
TestSuite(promise, .init = setup, .timeout = 20);
TestSuite(promise_vtlb, .init = setup_vtlb, .timeout = 20);

/* The shadow entries that lead to va in a view. */
static struct stable *root_of(enum vmode view)
{
	return &vm->shadow.pool.table[vm->shadow.active[view]];
}

static struct stable *leaf_of(enum vmode view, u32 va)
{
	u32 entry = root_of(view)->entry[va >> 22];

	cr_assert(entry & PTE_P, "nothing at 0x%x", va);
	return stable_at(&vm->shadow.pool, entry);
}

static u32 *entry_of(enum vmode view, u32 va)
{
	u32 *e = &leaf_of(view, va)->entry[va >> PAGE_SHIFT & 1023];

	cr_assert(*e & PTE_P, "nothing at 0x%x", va);
	return e;
}

static void expect_clean(void)
{
	cr_assert(audit_find(vm, &found), "[%s] %s", found.rule, found.text);
}

static void expect_broken(const char *rule)
{
	cr_assert_not(audit_find(vm, &found), "not found: [%s]", rule);
	cr_assert_str_eq(found.rule, rule, "[%s] %s", found.rule, found.text);
	cr_assert_gt(strlen(found.text), 4u);
}

Test(audit, good_as_it_is)
{
	expect_clean();
	cr_assert_gt(found.entries, 8u, "looked at %u entries", found.entries);
	core_done();
}

Test(audit_vtlb, good_as_it_is)
{
	expect_clean();
	core_done();
}

Test(audit, good_after_all_that_a_guest_does)
{
	cr_assert(cpu_write_cr(vm, 3, DIR_AT, NULL));
	expect_clean();
	cpu_invlpg(vm, gva(SECOND));
	expect_clean();
	gpa_write(vm, gpa(DIR_AT + 4), &(u32){0}, 4);
	expect_clean();
	trace_dma(vm, ppn(DIR_AT >> PAGE_SHIFT));
	expect_clean();
	cr_assert(cpu_write_cr(vm, 3, 0xfffff000, NULL));
	expect_clean();
}

Test(audit, looks_without_touching)
{
	u32 flushes = fake_cpu.flushes, backed = vm->pmap.backed;

	expect_clean();
	cr_assert_eq(fake_cpu.flushes, flushes);
	cr_assert_eq(vm->pmap.backed, backed);
	cr_assert_eq(core.kmaps, 0u);
}

/* A test in which one thing is broken, and found under this name. */
#define BREAK(suite, name, rule, what) \
	Test(suite, name)              \
	{                              \
		what;                  \
		expect_broken(rule);   \
	}

/* I1, I2 */
BREAK(audit, pool_table_lost, "pool", stable_take(&vm->shadow.pool))
BREAK(audit, pool_free_twice, "pool", vm->shadow.pool.free_head = vm->shadow.active[0])
BREAK(audit, pool_in_a_circle, "pool",
      vm->shadow.pool.table[vm->shadow.pool.free_head].next = vm->shadow.pool.free_head)
BREAK(audit, pool_frame_of_another, "pool",
      frame_get(mpn(root_of(0)->machine >> PAGE_SHIFT))->owner = 2)
BREAK(audit, free_table_not_zero, "free",
      vm->shadow.pool.table[vm->shadow.pool.free_head].entry[1023] = 7)
BREAK(audit, free_count_wrong, "free", root_of(0)->count++)
BREAK(audit, free_entry_not_in_the_bitmap, "free", leaf_of(0, SECOND)->entry[700] = 7)
BREAK(audit, free_entry_only_in_the_bitmap, "free", *entry_of(0, SECOND) = 0)
BREAK(audit_vtlb, free_entry_not_in_the_bitmap, "free",
      leaf_of(0, SECOND)->entry[700] = 7)

/* I3 */
BREAK(audit, pmap_count_wrong, "pmap", vm->pmap.backed--)
BREAK(audit, trap27_pmap_frame_of_another, "pmap",
      frame_get(mpn(mpn_of(PAGE_OF_SECOND)))->owner = 2)
BREAK(audit, pmap_frame_of_another_page, "pmap",
      frame_get(mpn(mpn_of(PAGE_OF_SECOND)))->index = 0)
BREAK(audit, trap25_pmap_frame_beyond_memory, "pmap",
      vm->pmap.entry[PAGE_OF_SECOND >> PAGE_SHIFT].mpn = 0xfffff)

/* I4 */
BREAK(audit, host_entry_lost, "host", root_of(0)->entry[HOST_PDE_FIRST + 7] = 0)
BREAK(audit, host_open_to_ring_3, "host", root_of(1)->entry[1023] |= PTE_U)
BREAK(audit_vtlb, host_entry_lost, "host", root_of(1)->entry[HOST_PDE_FIRST] = 0)

/* I5 */
BREAK(audit, names_forget_one, "names", vm->shadow.table_of[DIR_AT >> PAGE_SHIFT] = 0)
BREAK(audit, names_wrong, "names", leaf_of(0, SECOND)->gfn++)
BREAK(audit, trap05_names_same_twice, "names", root_of(1)->role = 0)

/* I6: what a CR3 load that keeps the old root would leave. */
BREAK(audit, trap10_stale_root_after_cr3, "roots", vm->cpu.cr3 = TABLES_AT)
BREAK(audit, trap03_root_of_another_wp, "roots", vm->cpu.cr0 ^= CR0_WP)
BREAK(audit, trap08_root_that_is_a_leaf, "roots",
      vm->shadow.active[0] = (u16)stable_number(&vm->shadow.pool, leaf_of(0, SECOND)))
BREAK(audit, roots_loaded_is_not_active, "roots", vm->shadow.root[0] = 0x1000)

/* I7 */
BREAK(audit, trap07_parents_forget_one, "parents",
      leaf_of(0, SECOND)->parents = RMAP_END)
BREAK(audit, trap22_large_page_without_parent, "parents",
      leaf_of(0, LARGE)->parents = RMAP_END)
BREAK(audit, parents_leaf_of_another_table, "parents",
      root_of(0)->made_from[SECOND >> 22] += PAGE_SIZE)
BREAK(audit, parents_leaf_of_another_view, "parents",
      root_of(0)->entry[SECOND >> 22] = root_of(1)->entry[SECOND >> 22])
BREAK(audit_vtlb, parents_forget_one, "parents", vm->shadow.first[0][SECOND >> 22] = 0)

/* I8, I9: the wrong frame, and whose it is. */
static void map_other_frame(enum vmode view, u32 gpa)
{
	u32 *e = entry_of(view, SECOND);

	*e = mpn_of(gpa) << PAGE_SHIFT | (*e & PAGE_MASK);
}

static void map_frame_of_the_other_vm(void)
{
	u32 *e = entry_of(1, SECOND);
	mpn_t m;

	cr_assert(frame_alloc(ZONE_ANY, FRAME_GUEST, other->id, 5, &m));
	*e = mpn_addr(m).a | (*e & PAGE_MASK);
}

static void map_shadow_table(void)
{
	u32 *e = entry_of(0, SECOND);

	*e = root_of(0)->machine | (*e & PAGE_MASK);
}

BREAK(audit, frame_of_another_page, "frame", map_other_frame(1, PAGE_OF_THIRD))
BREAK(audit, trap27_owner_is_another_vm, "owner", map_frame_of_the_other_vm())
BREAK(audit, owner_is_the_vmm, "owner", map_shadow_table())
BREAK(audit, trap25_owner_beyond_memory, "owner",
      *entry_of(0, SECOND) = 0xfffff000 | PTE_P | PTE_U | PTE_A | PTE_D)
BREAK(audit_vtlb, trap27_owner_is_another_vm, "owner", map_frame_of_the_other_vm())

/* A frame that was taken away and is still mapped. */
static void frame_taken_away(void)
{
	struct pmap_entry *e = &vm->pmap.entry[PAGE_OF_SECOND >> PAGE_SHIFT];

	e->state = PMAP_UNBACKED;
	vm->pmap.backed--;
}

BREAK(audit, trap26_frame_taken_away_is_mapped, "frame", frame_taken_away())
BREAK(audit_vtlb, trap26_frame_taken_away_is_mapped, "frame", frame_taken_away())

/* I10, I11 */
BREAK(audit, trap01_access_without_a, "access",
      leaf_of(0, SECOND)->made_from[0] &= ~(u32)PTE_A)
BREAK(audit, trap22_access_global, "access", *entry_of(0, SECOND) |= PTE_G)
BREAK(audit, trap22_access_large, "access", root_of(0)->entry[SECOND >> 22] |= PTE_PS)
BREAK(audit, trap01_width_of_a_clean_page, "width", *entry_of(0, SECOND) |= PTE_W)
BREAK(audit, width_of_a_read_only_page, "width",
      leaf_of(0, THIRD)->made_from[1] &= ~(u32)PTE_W)
BREAK(audit, width_of_a_read_only_directory, "width",
      root_of(1)->made_from[SECOND >> 22] &= ~(u32)PTE_W)
BREAK(audit, width_of_a_closed_page, "width",
      leaf_of(1, SECOND)->made_from[0] &= ~(u32)PTE_U)

/* I12 */
static void trace_without_protecting(void)
{
	vm->traces.flags[PAGE_OF_THIRD >> PAGE_SHIFT] |= TRACE_GDT;
}

static u32 second_table(void)
{
	return leaf_of(0, SECOND)->gfn;
}

BREAK(audit, trap06_trace_not_protected, "trace", trace_without_protecting())
BREAK(audit_vtlb, trap06_trace_not_protected, "trace", trace_without_protecting())
BREAK(audit, trap08_trace_forgotten, "trace",
      trace_clear(vm, ppn(second_table()), TRACE_TABLE))
BREAK(audit, trace_of_no_table, "trace", trace_set(vm, ppn(0x77), TRACE_TABLE))
BREAK(audit, trace_and_loose, "trace",
      vm->traces.flags[TABLES_AT >> PAGE_SHIFT] |= TRACE_TABLE)
BREAK(audit, loose_and_not_on_the_list, "trace", vm->shadow.loose_count = 0)
BREAK(audit, trap08_loose_under_another_directory, "trace",
      vm->shadow.loose[0].directory = 0x99)

/* I13: the guest's entry changes and nobody hears of it. */
BREAK(audit, trap06_fresh_leaf, "fresh",
      poke(second_table() << PAGE_SHIFT, PAGE_OF_THIRD | RWU))
BREAK(audit, trap02_fresh_a_cleared, "fresh",
      poke(second_table() << PAGE_SHIFT, pte_of(SECOND) & ~(u32)PTE_A))
BREAK(audit, trap05_fresh_directory, "fresh", poke(DIR_AT + 4, 0))

Test(audit, fresh_minds_what_a_and_d_do)
{
	poke(second_table() << PAGE_SHIFT, pte_of(SECOND) | PTE_D);
	expect_clean();
}

/* Until the next flush it may be behind. */
Test(audit, loose_is_exempt)
{
	poke(TABLES_AT + (FIRST >> PAGE_SHIFT) * 4, 0);
	expect_clean();
}

/* So may a table that a device writes to. */
Test(audit, table_under_dma_is_exempt)
{
	mpn_t m;

	cr_assert(pmap_pin(vm, ppn(second_table()), false, &m));
	poke(second_table() << PAGE_SHIFT, 0);
	expect_clean();
}

/* I14 */
static void clear_without_unlinking(void)
{
	stable_clear(leaf_of(1, SECOND), 0);
}

static void add_to_another_list(void)
{
	struct stable *t = leaf_of(0, THIRD);

	vm->shadow.rmap.head[0x77] = rmap_node(&vm->shadow.pool, t, 1);
}

static void list_in_a_circle(void)
{
	struct stable *t = leaf_of(0, THIRD);

	t->link[1] = rmap_node(&vm->shadow.pool, t, 1);
}

BREAK(audit, rmap_remove_skipped, "rmap", clear_without_unlinking())
BREAK(audit, rmap_add_skipped, "rmap",
      vm->shadow.rmap.head[PAGE_OF_THIRD >> PAGE_SHIFT] = RMAP_END)
BREAK(audit, rmap_wrong_list, "rmap", add_to_another_list())
BREAK(audit, rmap_circle, "rmap", list_in_a_circle())
BREAK(audit, rmap_node_beyond_the_pool, "rmap",
      vm->shadow.rmap.head[0x77] = 0xfff0 << RMAP_INDEX_BITS)

/* --- promises: a form that forgets, and how it is caught -------------------------------- */

static void on_abort(int sig)
{
	(void)sig;
	siglongjmp(aborted, 1);
}

/* The call must end in a panic of the audit that names this rule. */
#define EXPECT_PANIC(rule, call)                                            \
	do {                                                                \
		signal(SIGABRT, on_abort);                                  \
		if (!sigsetjmp(aborted, 1)) {                               \
			call;                                               \
			cr_assert_fail("no panic");                         \
		}                                                           \
		cr_assert(happened("audit.fail vm=1 rule=" rule " "), "%s", \
			  core.events);                                     \
	} while (0)

static struct shadow_form forgetful;
static const struct shadow_form *real;

static void forget_page(struct vm *v, gva_t a)
{
	(void)v;
	(void)a;
}

static void forget_ppn(struct vm *v, ppn_t p)
{
	(void)v;
	(void)p;
}

static void forget_written(struct vm *v, gpa_t p, u32 n)
{
	(void)v;
	(void)p;
	(void)n;
}

static void forget_cr3(struct vm *v)
{
	(void)v;
}

/* Fills, but writable whatever the guest says. */
static enum shadow_result fill_wide(struct vm *v, gva_t a, unsigned acc, u32 *error)
{
	enum shadow_result r = real->fault(v, a, acc, error);

	*entry_of(v->view, a.a) |= PTE_W;
	return r;
}

/* Says filled, and the frame is another. */
static enum shadow_result fill_wrong(struct vm *v, gva_t a, unsigned acc, u32 *error)
{
	enum shadow_result r = real->fault(v, a, acc, error);
	u32 *e = entry_of(v->view, a.a);

	*e = mpn_of(0x7000) << PAGE_SHIFT | (*e & PAGE_MASK);
	return r;
}

static enum shadow_result fill_nothing(struct vm *v, gva_t a, unsigned acc, u32 *error)
{
	(void)v;
	(void)a;
	(void)acc;
	(void)error;
	return SHADOW_FILLED;
}

static enum shadow_result always_true(struct vm *v, gva_t a, unsigned acc, u32 *error)
{
	(void)v;
	(void)a;
	(void)acc;
	*error = 0;
	return SHADOW_TRUE;
}

/* From here on the VM's shadows are kept by a form that is watched. */
static void watch(void)
{
	real = vm->shadow.form;
	forgetful = *real;
	vm->shadow.form = promise_form(&forgetful);
}

static void rewatch(void)
{
	vm->shadow.form = promise_form(&forgetful);
}

#define FORGET(operation, how)             \
	do {                               \
		watch();                   \
		forgetful.operation = how; \
		rewatch();                 \
	} while (0)

/* Faults once more at a page whose entry was dropped. */
static void fault_again(u32 va, unsigned acc)
{
	u32 error;

	cpu_invlpg(vm, gva(va));
	shadow_fault(vm, gva(va), acc, &error);
}

Test(promise, kept_by_the_real_form)
{
	watch();
	touch(SECOND, ACC_WRITE);
	cr_assert(cpu_write_cr(vm, 3, DIR_AT, NULL));
	cpu_invlpg(vm, gva(SECOND));
	poke(TABLES_AT + (FIRST >> PAGE_SHIFT) * 4, 0);
	cpu_invlpg(vm, gva(FIRST));
	shadow_drop(vm, ppn(PAGE_OF_THIRD >> PAGE_SHIFT));
	shadow_protect(vm, ppn(PAGE_OF_SECOND >> PAGE_SHIFT));
	shadow_unshadow(vm, ppn(second_table()));
	shadow_flush(vm);
	cr_assert_str_empty(core.events);
}

Test(promise, trap02_invlpg_forgets_to_resync)
{
	FORGET(invlpg, forget_page);
	poke(TABLES_AT + (FIRST >> PAGE_SHIFT) * 4, 0);
	EXPECT_PANIC("fresh", shadow_invlpg(vm, gva(FIRST)));
}

Test(promise_vtlb, trap02_invlpg_forgets)
{
	FORGET(invlpg, forget_page);
	EXPECT_PANIC("fresh", shadow_invlpg(vm, gva(FIRST)));
}

Test(promise, trap10_cr3_forgets_to_resync)
{
	FORGET(load_cr3, forget_cr3);
	poke(TABLES_AT + (FIRST >> PAGE_SHIFT) * 4, 0);
	EXPECT_PANIC("fresh", shadow_load_cr3(vm));
}

Test(promise, trap10_cr3_keeps_the_root)
{
	FORGET(load_cr3, forget_cr3);
	vm->cpu.cr3 = 0x20000;
	EXPECT_PANIC("roots", shadow_load_cr3(vm));
}

Test(promise_vtlb, trap10_cr3_forgets)
{
	FORGET(load_cr3, forget_cr3);
	EXPECT_PANIC("fresh", shadow_load_cr3(vm));
}

Test(promise, trap06_a_write_forgets_the_shadow)
{
	FORGET(written, forget_written);
	EXPECT_PANIC("fresh", gpa_write(vm, gpa(DIR_AT + 4), &(u32){0}, 4));
}

Test(promise, trap06_dma_forgets_the_shadow)
{
	FORGET(unshadow, forget_ppn);
	EXPECT_PANIC("fresh", trace_dma(vm, ppn(second_table())));
}

Test(promise, trap06_a_trace_forgets_a_mapping)
{
	FORGET(protect, forget_ppn);
	EXPECT_PANIC("rmap",
		     trace_set(vm, ppn(PAGE_OF_THIRD >> PAGE_SHIFT), TRACE_GDT));
}

Test(promise, trap26_a_drop_forgets_a_mapping)
{
	FORGET(drop, forget_ppn);
	EXPECT_PANIC("rmap", shadow_drop(vm, ppn(PAGE_OF_THIRD >> PAGE_SHIFT)));
}

Test(promise_vtlb, trap26_a_drop_forgets_a_mapping)
{
	FORGET(drop, forget_ppn);
	EXPECT_PANIC("rmap", shadow_drop(vm, ppn(PAGE_OF_THIRD >> PAGE_SHIFT)));
}

Test(promise, trap01_a_fill_is_too_wide)
{
	FORGET(fault, fill_wide);
	EXPECT_PANIC("width", fault_again(SECOND, ACC_READ));
}

Test(promise_vtlb, trap01_a_fill_is_too_wide)
{
	FORGET(fault, fill_wide);
	EXPECT_PANIC("width", fault_again(SECOND, ACC_READ));
}

Test(promise, a_fill_of_the_wrong_frame)
{
	FORGET(fault, fill_wrong);
	EXPECT_PANIC("frame", fault_again(SECOND, ACC_READ));
}

Test(promise_vtlb, a_fill_of_the_wrong_frame)
{
	FORGET(fault, fill_wrong);
	EXPECT_PANIC("frame", fault_again(SECOND, ACC_READ));
}

Test(promise, a_fill_that_fills_nothing)
{
	FORGET(fault, fill_nothing);
	EXPECT_PANIC("promise", fault_again(SECOND, ACC_WRITE));
}

Test(promise, trap13_a_fault_that_is_none)
{
	FORGET(fault, always_true);
	EXPECT_PANIC("promise", fault_again(SECOND, ACC_READ));
}

Test(promise, trap14_a_fill_against_the_guests_tables)
{
	FORGET(fault, fill_nothing);
	user_mode();
	EXPECT_PANIC("width", fault_again(THIRD, ACC_READ));
}

Test(promise, rmap_remove_skipped_makes_a_circle)
{
	struct stable *t = leaf_of(0, SECOND);

	watch();
	stable_clear(t, 0);
	EXPECT_PANIC("rmap", touch(SECOND, ACC_READ));
}

Test(promise, rmap_circle_of_others)
{
	struct stable *t = leaf_of(0, SECOND);
	u32 other = rmap_node(&vm->shadow.pool, leaf_of(0, THIRD), 1);

	t->link[0] = other;
	leaf_of(0, THIRD)->link[1] = other;
	EXPECT_PANIC("rmap", promise_page(vm, gva(SECOND)));
}

Test(promise, of_the_quick_ways_too)
{
	watch();
	promise_page(vm, gva(SECOND));
	*entry_of(0, SECOND) |= PTE_W;
	EXPECT_PANIC("width", promise_page(vm, gva(SECOND)));
}

/* --- options ----------------------------------------------------------------------------- */

static void choose(const char *line)
{
	options_init(line);
	audit_init();
}

Test(audit, off_costs_nothing)
{
	choose("");
	cr_assert_eq(audit_form(vm->shadow.form), vm->shadow.form);
	cr_assert_eq(audit_attention(), 0u);
}

Test(audit, walk_watches)
{
	choose("audit=walk");
	cr_assert_neq(audit_form(vm->shadow.form), vm->shadow.form);
	cr_assert_eq(audit_attention(), (u32)ATTEND_AUDIT);
	root_of(0)->count++;
	vm->tf->vector = VEC_GP;
	for (u32 i = 0; i < 2000; i++)
		audit_exit(vm, gva(0));
	choose("");
}

Test(audit, full_looks_every_so_many_exits)
{
	choose("audit=full audit_every=50");
	vm->tf->vector = VEC_GP;
	root_of(0)->count++;
	for (u32 i = 0; i < 49; i++)
		audit_exit(vm, gva(0));
	EXPECT_PANIC("free", audit_exit(vm, gva(0)));
}

Test(audit, full_looks_at_checkpoints)
{
	vm->built = true;
	choose("audit=full");
	audit_checkpoint();
	root_of(0)->count++;
	EXPECT_PANIC("free", audit_checkpoint());
}

Test(audit, check_counts)
{
	u32 entries;

	cr_assert_eq(audit_all(&entries), 0u);
	vm->built = true;
	cr_assert_eq(audit_all(&entries), 1u);
	cr_assert_gt(entries, 8u);
}

Test(audit, unknown_word, .signal = SIGABRT)
{
	choose("audit=maybe");
}
