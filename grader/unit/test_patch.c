/*
 * Patches: tables of any bytes, where they apply, what stood there, and when they go.
 */
#include "grader/unit/core_model.h"
#include <stdio.h>
#include <stdlib.h>

TestSuite(patch, .init = core_init, .fini = core_done, .timeout = 20);

enum { CODE = 0x40000, HLT = 0xf4, PUSHF = 0x9c, POPF = 0x9d };

/* A page of pushf, and cpuid at its end. */
static void code(void)
{
	for (u32 i = 0; i < PAGE_SIZE; i++)
		poke_byte(CODE + i, PUSHF);
	poke_byte(CODE + 0x800, 0x0f);
	poke_byte(CODE + 0x801, 0xa2);
	poke_byte(CODE + 0x900, POPF);
}

static void apply_n(const char *text, u32 size)
{
	code();
	cr_assert(patch_apply(vm, text, size));
}

static void apply(const char *text)
{
	apply_n(text, (u32)strlen(text));
}

/* Only this many sites, and the event says the same. */
static void expect_sites(u32 sites, u32 skipped)
{
	char said[64];

	snprintf(said, sizeof(said), "patch.apply vm=1 sites=%u skipped=%u;", sites,
		 skipped);
	cr_assert(happened(said), "'%s' is not '%s'", core.events, said);
	cr_assert_eq(vm->patches.count, sites);
}

static bool patched(u32 at)
{
	const struct patch *p = patch_at(vm, gpa(at));

	return p && p->gpa == at && p->live;
}

/* --- reading a table ------------------------------------------------------------------ */

Test(patch, three_kinds)
{
	apply("00040010 9c pushf\n00040800 0f cpuid\n00040900 9d popf\n");
	expect_sites(3, 0);
	cr_assert_eq(peek_byte(CODE + 0x10), HLT);
	cr_assert_eq(peek_byte(CODE + 0x900), HLT);
	cr_assert_eq(peek_byte(CODE + 0x11), PUSHF, "its neighbour");
	cr_assert_eq(patch_original(patch_at(vm, gpa(CODE + 0x10))), PUSHF);
	cr_assert_eq(patch_original(patch_at(vm, gpa(CODE + 0x900))), POPF);
}

/* cpuid, 0f a2, becomes ud2, 0f 0b. */
Test(patch, cpuid_is_changed_in_its_second_byte)
{
	apply("40800 0f cpuid\n");
	cr_assert_eq(peek_byte(CODE + 0x800), 0x0f);
	cr_assert_eq(peek_byte(CODE + 0x801), 0x0b);
	cr_assert_not(patched(CODE + 0x800));
	cr_assert(patched(CODE + 0x801));
	cr_assert_eq(patch_original(patch_at(vm, gpa(CODE + 0x801))), 0xa2);
}

Test(patch, no_table)
{
	apply("");
	expect_sites(0, 0);
	cr_assert_null(patch_at(vm, gpa(CODE)));
	cr_assert_null(patch_at(vm, gpa(0xffffffff)));
}

Test(patch, no_newline_at_the_end)
{
	apply("40010 9c pushf");
	expect_sites(1, 0);
}

Test(patch, tabs_blanks_and_words_behind)
{
	apply("  40010\t\t9c  pushf   <restore_flags+4>\n\t40020 9c pushf\t\n");
	expect_sites(2, 0);
}

Test(patch, lines_that_end_as_on_dos)
{
	apply("40010 9c pushf\r\n40020 9c pushf\r\n");
	expect_sites(2, 0);
}

Test(patch, garbage_is_skipped_and_counted)
{
	static const char *const bad[] = {"\n",
					  "hello\n",
					  "40010\n",
					  "40010 9c\n",
					  "40010 9c hlt\n",
					  "40010 9c PUSHF\n",
					  "40010 9d pushf\n",
					  "40010 09c0 pushf\n",
					  "0x40010 9c pushf\n",
					  "-40010 9c pushf\n",
					  "4001g 9c pushf\n",
					  "000040010 9c pushf\n",
					  "123456789abcdef0123456789abcdef 9c pushf\n",
					  "40010 9c pushfpushfpushfpushfpushf\n",
					  "40010 123456789abcdef012345 pushf\n",
					  "40010,9c,pushf\n"};

	for (u32 i = 0; i < ARRAY_LEN(bad); i++) {
		core.events[0] = '\0';
		apply(bad[i]);
		expect_sites(0, 1);
		cr_assert_eq(peek_byte(CODE + 0x10), PUSHF, "%s", bad[i]);
		patch_destroy(vm);
	}
}

Test(patch, bad_lines_do_not_hide_good_ones)
{
	apply("nonsense\n40010 9c pushf\n40011 9d popf\n\n40012 9c pushf\n");
	expect_sites(2, 3);
	cr_assert(patched(CODE + 0x10) && patched(CODE + 0x12));
}

/* Every byte value, and every end: nothing is read beyond the text, which ASan guards. */
Test(patch, trap25_any_bytes)
{
	static const char line[] = "40010 9c pushf\n";
	u32 seed = 12345;

	for (u32 n = 0; n < sizeof(line); n++) {
		char *text = malloc(n + 1);

		memcpy(text, line, n);
		code();
		cr_assert(patch_apply(vm, text, n));
		cr_assert_eq(vm->patches.count, n >= sizeof(line) - 2);
		patch_destroy(vm);
		free(text);
	}
	for (u32 round = 0; round < 200; round++) {
		char text[97];

		for (u32 i = 0; i < sizeof(text); i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = (char)(seed >> 16);
		}
		cr_assert(patch_apply(vm, text, sizeof(text)));
		cr_assert_eq(vm->patches.count, 0u);
		patch_destroy(vm);
	}
}

Test(patch, unsorted_lines_are_all_found)
{
	apply("40030 9c pushf\n40010 9c pushf\n40020 9c pushf\n40005 9c pushf\n");
	expect_sites(4, 0);
	cr_assert(patched(0x40030) && patched(0x40010) && patched(0x40020) &&
		  patched(0x40005));
	for (u32 i = 1; i < 4; i++)
		cr_assert_lt(vm->patches.site[i - 1].gpa, vm->patches.site[i].gpa);
	cr_assert_not(patched(0x40006));
}

Test(patch, a_line_twice_counts_once)
{
	apply("40010 9c pushf\n40010 9c pushf\n40010 9d popf\n");
	expect_sites(1, 2);
	cr_assert_eq(patch_original(patch_at(vm, gpa(0x40010))), PUSHF);
}

/* More lines than a table may have: the rest is left, nothing overflows. */
Test(patch, trap25_a_huge_table)
{
	u32 lines = PATCH_MAX + 500, at = 0;
	char *text = malloc(lines * 16 + 1);

	for (u32 i = 0; i < lines; i++) {
		poke_byte(0x100000 + i, PUSHF);
		at += (u32)sprintf(text + at, "%x 9c pushf\n", 0x100000 + i);
	}
	cr_assert(patch_apply(vm, text, at));
	free(text);
	cr_assert_eq(vm->patches.count, (u32)PATCH_MAX);
	cr_assert(patched(0x100000 + PATCH_MAX - 1));
	cr_assert_eq(peek_byte(0x100000 + PATCH_MAX), PUSHF);
}

Test(patch, no_memory_for_the_table)
{
	core.heap_left = 0;
	cr_assert_not(patch_apply(vm, "40010 9c pushf\n", 15));
	patch_destroy(vm);
	core.heap_left = ~0u;
}

/* --- only where the expected bytes stand ------------------------------------------------ */

Test(patch, trap48_what_stands_there_decides)
{
	code();
	poke_byte(CODE + 0x10, 0x90);
	poke_byte(CODE + 0x801, 0x05);
	cr_assert(patch_apply(vm, "40010 9c pushf\n40800 0f cpuid\n", 30));
	expect_sites(0, 2);
	cr_assert_eq(peek_byte(CODE + 0x10), 0x90);
	cr_assert_eq(peek_byte(CODE + 0x801), 0x05);
	patch_destroy(vm);
	poke_byte(CODE + 0x800, 0x90);
	poke_byte(CODE + 0x801, 0xa2);
	cr_assert(patch_apply(vm, "40800 0f cpuid\n", 15));
	cr_assert_eq(vm->patches.count, 0u);
	cr_assert_eq(peek_byte(CODE + 0x801), 0xa2);
}

Test(patch, trap25_addresses_that_are_no_memory)
{
	apply("a0000 9c pushf\n400000 9c pushf\nffffffff 0f cpuid\nfffff000 9d popf\n");
	expect_sites(0, 4);
}

Test(patch, cpuid_across_a_page_end)
{
	poke_byte(0x40fff, 0x0f);
	poke_byte(0x41000, 0xa2);
	cr_assert(patch_apply(vm, "40fff 0f cpuid\n", 15));
	cr_assert(patched(0x41000));
	cr_assert(trace_get(vm, ppn(0x41)) & TRACE_PATCH);
	cr_assert_eq(trace_get(vm, ppn(0x40)), 0u);
}

Test(patch, the_page_is_traced)
{
	apply("40010 9c pushf\n");
	cr_assert(trace_get(vm, ppn(0x40)) & TRACE_PATCH);
	cr_assert_eq(trace_get(vm, ppn(0x3f)) | trace_get(vm, ppn(0x41)), 0u);
}

/* --- overwriting ---------------------------------------------------------------------------- */

Test(patch, trap48_a_write_removes_what_it_hits_and_no_more)
{
	u8 bytes[4] = {1, 2, 3, 4};

	apply("40010 9c pushf\n40014 9c pushf\n40017 9c pushf\n40018 9c pushf\n");
	gpa_write(vm, gpa(0x40014), bytes, 4);
	cr_assert(patched(0x40010) && patched(0x40018));
	cr_assert_not(patched(0x40014) || patched(0x40017));
	cr_assert_eq(peek_byte(0x40014), 1);
	cr_assert_eq(peek_byte(0x40017), 4);
	cr_assert_eq(peek_byte(0x40010), HLT);
	cr_assert(happened("patch.drop vm=1 gpa=0x40014;"));
	cr_assert_not(happened("gpa=0x40018;"));
}

Test(patch, a_real_hlt_that_is_written_there_is_no_patch)
{
	u8 hlt = HLT;

	apply("40010 9c pushf\n");
	gpa_write(vm, gpa(0x40010), &hlt, 1);
	cr_assert_null(patch_at(vm, gpa(0x40010)));
	cr_assert_eq(peek_byte(0x40010), HLT);
}

/* The bytes between two writes: half of an overwritten word stays as the guest knows it. */
Test(patch, what_is_told_but_not_written_is_as_before)
{
	apply("40010 9c pushf\n40800 0f cpuid\n");
	patch_overwritten(vm, gpa(0x40000), PAGE_SIZE);
	cr_assert_eq(peek_byte(0x40010), PUSHF);
	cr_assert_eq(peek_byte(0x40801), 0xa2);
	cr_assert_null(patch_at(vm, gpa(0x40010)));
}

Test(patch, trap31_dma_takes_the_whole_page)
{
	mpn_t m;

	apply("40010 9c pushf\n40fff 9c pushf\n");
	cr_assert(pmap_pin(vm, ppn(0x40), true, &m));
	cr_assert_eq(peek_byte(0x40010), PUSHF);
	cr_assert_eq(peek_byte(0x40fff), PUSHF);
	cr_assert_not(patched(0x40010) || patched(0x40fff));
	cr_assert_eq(trace_get(vm, ppn(0x40)), 0u);
	pmap_unpin(vm, ppn(0x40));
}

Test(patch, dma_out_of_a_page_leaves_it)
{
	mpn_t m;

	apply("40010 9c pushf\n");
	cr_assert(pmap_pin(vm, ppn(0x40), false, &m));
	cr_assert(patched(0x40010));
	pmap_unpin(vm, ppn(0x40));
}

Test(patch, overwriting_beyond_a_page_is_our_bug, .signal = SIGABRT)
{
	apply("40010 9c pushf\n");
	patch_overwritten(vm, gpa(0x40010), PAGE_SIZE);
}

Test(patch, destroying_forgets)
{
	apply("40010 9c pushf\n");
	patch_destroy(vm);
	cr_assert_null(patch_at(vm, gpa(0x40010)));
	patch_destroy(vm);
}
