/*
 * The virtual CPU's registers: flags by mode and IOPL (SDM vol. 2, POPF, PUSHF, CLI, STI),
 * control registers (vol. 3, 2.5), cpuid, and the I/O bitmap (vol. 1, 19.5.2).
 */
#include "grader/unit/core_model.h"
#include "kernel/cpu.h"
#include "kernel/paging.h"

TestSuite(vcpu, .init = core_init, .fini = core_done, .timeout = 20);

/* --- flags ---------------------------------------------------------------------------------- */

/* One bit at a time: does a popf of it in this state change what pushf then shows? */
static u32 changeable(bool user, u32 iopl, bool wide)
{
	u32 changed = 0;

	for (u32 bit = 1; bit; bit <<= 1) {
		u32 off, on;

		vm->cpu.mode = user ? VMODE_USER : VMODE_KERNEL;
		vm->cpu.vflags = iopl;
		vm->cpu.vif = false;
		vm->tf->eflags = FL_ONE | FL_IF;
		cpu_set_flags(vm, 0, wide);
		vm->cpu.vflags = iopl;
		off = cpu_flags(vm);
		cpu_set_flags(vm, bit, wide);
		on = cpu_flags(vm);
		if ((on ^ off) & bit)
			changed |= bit;
		cr_assert_eq((on ^ off) & ~bit & ~(u32)FL_IOPL, 0u, "0x%x moved others",
			     bit);
	}
	return changed;
}

enum {
	STATUS = FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_OF,
	ANYONE = STATUS | FL_TF | FL_DF | FL_NT,
	WIDE = FL_AC | FL_ID,
};

Test(vcpu, popf_in_the_kernel)
{
	cr_assert_eq(changeable(false, 0, true), (u32)ANYONE | WIDE | FL_IF | FL_IOPL);
	cr_assert_eq(changeable(false, 0, false), (u32)ANYONE | FL_IF | FL_IOPL);
}

Test(vcpu, popf_in_user_mode)
{
	cr_assert_eq(changeable(true, 0, true), (u32)ANYONE | WIDE);
	cr_assert_eq(changeable(true, 0, false), (u32)ANYONE);
	cr_assert_eq(changeable(true, 2u << 12, true), (u32)ANYONE | WIDE);
}

Test(vcpu, popf_in_user_mode_with_iopl_3)
{
	cr_assert_eq(changeable(true, FL_IOPL, true), (u32)ANYONE | WIDE | FL_IF);
	cr_assert_eq(vm->cpu.vflags, (u32)FL_IOPL, "IOPL itself it cannot");
}

Test(vcpu, the_real_flags_stay_ours)
{
	cpu_set_flags(vm, ~0u, true);
	cr_assert_eq(vm->tf->eflags & (FL_IOPL | FL_VM | FL_VIP), 0u);
	cr_assert(vm->tf->eflags & FL_IF);
	cpu_set_flags(vm, 0, true);
	cr_assert(vm->tf->eflags & FL_IF, "the host's interrupts stay on");
}

Test(vcpu, pushf_shows_the_virtual_flags)
{
	vm->tf->eflags = FL_ONE | FL_IF | FL_IOPL | FL_VIF | FL_VIP | FL_VM | FL_CF;
	cr_assert_eq(cpu_flags(vm), (u32)FL_ONE | FL_CF);
	vm->cpu.vif = true;
	vm->cpu.vflags = 1u << 12;
	cr_assert_eq(cpu_flags(vm), (u32)FL_ONE | FL_CF | FL_IF | 1u << 12);
}

Test(vcpu, popf_clears_rf_when_wide)
{
	vm->tf->eflags |= FL_RF;
	cpu_set_flags(vm, FL_RF, false);
	cr_assert(vm->tf->eflags & FL_RF);
	cpu_set_flags(vm, FL_RF, true);
	cr_assert_not(vm->tf->eflags & FL_RF);
}

Test(vcpu, trap20_sti_shadows_one_instruction)
{
	cpu_cli(vm);
	cr_assert_not(vm->cpu.vif || vm->cpu.shadow);
	cpu_sti(vm);
	cr_assert(vm->cpu.vif && vm->cpu.shadow);
	vm->cpu.shadow = false;
	cpu_sti(vm);
	cr_assert_not(vm->cpu.shadow, "it was on already");
}

Test(vcpu, hlt_halts_before_the_next_entry)
{
	cpu_hlt(vm);
	cr_assert(vm->cpu.halted);
	cr_assert(vm->attention & ATTEND_HOST);
}

/* --- control registers ------------------------------------------------------------------------ */

static bool write(unsigned n, u32 value)
{
	struct gfault f = {0};
	bool ok = cpu_write_cr(vm, n, value, &f);

	if (!ok) {
		cr_assert_eq(f.vector, VEC_GP);
		cr_assert(f.has_error && f.error == 0);
	}
	return ok;
}

/* PG, NW and CD against PE: SDM vol. 3, 2.5 and 6.15 (#GP). */
Test(vcpu, combinations_of_cr0)
{
	for (u32 i = 0; i < 8; i++) {
		u32 value = CR0_PE | (i & 1 ? CR0_PG : 0) | (i & 2 ? CR0_NW : 0) |
			    (i & 4 ? CR0_CD : 0);
		bool ok = !(value & CR0_NW) || value & CR0_CD;
		u32 old = cpu_read_cr(vm, 0);

		cr_assert_eq(write(0, value), ok, "0x%x", value);
		cr_assert_eq(cpu_read_cr(vm, 0), ok ? value | CR0_ET : old);
	}
	cr_assert_not(write(0, CR0_PG));
}

Test(vcpu, cr0_keeps_its_bits_and_no_others)
{
	u32 all = ~0u & ~(u32)CR0_PG;

	cr_assert(write(0, all));
	cr_assert_eq(cpu_read_cr(vm, 0),
		     (u32)(CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE |
			   CR0_WP | CR0_AM | CR0_NW | CR0_CD));
	cr_assert(write(0, CR0_PE));
	cr_assert_eq(cpu_read_cr(vm, 0), (u32)CR0_PE | CR0_ET, "ET is wired");
}

Test(vcpu, real_mode_kills_the_vm)
{
	EXPECT_DEATH("real mode", write(0, 0));
}

Test(vcpu, every_bit_of_cr4)
{
	u32 allowed = CR4_TSD | CR4_DE | CR4_PSE | CR4_MCE | CR4_PGE | CR4_PCE;

	for (u32 bit = 1; bit; bit <<= 1) {
		cr_assert(write(4, 0));
		cr_assert_eq(write(4, bit), !!(bit & allowed), "bit 0x%x", bit);
		cr_assert_eq(cpu_read_cr(vm, 4), bit & allowed);
	}
}

Test(vcpu, cr2_and_cr3_take_anything)
{
	cr_assert(write(2, 0xdeadbeef) && write(3, 0xfffffabc));
	cr_assert_eq(cpu_read_cr(vm, 2), 0xdeadbeefu);
	cr_assert_eq(cpu_read_cr(vm, 3), 0xfffffabcu);
}

/* A page is mapped in the shadow; does the write make it go? */
static bool flushes(unsigned n, u32 value)
{
	u32 word;

	mode_load_view(vm, vm->cpu.mode);
	EXPECT_OK(gva_read(vm, gva(DATA), &word, 4, 0, &f));
	cr_assert(mmu(VMODE_KERNEL, DATA).present);
	guest_store(TABLES_AT + (DATA >> PAGE_SHIFT) * 4, 0); /* and no INVLPG */
	cr_assert(write(n, value));
	if (mmu(VMODE_KERNEL, DATA).present)
		return false;
	map(DATA, DATA, PTE_P | PTE_W);
	return true;
}

Test(vcpu, trap10_cr3_with_the_same_value_is_a_flush)
{
	paging_on(PTE_P | PTE_W);
	cr_assert(flushes(3, DIR_AT));
	cr_assert_eq(vm->stats.cr3_loads, 1u);
}

Test(vcpu, trap03_wp_pg_pse_and_pge_flush)
{
	paging_on(PTE_P | PTE_W);
	cr_assert(flushes(0, CR0_PE | CR0_PG));
	cr_assert(flushes(0, CR0_PE | CR0_PG | CR0_WP));
	cr_assert(flushes(4, CR4_PSE));
	cr_assert(flushes(4, CR4_PSE | CR4_PGE));
	cr_assert(flushes(0, CR0_PE));
}

Test(vcpu, trap02_invlpg_forgets_one_page)
{
	u32 word;

	paging_on(PTE_P | PTE_W);
	mode_load_view(vm, VMODE_KERNEL);
	EXPECT_OK(gva_read(vm, gva(DATA), &word, 4, 0, &f));
	EXPECT_OK(gva_read(vm, gva(DATA + PAGE_SIZE), &word, 4, 0, &f));
	guest_store(TABLES_AT + (DATA >> PAGE_SHIFT) * 4, 0x7000 | PTE_P | PTE_A);
	cpu_invlpg(vm, gva(DATA + 5));
	cr_assert_not(mmu(VMODE_KERNEL, DATA).present);
	cr_assert_eq(guest_load(DATA), peek(0x7000));
	cr_assert(mmu(VMODE_KERNEL, DATA + PAGE_SIZE).present);
}

Test(vcpu, clts_and_lmsw)
{
	cr_assert(write(0, CR0_PE | CR0_TS | CR0_WP));
	cpu_clts(vm);
	cr_assert_eq(cpu_read_cr(vm, 0), (u32)CR0_PE | CR0_WP | CR0_ET);
	cpu_lmsw(vm, 0xfffe);
	cr_assert_eq(cpu_read_cr(vm, 0),
		     (u32)CR0_PE | CR0_WP | CR0_ET | CR0_MP | CR0_EM | CR0_TS,
		     "PE cannot be cleared, nothing above TS set");
	cpu_lmsw(vm, 0);
	cr_assert_eq(cpu_read_cr(vm, 0), (u32)CR0_PE | CR0_WP | CR0_ET);
}

Test(vcpu, debug_registers_are_kept_and_do_nothing)
{
	for (unsigned n = 0; n < 8; n++)
		cpu_write_dr(vm, n, 0x1000 + n);
	for (unsigned n = 0; n < 8; n++)
		cr_assert_eq(cpu_read_dr(vm, n), 0x1000 + n);
}

Test(vcpu, msrs_fault)
{
	EXPECT_FAULT(cpu_rdmsr(vm, &f), VEC_GP, 0);
	EXPECT_FAULT(cpu_wrmsr(vm, &f), VEC_GP, 0);
}

/* What it says there is must be what CR4 takes; PAE, MSRs, SSE and the like it must not. */
Test(vcpu, cpuid_says_what_there_is)
{
	enum { PSE = 3, MSR = 5, PAE = 6, APIC = 9, SEP = 11, PGE = 13, FXSR = 24 };

	vm->tf->eax = 1;
	cpu_cpuid(vm);
	cr_assert(vm->tf->edx >> PSE & 1 && vm->tf->edx >> PGE & 1);
	cr_assert_eq(vm->tf->edx & (1u << MSR | 1u << PAE | 1u << APIC | 1u << SEP |
				    1u << FXSR),
		     0u);
	vm->tf->eax = 0;
	cpu_cpuid(vm);
	cr_assert_eq(vm->tf->eax, 1u);
	vm->tf->eax = 0x80000000;
	cpu_cpuid(vm);
	cr_assert_eq(vm->tf->eax | vm->tf->ebx | vm->tf->ecx | vm->tf->edx, 0u);
}

/* --- ports ------------------------------------------------------------------------------------------- */

enum { MAP_AT = 0x80 }; /* of the bitmap in the TSS */

static void bitmap(u32 limit)
{
	user_mode();
	vm->cpu.tss_limit = limit;
	poke(TSS_AT + 100, (u32)MAP_AT << 16);
	for (u32 i = 0; i < 0x100; i += 4)
		poke(TSS_AT + MAP_AT + i, 0);
}

static void forbid(u32 port)
{
	u32 at = TSS_AT + MAP_AT + port / 8;

	poke_byte(at, peek_byte(at) | (u8)(1 << port % 8));
}

Test(vcpu, the_kernel_may_use_all_ports)
{
	cr_assert(cpu_io_allowed(vm, 0, 1) && cpu_io_allowed(vm, 0xffff, 1));
}

Test(vcpu, iopl_3_may_as_well)
{
	user_mode();
	for (u32 iopl = 0; iopl < 4; iopl++) {
		vm->cpu.vflags = iopl << 12;
		vm->cpu.tss_limit = 0x50;
		cr_assert_eq(cpu_io_allowed(vm, 0x60, 1), iopl == 3);
	}
}

/* Each port and size: every one of its bits must be clear. */
Test(vcpu, the_bitmap)
{
	bitmap(MAP_AT + 0x100);
	forbid(0x64);
	forbid(0x3f8);
	for (u32 port = 0x50; port < 0x80; port++)
		for (u32 size = 1; size <= 4; size *= 2)
			cr_assert_eq(cpu_io_allowed(vm, (u16)port, size),
				     port > 0x64 || port + size <= 0x64,
				     "port 0x%x size %u", port, size);
	cr_assert(cpu_io_allowed(vm, 0x3f4, 4));
	cr_assert_not(cpu_io_allowed(vm, 0x3f5, 4), "across a byte");
}

/* The CPU reads two bytes; both must lie within the limit. */
Test(vcpu, trap25_the_end_of_the_bitmap)
{
	for (u32 limit = MAP_AT; limit < MAP_AT + 8; limit++) {
		bitmap(limit);
		for (u32 port = 0; port < 80; port++)
			cr_assert_eq(cpu_io_allowed(vm, (u16)port, 1),
				     MAP_AT + port / 8 + 1 <= limit,
				     "port %u limit 0x%x", port, limit);
	}
}

Test(vcpu, trap25_a_bitmap_far_away)
{
	bitmap(0xffff);
	poke(TSS_AT + 100, 0xffffu << 16);
	cr_assert_not(cpu_io_allowed(vm, 0, 1));
	cr_assert_not(cpu_io_allowed(vm, 0xffff, 4));
	vm->cpu.tss_limit = 103 - 1;
	cr_assert_not(cpu_io_allowed(vm, 0, 1), "a TSS too short to say where");
	vm->cpu.tr = 0;
	cr_assert_not(cpu_io_allowed(vm, 0, 1));
}
