/*
 * The shadow GDTs against the table in vmm/segs.h, the guest's own view of its descriptors,
 * and registers that run on what is in no table any more.
 */
#include "grader/unit/core_model.h"
#include "kernel/paging.h"

TestSuite(segs, .init = core_init, .fini = core_done, .timeout = 20);

enum { FLAT = 0xC };

static struct descriptor seen(enum vmode view, u16 sel)
{
	return vm->segs.view[view][sel >> 3];
}

static void put(struct descriptor d)
{
	set_desc(SPARE, d);
	segs_load(vm);
}

static bool none(struct descriptor d)
{
	return d.lo == 0 && d.hi == 0;
}

/* --- what becomes of a descriptor ------------------------------------------------------------ */

/* Every access byte: type, S, DPL, P. The rest of the descriptor is never touched. */
Test(segs, every_descriptor)
{
	for (u32 access = 0; access < 256; access++) {
		struct descriptor d = desc(0x12345678, 0xabcde, (u8)access, FLAT);
		bool segment = access & 0x10, code = access & 0x08;
		u32 user = d.hi | DESC_ACCESSED, kernel = user | DESC_DPL;

		put(d);
		if (code && (access & 0x60) == 0x60)
			kernel &= ~(u32)DESC_PRESENT;
		if (!segment) {
			cr_assert(none(seen(VMODE_KERNEL, SPARE)), "%x", access);
			cr_assert(none(seen(VMODE_USER, SPARE)), "%x", access);
			continue;
		}
		cr_assert_eq(seen(VMODE_KERNEL, SPARE).hi, kernel, "%x", access);
		cr_assert_eq(seen(VMODE_USER, SPARE).hi, user, "%x", access);
		cr_assert_eq(seen(VMODE_KERNEL, SPARE).lo, d.lo);
		cr_assert_eq(seen(VMODE_USER, SPARE).lo, d.lo);
	}
}

/* No descriptor of a guest gives it ring 0 to 2 rights on our CPU. */
Test(segs, nothing_in_the_kernel_view_is_inner)
{
	for (u32 access = 0; access < 256; access++) {
		put(desc(0, 0xfffff, (u8)access, FLAT));
		cr_assert(none(seen(VMODE_KERNEL, SPARE)) ||
			  (seen(VMODE_KERNEL, SPARE).hi & DESC_DPL) == DESC_DPL);
	}
}

Test(segs, gates_tss_and_ldt_are_left_out)
{
	static const u8 system[] = {0x82, 0x89, 0x8b, 0x8c, 0xe5, 0xee, 0xef};

	for (u32 i = 0; i < ARRAY_LEN(system); i++) {
		put(desc(0x1000, 0x67, system[i], 0));
		cr_assert(none(seen(VMODE_KERNEL, SPARE)));
		cr_assert(none(seen(VMODE_USER, SPARE)));
	}
}

Test(segs, slot_0_is_null_whatever_is_there)
{
	set_desc(0, desc(0, 0xfffff, A_DATA, FLAT));
	segs_load(vm);
	cr_assert(none(seen(VMODE_KERNEL, 0)) && none(seen(VMODE_USER, 0)));
}

/* --- limits ------------------------------------------------------------------------------------ */

/* A table of any length: what it does not wholly hold is not there. */
Test(segs, trap25_every_limit)
{
	for (u32 i = 1; i < GDT_SLOTS; i++)
		set_desc((u16)(i * 8), desc(i << 12, 1, A_DATA, 0));
	for (u32 limit = 0; limit < GDT_SLOTS * 8; limit++) {
		cpu_lgdt(vm, (struct dtable){GDT_AT, (u16)limit});
		for (u32 i = 1; i < GDT_SLOTS; i++) {
			struct descriptor d;
			bool there = i * 8 + 7 <= limit;

			cr_assert_eq(none(seen(VMODE_KERNEL, (u16)(i * 8))), !there,
				     "slot %u, limit 0x%x", i, limit);
			cr_assert_eq(segs_guest(vm, (u16)(i * 8), &d), there);
		}
	}
}

static void check_host_slots(void)
{
	static struct descriptor want[GDT_BYTES / 8];

	gdt_host_slots(want);
	for (u32 i = SEL_HOST_CODE >> 3; i < ARRAY_LEN(want); i++) {
		bool carry = i == SEL_CARRY_CODE >> 3 || i == SEL_CARRY_DATA >> 3;

		cr_assert_arr_eq(&vm->segs.view[VMODE_KERNEL][i], &want[i], 8);
		if (!carry)
			cr_assert_arr_eq(&vm->segs.view[VMODE_USER][i], &want[i], 8);
	}
}

/* A guest's table that is as long as can be, all of it present segments. */
Test(segs, trap25_the_hosts_slots_are_never_overwritten)
{
	check_host_slots();
	for (u32 at = 0; at < 0x10000; at += 8) {
		poke(0x100000 + at, 0xffff);
		poke(0x100000 + at + 4, 0x00cf9300);
	}
	cpu_lgdt(vm, (struct dtable){0x100000, 0xffff});
	check_host_slots();
	cr_assert_not(none(seen(VMODE_KERNEL, GUEST_GDT_LIMIT & ~7u)));
	cpu_lgdt(vm, (struct dtable){0, 0});
	check_host_slots();
	segs_untrace(vm);
	segs_refresh(vm);
	check_host_slots();
}

Test(segs, selectors_of_the_host_are_no_descriptors_of_the_guest)
{
	struct descriptor d;

	cpu_lgdt(vm, (struct dtable){0x100000, 0xffff});
	for (u32 sel = SEL_HOST_CODE; sel < 0x10000; sel += 8) {
		bool carry = (sel & ~3u) == (SEL_CARRY_CODE & ~3u) ||
			     (sel & ~3u) == (SEL_CARRY_DATA & ~3u);

		cr_assert_eq(segs_guest(vm, (u16)sel, &d), carry, "0x%x", sel);
	}
	user_mode();
	cr_assert_not(segs_guest(vm, SEL_CARRY_CODE, &d));
	cr_assert_not(segs_guest(vm, SEL_CARRY_DATA, &d));
}

Test(segs, the_carry_slots_are_not_in_the_user_view)
{
	cr_assert(none(seen(VMODE_USER, SEL_CARRY_CODE)));
	cr_assert(none(seen(VMODE_USER, SEL_CARRY_DATA)));
	cr_assert_eq(seen(VMODE_KERNEL, SEL_CARRY_CODE).hi & DESC_DPL, (u32)DESC_DPL);
}

Test(segs, trap25_a_table_beyond_memory)
{
	struct descriptor d;

	cpu_lgdt(vm, (struct dtable){0xffffff00, 0xffff});
	cpu_lgdt(vm, (struct dtable){0x80000000, 0xff});
	cr_assert(segs_guest(vm, KCODE, &d), "all ones, as a PC reads");
	cr_assert_eq(d.lo & d.hi, ~0u);
}

Test(segs, a_table_that_is_not_mapped)
{
	struct descriptor d;

	paging_on(PTE_P | PTE_W);
	map(0x200000, 0, 0);
	cpu_lgdt(vm, (struct dtable){0x200000, 0xff});
	cr_assert(none(seen(VMODE_KERNEL, KCODE)));
	segs_guest(vm, KCODE, &d);
	cr_assert(none(d));
}

/* Half of a descriptor on one page, half on the next, and the two lie apart. */
Test(segs, a_table_across_pages)
{
	paging_on(PTE_P | PTE_W);
	map(0x200000, 0x80000, PTE_P);
	map(0x201000, 0x90000, PTE_P);
	poke(0x80ffc, 0xffff);
	poke(0x90000, 0x00cf9200);
	cpu_lgdt(vm, (struct dtable){0x200ffc - 8, 0x1f});
	cr_assert_eq(seen(VMODE_KERNEL, 8).hi, 0x00cff300u);
	cr_assert(trace_get(vm, ppn(0x80)) & TRACE_GDT);
	cr_assert(trace_get(vm, ppn(0x90)) & TRACE_GDT);
}

/* --- the guest's view ----------------------------------------------------------------------------- */

Test(segs, the_guest_sees_what_it_wrote)
{
	struct descriptor d, wrote = desc(0xdead0000, 0x123, 0x92, 4);

	put(wrote);
	cr_assert(segs_guest(vm, SPARE, &d));
	cr_assert_arr_eq(&d, &wrote, sizeof(d));
	cr_assert(segs_guest(vm, SPARE | 3, &d));
	cr_assert_not(segs_guest(vm, 0, &d));
	cr_assert_not(segs_guest(vm, 3, &d));
	cr_assert_not(segs_guest(vm, KCODE | 4, &d), "an LDT that is not there");
}

Test(segs, an_ldt_selector_kills_the_vm)
{
	struct descriptor d;

	vm->cpu.ldtr = SPARE;
	EXPECT_DEATH("LDT", segs_guest(vm, 0x0c, &d));
}

/* --- traces and what is done when they fire ----------------------------------------------------------- */

static bool traced(u32 gpa)
{
	return trace_get(vm, ppn(gpa >> PAGE_SHIFT)) & TRACE_GDT;
}

Test(segs, lgdt_moves_the_trace)
{
	cr_assert(traced(GDT_AT));
	cpu_lgdt(vm, (struct dtable){0x100000, 0xff});
	cr_assert(traced(0x100000) && !traced(GDT_AT));
	cpu_lgdt(vm, (struct dtable){0x100ff0, 0x100});
	cr_assert(traced(0x100000) && traced(0x101000));
	cpu_lgdt(vm, (struct dtable){GDT_AT, 0xff});
	cr_assert(traced(GDT_AT) && !traced(0x100000) && !traced(0x101000));
}

Test(segs, a_written_table_is_rebuilt)
{
	struct descriptor d = desc(0x5000, 0xfff, A_DATA, 4);

	gpa_write(vm, gpa(GDT_AT + SPARE), &d, sizeof(d));
	cr_assert(none(seen(VMODE_KERNEL, SPARE)), "not before the next entry");
	segs_refresh(vm);
	cr_assert_eq(seen(VMODE_USER, SPARE).lo, d.lo);
	cr_assert_not(vm->segs.stale);
}

Test(segs, refreshing_what_is_fresh_does_nothing)
{
	set_desc(SPARE, desc(0, 1, A_DATA, 0)); /* behind the trace's back */
	segs_refresh(vm);
	cr_assert(none(seen(VMODE_KERNEL, SPARE)));
}

/* Hot data beside the table: after so many writes for nothing the trace goes (trap 44). */
Test(segs, trap44_useless_rebuilds_end_the_trace)
{
	u32 word = 0, n = 0;

	while (traced(GDT_AT) && n < 1000) {
		gpa_write(vm, gpa(GDT_AT + 0x800), &word, 4);
		segs_refresh(vm);
		n++;
	}
	cr_assert_eq(n, (u32)GDT_TRACE_LIMIT + 1);
	cr_assert(vm->segs.untraced);
	set_desc(SPARE, desc(0, 1, A_DATA, 0));
	segs_refresh(vm);
	cr_assert_not(none(seen(VMODE_KERNEL, SPARE)), "compared from now on");
}

Test(segs, useful_rebuilds_keep_it)
{
	for (u32 i = 0; i < 3 * GDT_TRACE_LIMIT; i++) {
		struct descriptor d = desc(i << 12, 1, A_DATA, 0);
		u32 word = 0;

		if (i % 2)
			gpa_write(vm, gpa(GDT_AT + SPARE), &d, sizeof(d));
		else
			gpa_write(vm, gpa(GDT_AT + 0x800), &word, 4);
		segs_refresh(vm);
	}
	cr_assert(traced(GDT_AT));
}

Test(segs, lgdt_gives_the_trace_another_chance)
{
	segs_untrace(vm);
	cr_assert_not(traced(GDT_AT));
	cpu_lgdt(vm, (struct dtable){GDT_AT, 0xff});
	cr_assert(traced(GDT_AT) && !vm->segs.untraced);
}

/* --- registers that run on a descriptor of before --------------------------------------------------- */

static void expect_registers(u32 cs, u32 ss, u32 ds, u32 es)
{
	cr_assert_eq(vm->tf->cs, cs, "cs 0x%x", vm->tf->cs);
	cr_assert_eq(vm->tf->ss, ss, "ss 0x%x", vm->tf->ss);
	cr_assert_eq(vm->tf->ds, ds, "ds 0x%x", vm->tf->ds);
	cr_assert_eq(vm->tf->es, es, "es 0x%x", vm->tf->es);
}

Test(segs, good_registers_stay)
{
	segs_carry(vm);
	expect_registers(KCODE | 3, KDATA | 3, KDATA, KDATA);
}

Test(segs, an_empty_table_takes_nothing_away)
{
	cpu_lgdt(vm, (struct dtable){0x100000, 7});
	expect_registers(SEL_CARRY_CODE, SEL_CARRY_DATA, SEL_CARRY_DATA,
			 SEL_CARRY_DATA);
}

Test(segs, code_and_data_that_changed_places)
{
	set_desc(KCODE, desc(0, 0xfffff, A_DATA, FLAT));
	set_desc(KDATA, desc(0, 0xfffff, A_CODE, FLAT));
	segs_load(vm);
	cr_assert_eq(vm->tf->cs, (u32)SEL_CARRY_CODE);
	cr_assert_eq(vm->tf->ss, (u32)SEL_CARRY_DATA);
}

Test(segs, null_data_registers_stay_null)
{
	vm->tf->ds = 0;
	vm->tf->es = 3;
	segs_carry(vm);
	cr_assert_eq(vm->tf->ds, 0u);
	cr_assert_eq(vm->tf->es, 3u);
}

/* A kernel stack without a segment does not exist on our CPU: it would be ring 0's. */
Test(segs, a_null_stack_is_carried)
{
	vm->tf->ss = 3;
	segs_carry(vm);
	cr_assert_eq(vm->tf->ss, (u32)SEL_CARRY_DATA);
}

Test(segs, user_mode_has_nothing_to_carry)
{
	user_mode();
	cpu_lgdt(vm, (struct dtable){0x100000, 7});
	expect_registers(UCODE, UDATA, UDATA, UDATA);
}

Test(segs, a_carried_register_is_a_flat_kernel_segment_to_the_guest)
{
	struct descriptor d;

	cr_assert(segs_guest(vm, SEL_CARRY_CODE, &d));
	cr_assert(d.hi & DESC_CODE && !(d.hi & DESC_DPL) && desc_limit(d) == ~0u);
	cr_assert(segs_guest(vm, SEL_CARRY_DATA & ~3, &d));
	cr_assert(!(d.hi & DESC_CODE) && !(d.hi & DESC_DPL) && desc_base(d) == 0);
}
