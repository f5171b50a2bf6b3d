/*
 * The quick way of a store to the directory: what it takes for a plain store, against the
 * decoder, and what becomes of the shadows. And what a new root takes over.
 */
#define SUITE store
#include "grader/unit/tables.h"
#include "vmm/cache.h"
#include "vmm/decode.h"
#include "vmm/store.h"

FORMS_SUITES(init_vtlb, init_cached);

enum { BYTES = 16, MODRMS = 256, SIBS = 256 };

/* --- the instruction ----------------------------------------------------------------------- */

/* pusha's order; what stands for ESP is not the guest's. */
static const struct trapframe regs = {.eax = 0xa0a0a0a0,
				      .ecx = 0xc1c1c1c1,
				      .edx = 0xd2d2d2d2,
				      .ebx = 0xb3b3b3b3,
				      .unused_esp = 0xdeadbeef,
				      .ebp = 0xb5b5b5b5,
				      .esi = 0x56565656,
				      .edi = 0xd7d7d7d7};

static u32 register_of(u8 number)
{
	return *(&regs.edi + (GPR_EDI - number));
}

/* A store of a whole word, that is not of ESP and not too long, with a base to its SIB. */
static bool is_plain(const struct insn *in, const u8 *b)
{
	const struct operand *to = &in->opd[0], *from = &in->opd[1];
	bool no_base = (b[1] & 0xc7) == 4 && (b[2] & 7) == 5 && b[0] != STORE_EAX;

	return (b[0] == STORE_REG || b[0] == STORE_IMM || b[0] == STORE_EAX) &&
	       in->op == OP_MOV && to->kind == OPD_MEM && to->size == 4 && !no_base &&
	       (from->kind == OPD_IMM ? in->length <= STORE_CODE
				      : from->kind == OPD_REG && from->reg != GPR_ESP);
}

static void compare(const u8 *b)
{
	struct insn in;
	u32 word[2], value = 0, length;
	bool plain = decode(b, BYTES - 1, &in) == DECODE_OK && is_plain(&in, b);

	memcpy(word, b, sizeof(word));
	length = store_decode(&regs, word[0], word[1], &value);
	cr_assert_eq(length, plain ? in.length : 0u, "%02x %02x %02x: %u bytes", b[0],
		     b[1], b[2], length);
	if (plain)
		cr_assert_eq(value,
			     in.opd[1].kind == OPD_IMM ? in.imm
						       : register_of(in.opd[1].reg),
			     "%02x %02x %02x stores 0x%x", b[0], b[1], b[2], value);
}

static const u8 opcodes[] = {STORE_REG, STORE_IMM, STORE_EAX, 0x88, 0x8b, 0xc6, 0xa2,
			     0x01,	0x87,	   0x66,      0xf0, 0xf3, 0x0f};

Test(store_cached, trap23_the_decoder_agrees_on_every_form)
{
	u8 b[BYTES] = {0};

	for (u32 i = 2; i < BYTES; i++)
		b[i] = (u8)(0x91 + i * 0x13);
	for (u32 o = 0; o < ARRAY_LEN(opcodes); o++)
		for (u32 modrm = 0; modrm < MODRMS; modrm++)
			for (u32 sib = 0; sib < SIBS; sib++) {
				b[0] = opcodes[o];
				b[1] = (u8)modrm;
				b[2] = (u8)sib;
				compare(b);
			}
}

/* --- the store ----------------------------------------------------------------------------- */

/* The directory lies in the direct map, so it is mapped at its own address. */
static bool store_pde(u32 entry)
{
	return store_to_directory(vm, gva(DIR_AT + SLOT * 4), entry);
}

static bool is_mapped(u32 at)
{
	return mmu(VMODE_KERNEL, at).present;
}

Test(store_cached, trap02_the_entry_that_was_made_goes)
{
	set_pte(TABLE, 0, PAGE_A | RWU);
	set_pte(TABLE2, 0, PAGE_B | RWU);
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	guest_load(DIR_AT);
	cr_assert_eq(guest_load(AT), 0xaaaau);
	cr_assert(store_pde(TABLE2 | RWU));
	cr_assert_eq(peek(DIR_AT + SLOT * 4), (u32)(TABLE2 | RWU));
	cr_assert_not(is_mapped(AT));
	cr_assert_eq(guest_load(AT), 0xbbbbu);
	cr_assert(store_pde(0));
	cr_assert_not(guest_access(AT, &(u32){0}, ACC_READ));
}

Test(store_cached, trap08_another_directory_is_not_it)
{
	set_pte(TABLE, 0, PAGE_A | RWU);
	copy_directory(DIR2);
	set_pde(DIR2, SLOT, TABLE | RWU);
	load_cr3(DIR2);
	guest_load(AT);
	load_cr3(DIR_AT);
	guest_load(DIR2);
	cr_assert_not(store_to_directory(vm, gva(DIR2 + SLOT * 4), 0));
}

Test(store_cached, trap06_a_page_with_another_trace_is_not)
{
	set_pde(DIR_AT, SLOT, 0);
	guest_load(DIR_AT);
	trace_set(vm, ppn(DIR_AT >> PAGE_SHIFT), TRACE_GDT);
	cr_assert_not(store_pde(TABLE | RWU));
	trace_clear(vm, ppn(DIR_AT >> PAGE_SHIFT), TRACE_GDT);
	cr_assert(store_pde(TABLE | RWU));
}

Test(store_cached, trap03_nor_one_that_is_read_only)
{
	map(DIR_AT, DIR_AT, PTE_P | PTE_U | PTE_A | PTE_D);
	load_cr3(DIR_AT);
	guest_load(DIR_AT);
	cr_assert_not(store_pde(TABLE | RWU));
}

Test(store_cached, trap01_nor_one_whose_D_is_clear)
{
	map(DIR_AT, DIR_AT, RWU);
	load_cr3(DIR_AT);
	guest_load(DIR_AT);
	cr_assert_not(store_pde(TABLE | RWU));
}

/* --- taking over ------------------------------------------------------------------------------ */

/* The entry of the directory that is loaded has a leaf, without a fault. */
static bool has_leaf(u32 slot)
{
	return vm->shadow.pool.table[vm->shadow.active[VMODE_KERNEL]].entry[slot];
}

Test(store_cached, trap07_what_both_directories_have_is_taken_over)
{
	set_pte(TABLE, 0, PAGE_A | RWU);
	set_pte(TABLE2, 0, PAGE_B | RWU);
	copy_directory(DIR2);
	for (u32 i = 0; i < 3; i++)
		set_pde(DIR_AT, SLOT + i, TABLE | RWU);
	for (u32 i = 0; i < 3; i++)
		guest_load(AT + i * 0x400000);
	gpa_write(vm, gpa(DIR2 + SLOT * 4), &(u32){peek(DIR_AT + SLOT * 4)}, 4);
	gpa_write(vm, gpa(DIR2 + (SLOT + 1) * 4), &(u32){TABLE2 | RWU}, 4);
	load_cr3(DIR2);
	cr_assert(has_leaf(SLOT));
	cr_assert_not(has_leaf(SLOT + 1));
	cr_assert_not(has_leaf(SLOT + 2));
	cr_assert_eq(guest_load(AT), 0xaaaau);
	cr_assert_eq(guest_load(AT + 0x400000), 0xbbbbu);
	cr_assert_not(guest_access(AT + 0x800000, &(u32){0}, ACC_READ));
}

/* Under a root that is not loaded a loose table may have changed. */
Test(store_cached, trap07_a_loose_table_is_compared_first)
{
	set_pte(TABLE, 0, PAGE_A | RWU);
	copy_directory(DIR2);
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	guest_load(AT);
	gpa_write(vm, gpa(DIR2 + SLOT * 4), &(u32){peek(DIR_AT + SLOT * 4)}, 4);
	set_pte(TABLE, 0, PAGE_C | RWU);
	load_cr3(DIR2);
	cr_assert(has_leaf(SLOT));
	cr_assert_eq(guest_load(AT), 0xccccu);
}

Test(store_cached, trap03_nothing_between_roots_of_other_rights)
{
	copy_directory(DIR2);
	set_pde(DIR_AT, SLOT, TABLE | RWU);
	set_pte(TABLE, 0, PAGE_A | RWU);
	guest_load(AT);
	gpa_write(vm, gpa(DIR2 + SLOT * 4), &(u32){peek(DIR_AT + SLOT * 4)}, 4);
	cr_assert(cpu_write_cr(vm, 0, CR0_PE | CR0_PG, &(struct gfault){0}));
	load_cr3(DIR2);
	cr_assert_not(has_leaf(SLOT));
	cr_assert_eq(guest_load(AT), 0xaaaau);
}

/* --- a flush of one address ---------------------------------------------------------------------- */

/* The host's entries in a root are not the guest's, whatever the guest has there. */
Test(store_cached, trap05_a_flush_under_a_loose_directory_that_maps_itself)
{
	enum { HOSTS = 1010 };
	mpn_t m;

	set_pde(DIR_AT, SLOT, DIR_AT | RWU);
	guest_load(AT);
	cr_assert(pmap_pin(vm, ppn(DIR_AT >> PAGE_SHIFT), true, &m));
	poke(DIR_AT + HOSTS * 4, PAGE_A | RWU);
	pmap_unpin(vm, ppn(DIR_AT >> PAGE_SHIFT));
	guest_load(AT);
	flush(AT + HOSTS * PAGE_SIZE);
	cr_assert_eq(guest_load(AT + HOSTS * PAGE_SIZE), 0xaaaau);
	load_cr3(DIR_AT);
	guest_load(AT);
}
