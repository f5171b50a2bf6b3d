/*
 * The walker against a table written from the manual: SDM vol. 3, 4.3 (32-bit paging), 4.6
 * (access rights), 4.7 (error codes), 4.8 (A and D).
 */
#include "grader/unit/core_model.h"
#include "vmm/walk.h"
#include "kernel/paging.h"

enum { VA = 0x00c03123, PAGE = 0x55000, TABLE = 0x54000 };
enum { AT_PDE = DIR_AT + 3 * 4, AT_PTE = TABLE + 3 * 4 };

static void setup(void)
{
	core_init();
	vm->cpu.cr0 |= CR0_PG;
	vm->cpu.cr3 = DIR_AT;
}

TestSuite(walk, .init = setup, .fini = core_done, .timeout = 20);

static struct walk w;
static u32 error;

static bool go(u32 va, unsigned acc)
{
	memset(&w, 0xa5, sizeof(w));
	error = 0xdeadbeef;
	return walk(vm, gva(va), acc, &w, &error);
}

/* Sets both entries; PS in `pde` may make it a large page at 0x00c00000. */
static void entries(u32 pde, u32 pte)
{
	poke(AT_PDE, pde);
	poke(AT_PTE, pte);
}

/* Table 4-6's rights as one line: supervisor may read; a user needs U; writes need W. */
static bool may(bool w, bool u, bool user, bool write, bool wp)
{
	if (user)
		return u && (!write || w);
	return !write || w || !wp;
}

/* One case: what the manual says is what the walker says. */
static void compare(u32 pde, u32 pte, unsigned acc, bool pse)
{
	bool user = vm->cpu.mode == VMODE_USER && !(acc & ACC_SYSTEM);
	bool write = acc & ACC_WRITE, wp = vm->cpu.cr0 & CR0_WP;
	bool large = pse && pde & PTE_PS && pde & PTE_P;
	bool here = pde & PTE_P && (large || pte & PTE_P);
	u32 both = large ? pde : pde & pte;
	bool ok = here && may(both & PTE_W, both & PTE_U, user, write, wp);
	u32 code = (here ? PF_P : 0) | (write ? PF_W : 0) | (user ? PF_U : 0);

	cr_assert_eq(go(VA, acc), ok, "pde %x pte %x acc %u", pde, pte, acc);
	if (!ok) {
		cr_assert_eq(error, code, "pde %x pte %x acc %u: %x", pde, pte, acc,
			     error);
		return;
	}
	cr_assert(w.paged && w.large == large);
	cr_assert_eq(w.page.a, large ? 0x00c03000u : (u32)PAGE);
	cr_assert_eq(w.writable, !!(both & PTE_W));
	cr_assert_eq(w.user, !!(both & PTE_U));
	cr_assert_eq(w.dirty, !!((large ? pde : pte) & PTE_D));
}

/* Every P, W, U, PS and D of a PDE with every P, W, U and D of a PTE, each way to access. */
static void every_entry(bool pse)
{
	static const unsigned access[] = {ACC_READ, ACC_WRITE, ACC_FETCH, ACC_SYSTEM,
					  ACC_SYSTEM | ACC_WRITE};

	for (u32 i = 0; i < 32; i++) {
		for (u32 k = 0; k < 16; k++) {
			u32 pde = (i & 7) | (i & 8 ? PTE_PS : 0) | (i & 16 ? PTE_D : 0);
			u32 pte = (k & 7) | (k & 8 ? PTE_D : 0) | PAGE;
			bool large = pse && pde & PTE_PS;

			pde |= large ? 0x00c00000 : TABLE;
			entries(pde, pte);
			for (u32 a = 0; a < ARRAY_LEN(access); a++)
				compare(pde, pte, access[a], pse);
		}
	}
}

static void machine_state(bool user, bool wp, bool pse)
{
	vm->cpu.mode = user ? VMODE_USER : VMODE_KERNEL;
	vm->cpu.cr0 = CR0_PE | CR0_PG | (wp ? CR0_WP : 0);
	vm->cpu.cr4 = pse ? CR4_PSE : 0;
	every_entry(pse);
}

#define STATE(name, user, wp, pse)            \
	Test(walk, name)                      \
	{                                     \
		machine_state(user, wp, pse); \
	}
STATE(trap14_kernel_wp, false, true, false)
STATE(trap03_kernel_no_wp, false, false, false)
STATE(trap14_user_wp, true, true, false)
STATE(trap03_user_no_wp_changes_nothing, true, false, false)
STATE(trap22_kernel_wp_pse, false, true, true)
STATE(trap22_kernel_no_wp_pse, false, false, true)
STATE(trap22_user_wp_pse, true, true, true)
STATE(trap22_user_no_wp_pse, true, false, true)

Test(walk, unpaged_is_one_to_one_and_allows_all)
{
	vm->cpu.cr0 = CR0_PE;
	vm->cpu.mode = VMODE_USER;
	cr_assert(go(0xfedcb123, ACC_WRITE));
	cr_assert_eq(w.page.a, 0xfedcb000u);
	cr_assert(!w.paged && !w.large && w.writable && w.user && w.dirty);
	walk_touch(vm, &w, true);
}

Test(walk, walking_changes_nothing)
{
	entries(TABLE | PTE_P | PTE_W, PAGE | PTE_P | PTE_W);
	cr_assert(go(VA, ACC_WRITE));
	cr_assert_eq(peek(AT_PDE), (u32)TABLE | PTE_P | PTE_W);
	cr_assert_eq(peek(AT_PTE), (u32)PAGE | PTE_P | PTE_W);
}

Test(walk, says_where_the_entries_are)
{
	entries(TABLE | PTE_P, PAGE | PTE_P);
	cr_assert(go(VA, ACC_READ));
	cr_assert_eq(w.pde_at.a, (u32)AT_PDE);
	cr_assert_eq(w.pte_at.a, (u32)AT_PTE);
	cr_assert_eq(w.pde.v, (u32)TABLE | PTE_P);
	cr_assert_eq(w.pte.v, (u32)PAGE | PTE_P);
}

/* --- A and D (4.8) ------------------------------------------------------------------ */

Test(walk, trap01_a_read_sets_a_and_not_d)
{
	entries(TABLE | PTE_P | PTE_W, PAGE | PTE_P | PTE_W);
	cr_assert(go(VA, ACC_READ));
	walk_touch(vm, &w, false);
	cr_assert_eq(peek(AT_PDE), (u32)TABLE | PTE_P | PTE_W | PTE_A);
	cr_assert_eq(peek(AT_PTE), (u32)PAGE | PTE_P | PTE_W | PTE_A);
	cr_assert_not(w.dirty);
}

Test(walk, trap01_a_write_sets_d_in_the_leaf_alone)
{
	entries(TABLE | PTE_P | PTE_W, PAGE | PTE_P | PTE_W);
	cr_assert(go(VA, ACC_WRITE));
	walk_touch(vm, &w, true);
	cr_assert_eq(peek(AT_PDE), (u32)TABLE | PTE_P | PTE_W | PTE_A);
	cr_assert_eq(peek(AT_PTE), (u32)PAGE | PTE_P | PTE_W | PTE_A | PTE_D);
	cr_assert(w.dirty);
}

Test(walk, trap22_a_large_page_has_a_and_d_in_the_pde)
{
	vm->cpu.cr4 = CR4_PSE;
	entries(0x00c00000 | PTE_P | PTE_W | PTE_PS, 0);
	cr_assert(go(VA, ACC_WRITE));
	walk_touch(vm, &w, true);
	cr_assert_eq(peek(AT_PDE),
		     0x00c00000u | PTE_P | PTE_W | PTE_PS | PTE_A | PTE_D);
	cr_assert_eq(peek(AT_PTE), 0u);
}

Test(walk, trap02_bits_that_the_guest_cleared_come_back)
{
	entries(TABLE | PTE_P | PTE_W | PTE_A, PAGE | PTE_P | PTE_W | PTE_A | PTE_D);
	cr_assert(go(VA, ACC_WRITE));
	walk_touch(vm, &w, true);
	entries(TABLE | PTE_P | PTE_W, PAGE | PTE_P | PTE_W);
	cr_assert(go(VA, ACC_WRITE));
	walk_touch(vm, &w, true);
	cr_assert(peek(AT_PDE) & PTE_A);
	cr_assert_eq(peek(AT_PTE) & (PTE_A | PTE_D), (u32)PTE_A | PTE_D);
}

Test(walk, entries_that_are_right_are_not_written)
{
	entries(TABLE | PTE_P | PTE_A, PAGE | PTE_P | PTE_A);
	trace_set(vm, ppn(DIR_AT >> PAGE_SHIFT), TRACE_GDT);
	trace_set(vm, ppn(TABLE >> PAGE_SHIFT), TRACE_GDT);
	vm->segs.stale = false;
	cr_assert(go(VA, ACC_READ));
	walk_touch(vm, &w, false);
	cr_assert_not(vm->segs.stale, "a write that was not needed");
	cr_assert(go(VA, ACC_READ));
	walk_touch(vm, &w, true);
	cr_assert(vm->segs.stale, "D went past the trace");
}

/* --- large pages and reserved bits -------------------------------------------------- */

Test(walk, trap22_reserved_bits_of_a_large_pde)
{
	vm->cpu.cr4 = CR4_PSE;
	for (u32 bit = 12; bit < 22; bit++) {
		entries(0x00c00000 | PTE_P | PTE_W | PTE_U | PTE_PS | 1u << bit, 0);
		cr_assert_eq(go(VA, ACC_WRITE), bit == 12, "bit %u", bit);
		if (bit > 12)
			cr_assert_eq(error, (u32)(PF_P | PF_W | PF_RSVD), "%x", error);
	}
}

Test(walk, reserved_bits_say_who_and_how)
{
	vm->cpu.cr4 = CR4_PSE;
	vm->cpu.mode = VMODE_USER;
	entries(0x00c00000 | PTE_P | PTE_PS | 1u << 13, 0);
	cr_assert_not(go(VA, ACC_READ));
	cr_assert_eq(error, (u32)(PF_P | PF_U | PF_RSVD));
	entries(0x00c00000 | PTE_PS | 1u << 13, 0);
	cr_assert_not(go(VA, ACC_READ));
	cr_assert_eq(error, (u32)PF_U, "not present: nothing is reserved");
}

Test(walk, trap22_without_pse_ps_means_nothing)
{
	entries(TABLE | PTE_P | PTE_PS, PAGE | PTE_P);
	cr_assert(go(VA, ACC_READ));
	cr_assert_not(w.large);
	cr_assert_eq(w.page.a, (u32)PAGE);
	walk_touch(vm, &w, false);
	cr_assert_eq(peek(AT_PDE), (u32)TABLE | PTE_P | PTE_PS | PTE_A);
}

Test(walk, a_large_page_has_1024_pages)
{
	vm->cpu.cr4 = CR4_PSE;
	entries(0x00800000 | PTE_P | PTE_PS, 0);
	for (u32 i = 0; i < 1024; i++) {
		cr_assert(go(0x00c00000 + i * PAGE_SIZE + 0xfff, ACC_READ));
		cr_assert_eq(w.page.a, 0x00800000 + i * PAGE_SIZE);
	}
}

/* --- trap 25: nothing in CR3 or a table is believed ---------------------------------- */

Test(walk, trap25_low_bits_of_cr3_mean_nothing)
{
	entries(TABLE | PTE_P, PAGE | PTE_P);
	for (u32 junk = 1; junk < PAGE_SIZE; junk += 37) {
		vm->cpu.cr3 = DIR_AT | junk;
		cr_assert(go(VA, ACC_READ));
		cr_assert_eq(w.pde_at.a, (u32)AT_PDE);
	}
}

Test(walk, low_bits_of_a_pde_are_no_part_of_its_table)
{
	entries(TABLE | 0xf5f, PAGE | 0xe1f);
	cr_assert(go(VA, ACC_READ));
	cr_assert_eq(w.pte_at.a, (u32)AT_PTE);
	cr_assert_eq(w.page.a, (u32)PAGE);
}

/* Beyond memory everything reads all ones: an entry that is there and leads nowhere. */
Test(walk, trap25_a_directory_beyond_memory)
{
	static const u32 where[] = {CORE_PAGES * PAGE_SIZE, 0x80000000, 0xfffff000,
				    0xa0000};

	for (u32 i = 0; i < ARRAY_LEN(where); i++) {
		vm->cpu.cr3 = where[i];
		cr_assert(go(0xffffffff, ACC_WRITE));
		cr_assert_eq(w.page.a, 0xfffff000u);
		walk_touch(vm, &w, true);
		vm->cpu.cr4 = CR4_PSE;
		cr_assert_not(go(VA, ACC_READ));
		cr_assert_eq(error, (u32)(PF_P | PF_RSVD));
		vm->cpu.cr4 = 0;
	}
}

Test(walk, trap25_a_table_beyond_memory)
{
	entries(0xfffff000 | PTE_P, 0);
	vm->cpu.cr0 |= CR0_WP;
	cr_assert_not(go(VA, ACC_WRITE));
	cr_assert_eq(error, (u32)(PF_P | PF_W));
	cr_assert(go(VA, ACC_READ));
	cr_assert_eq(w.page.a, 0xfffff000u);
	walk_touch(vm, &w, false);
}

Test(walk, trap05_a_directory_that_is_its_own_table)
{
	poke(DIR_AT + 1023 * 4, DIR_AT | PTE_P | PTE_W);
	cr_assert(go(0xfffff000, ACC_WRITE));
	cr_assert_eq(w.page.a, (u32)DIR_AT);
	cr_assert_eq(w.pde_at.a, w.pte_at.a);
	walk_touch(vm, &w, true);
	cr_assert_eq(peek(DIR_AT + 1023 * 4),
		     (u32)DIR_AT | PTE_P | PTE_W | PTE_A | PTE_D);
}

Test(walk, corners_of_the_address_space)
{
	poke(DIR_AT, TABLE | PTE_P);
	poke(TABLE, 0x1000 | PTE_P);
	poke(TABLE + 1023 * 4, 0x2000 | PTE_P);
	cr_assert(go(0, ACC_READ));
	cr_assert_eq(w.page.a, 0x1000u);
	cr_assert(go(0x003fffff, ACC_READ));
	cr_assert_eq(w.page.a, 0x2000u);
	cr_assert_not(go(0x00400000, ACC_READ));
	cr_assert_eq(error, 0u);
}
