/*
 * Guest memory from our side: by physical address, by linear address, and the short way
 * through the shadow.
 */
#include "grader/unit/core_model.h"
#include "kernel/paging.h"

TestSuite(gmem, .init = core_init, .fini = core_done, .timeout = 20);

enum { END = CORE_PAGES * PAGE_SIZE, RW = PTE_P | PTE_W | PTE_U };

static void fill(u8 *buf, u32 n)
{
	for (u32 i = 0; i < n; i++)
		buf[i] = (u8)(i * 7 + 3);
}

/* --- by physical address ---------------------------------------------------------------- */

Test(gmem, every_way_to_cross_a_page)
{
	u8 out[64], in[64];

	fill(out, sizeof(out));
	for (u32 at = DATA + PAGE_SIZE - 64; at <= DATA + PAGE_SIZE; at++) {
		gpa_write(vm, gpa(at), out, sizeof(out));
		gpa_read(vm, gpa(at), in, sizeof(in));
		cr_assert_arr_eq(in, out, sizeof(in));
		for (u32 i = 0; i < sizeof(out); i++)
			cr_assert_eq(peek_byte(at + i), out[i], "0x%x", at + i);
	}
}

Test(gmem, many_pages_at_once)
{
	static u8 out[5 * PAGE_SIZE], in[5 * PAGE_SIZE];

	fill(out, sizeof(out));
	gpa_write(vm, gpa(DATA + 100), out, sizeof(out));
	gpa_read(vm, gpa(DATA + 100), in, sizeof(in));
	cr_assert_arr_eq(in, out, sizeof(in));
	cr_assert_eq(peek_byte(DATA + 99), 0);
	cr_assert_eq(peek_byte(DATA + 100 + sizeof(out)), 0);
}

Test(gmem, nothing_is_nothing)
{
	u8 byte = 0x5a;

	gpa_write(vm, gpa(DATA), &byte, 0);
	gpa_read(vm, gpa(END), &byte, 0);
	cr_assert_eq(byte, 0x5a);
	cr_assert_eq(peek_byte(DATA), 0);
}

Test(gmem, trap25_beyond_memory_reads_ones_and_swallows_writes)
{
	static const u32 where[] = {END,	END + 1, 0x80000000,
				    0xfffff000, 0xa0000, 0xfffff};
	u32 value = 0;

	for (u32 i = 0; i < ARRAY_LEN(where); i++) {
		gpa_write(vm, gpa(where[i]), &value, 1);
		gpa_read(vm, gpa(where[i]), &value, 1);
		cr_assert_eq(value, 0xffu, "0x%x", where[i]);
		value = 0;
	}
	cr_assert_eq(gpa_read32(vm, gpa(END)), ~0u);
	cr_assert_eq(gpa_read32(vm, gpa(0xfffffffc)), ~0u);
}

Test(gmem, half_in_memory_half_beyond)
{
	u8 buf[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	static const u8 seen[8] = {1, 2, 3, 4, 0xff, 0xff, 0xff, 0xff};

	gpa_write(vm, gpa(END - 4), buf, sizeof(buf));
	gpa_read(vm, gpa(END - 4), buf, sizeof(buf));
	cr_assert_arr_eq(buf, seen, sizeof(buf));
}

Test(gmem, across_the_hole_of_a_pc)
{
	static u8 out[0x62 * PAGE_SIZE], in[sizeof(out)];

	memset(out, 0x5a, sizeof(out));
	gpa_write(vm, gpa(0x9f000), out, sizeof(out));
	gpa_read(vm, gpa(0x9f000), in, sizeof(in));
	for (u32 i = 0; i < sizeof(in); i++) {
		u32 p = (0x9f000 + i) >> PAGE_SHIFT;
		bool device = p >= 0xa0 && p < 0x100 && (p < 0xb8 || p >= 0xc0);

		cr_assert_eq(in[i], device ? 0xff : 0x5a, "at 0x%x", 0x9f000 + i);
	}
}

Test(gmem, a_word_must_be_aligned, .signal = SIGABRT)
{
	gpa_read32(vm, gpa(DATA + 2));
}

/* --- traces ---------------------------------------------------------------------------------- */

Test(gmem, a_write_to_the_gdt_is_noticed)
{
	u32 value = 0;

	gpa_write(vm, gpa(GDT_AT + PAGE_SIZE - 1), &value, 1);
	cr_assert(vm->segs.stale);
	cr_assert(vm->attention & ATTEND_GDT);
}

Test(gmem, a_write_beside_it_is_not)
{
	u64 value = 0;

	gpa_write(vm, gpa(GDT_AT - 8), &value, 8);
	gpa_write(vm, gpa(GDT_AT + PAGE_SIZE), &value, 8);
	gpa_read(vm, gpa(GDT_AT), &value, 8);
	cr_assert_not(vm->segs.stale);
	gpa_write(vm, gpa(GDT_AT - 7), &value, 8);
	cr_assert(vm->segs.stale, "a write that straddles (trap 23)");
}

/* The patch's own byte is put back first; what is written then stays. */
Test(gmem, trap48_patches_go_before_the_bytes_come)
{
	static const char table[] = "00040100 9c pushf\n00040104 9d popf\n";
	u8 bytes[2] = {0x11, 0x22};

	poke_byte(0x40100, 0x9c);
	poke_byte(0x40104, 0x9d);
	cr_assert(patch_apply(vm, table, sizeof(table) - 1));
	gpa_write(vm, gpa(0x400ff), bytes, 2);
	cr_assert_eq(peek_byte(0x400ff), 0x11);
	cr_assert_eq(peek_byte(0x40100), 0x22);
	cr_assert_null(patch_at(vm, gpa(0x40100)));
	cr_assert_eq(peek_byte(0x40104), 0xf4, "the other one stays");
	cr_assert_not_null(patch_at(vm, gpa(0x40104)));
}

/* --- spans ------------------------------------------------------------------------------------- */

static struct gspan span;

Test(gmem, a_span_across_two_pages_that_lie_apart)
{
	u8 out[64], in[64];
	struct gfault f;

	paging_on(RW);
	map(0x100000, DATA + 0x5000, RW);
	map(0x101000, DATA + 0x2000, RW);
	fill(out, sizeof(out));
	for (u32 n = 1; n <= SPAN_MAX; n++) {
		cr_assert(gspan_check(vm, gva(0x101000 - 20), n, ACC_WRITE, &span, &f));
		gspan_write(vm, &span, out);
		gspan_read(vm, &span, in);
		cr_assert_arr_eq(in, out, n);
		cr_assert_eq(span.len[0] + span.len[1], n);
		cr_assert_eq(span.len[1], n > 20 ? n - 20 : 0);
	}
	cr_assert_eq(peek_byte(DATA + 0x5fff), out[19]);
	cr_assert_eq(peek_byte(DATA + 0x2000), out[20]);
}

Test(gmem, a_span_sets_a_and_d_in_both_pages)
{
	struct gfault f;

	paging_on(RW);
	cr_assert(gspan_check(vm, gva(0x101000 - 2), 4, ACC_READ, &span, &f));
	cr_assert_eq(pte_of(0x100000) & (PTE_A | PTE_D), (u32)PTE_A);
	cr_assert_eq(pte_of(0x101000) & (PTE_A | PTE_D), (u32)PTE_A);
	cr_assert(gspan_check(vm, gva(0x101000 - 2), 4, ACC_WRITE, &span, &f));
	cr_assert_eq(pte_of(0x100000) & (PTE_A | PTE_D), (u32)PTE_A | PTE_D);
	cr_assert_eq(pte_of(0x101000) & (PTE_A | PTE_D), (u32)PTE_A | PTE_D);
}

Test(gmem, a_fault_names_the_byte_that_faults)
{
	struct gfault f;

	paging_on(RW);
	map(0x101000, 0, 0);
	cr_assert_not(gspan_check(vm, gva(0x101000 - 2), 4, ACC_WRITE, &span, &f));
	cr_assert_eq(f.vector, VEC_PF);
	cr_assert(f.has_error);
	cr_assert_eq(f.error, (u32)PF_W);
	cr_assert_eq(f.addr.a, 0x101000u, "0x%x", f.addr.a);
	map(0x100000, 0, 0);
	cr_assert_not(gspan_check(vm, gva(0x101000 - 2), 4, ACC_READ, &span, &f));
	cr_assert_eq(f.addr.a, 0x101000u - 2);
	cr_assert_eq(f.error, 0u);
}

Test(gmem, trap25_a_span_around_the_end_of_the_address_space)
{
	u32 value = 0x44332211;
	struct gfault f;

	paging_on(RW);
	map(0xfffff000, DATA, RW);
	map(0, DATA + PAGE_SIZE, RW);
	cr_assert(gspan_check(vm, gva(0xfffffffe), 4, ACC_WRITE, &span, &f));
	gspan_write(vm, &span, &value);
	cr_assert_eq(peek_byte(DATA + 0xffe), 0x11);
	cr_assert_eq(peek_byte(DATA + PAGE_SIZE + 1), 0x44);
}

Test(gmem, system_rights_whatever_the_mode)
{
	struct gfault f;

	paging_on(PTE_P | PTE_W);
	user_mode();
	cr_assert_not(gspan_check(vm, gva(DATA), 4, ACC_READ, &span, &f));
	cr_assert_eq(f.error, (u32)(PF_P | PF_U));
	cr_assert(gspan_check(vm, gva(DATA), 4, ACC_READ | ACC_SYSTEM, &span, &f));
}

Test(gmem, a_span_of_nothing_is_our_bug, .signal = SIGABRT)
{
	struct gfault f;

	gspan_check(vm, gva(DATA), 0, ACC_READ, &span, &f);
}

Test(gmem, a_span_too_long_is_our_bug, .signal = SIGABRT)
{
	struct gfault f;

	gspan_check(vm, gva(DATA), SPAN_MAX + 1, ACC_READ, &span, &f);
}

/* --- the short way ------------------------------------------------------------------------------ */

/* Both ways give the same bytes, faults, A and D bits: every alignment around a page's end. */
static void same_both_ways(bool short_way)
{
	u8 out[16], in[16];

	core.no_peek = !short_way;
	fill(out, sizeof(out));
	for (u32 at = 0x100ff0; at < 0x101010; at++) {
		for (u32 n = 1; n <= 16; n++) {
			EXPECT_OK(gva_write(vm, gva(at), out, n, 0, &f));
			EXPECT_OK(gva_read(vm, gva(at), in, n, 0, &f));
			cr_assert_arr_eq(in, out, n);
		}
	}
	cr_assert_eq(pte_of(0x100000) & (PTE_A | PTE_D), (u32)PTE_A | PTE_D);
	cr_assert_eq(pte_of(0x102000) & (PTE_A | PTE_D), 0u);
	cr_assert_eq(core.pokes > 0, short_way);
}

Test(gmem, trap01_the_short_way_is_the_long_way)
{
	paging_on(RW);
	same_both_ways(true);
}

Test(gmem, the_long_way_alone)
{
	paging_on(RW);
	same_both_ways(false);
}

Test(gmem, trap01_a_short_read_leaves_d_alone)
{
	u32 word;

	paging_on(RW);
	EXPECT_OK(gva_read(vm, gva(DATA), &word, 4, 0, &f));
	cr_assert_eq(core.peeks, 1u, "not the short way");
	cr_assert_eq(pte_of(DATA) & (PTE_A | PTE_D), (u32)PTE_A);
	EXPECT_OK(gva_write(vm, gva(DATA), &word, 4, 0, &f));
	cr_assert_eq(pte_of(DATA) & (PTE_A | PTE_D), (u32)PTE_A | PTE_D);
}

Test(gmem, the_short_way_cannot_pass_a_trace)
{
	u32 word = 0;

	EXPECT_OK(gva_read(vm, gva(GDT_AT + 8), &word, 4, ACC_SYSTEM, &f));
	EXPECT_OK(gva_write(vm, gva(GDT_AT + 8), &word, 4, ACC_SYSTEM, &f));
	cr_assert_eq(core.pokes, 0u);
	cr_assert(vm->segs.stale);
}

Test(gmem, trap03_the_short_way_respects_wp)
{
	u32 word = 7;

	paging_on(PTE_P | PTE_U);
	EXPECT_FAULT(gva_write(vm, gva(DATA), &word, 4, 0, &f), VEC_PF, PF_P | PF_W);
	vm->cpu.cr0 &= ~(u32)CR0_WP;
	mode_flush(vm);
	EXPECT_OK(gva_write(vm, gva(DATA), &word, 4, 0, &f));
	cr_assert_eq(peek(DATA), 7u);
}

Test(gmem, user_mode_cannot_read_the_kernels_pages_by_either_way)
{
	u32 word;

	paging_on(PTE_P | PTE_W);
	EXPECT_OK(gva_read(vm, gva(DATA), &word, 4, 0, &f));
	user_mode();
	EXPECT_FAULT(gva_read(vm, gva(DATA), &word, 4, 0, &f), VEC_PF, PF_P | PF_U);
	core.no_peek = true;
	EXPECT_FAULT(gva_read(vm, gva(DATA), &word, 4, 0, &f), VEC_PF, PF_P | PF_U);
}

/* For the kernel's tables while user mode runs: right with either view loaded. */
Test(gmem, system_access_from_user_mode)
{
	u32 word = 0;

	paging_on(PTE_P | PTE_W);
	poke(DATA, 0x12345678);
	user_mode();
	EXPECT_OK(gva_read(vm, gva(DATA), &word, 4, ACC_SYSTEM, &f));
	cr_assert_eq(word, 0x12345678u);
	cr_assert_eq(core.peeks, 0u, "the user view is loaded");
	mode_lend_kernel_view(vm);
	EXPECT_OK(gva_read(vm, gva(DATA), &word, 4, ACC_SYSTEM, &f));
	cr_assert_eq(core.peeks, 1u);
	EXPECT_FAULT(gva_read(vm, gva(DATA), &word, 4, 0, &f), VEC_PF, PF_P | PF_U);
	mode_return_view(vm);
	cr_assert_eq(vm->view, VMODE_USER);
	cr_assert_not(mmu(VMODE_USER, DATA).present, "the user view has it");
}

Test(gmem, the_hosts_part_is_never_peeked_at)
{
	u32 word;

	paging_on(RW);
	map(0xfc000000, DATA, RW);
	poke(DATA, 0x600d);
	EXPECT_OK(gva_read(vm, gva(0xfc000000), &word, 4, 0, &f));
	cr_assert_eq(word, 0x600du, "the guest's memory, not ours");
	cr_assert_eq(core.peeks, 0u);
}
