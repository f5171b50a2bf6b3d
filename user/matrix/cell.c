/*
 * The stage of the matrix: one slot of the directory, whose entry leads to a table (or,
 * read as a large page, to the same 4 MiB), in it one entry, which leads to a page. Table
 * and page lie so that the address reaches the same page either way:
 *
 *      0x40005000 -> PDE 256 -> table at 4 MiB -> PTE 5 -> page at 4 MiB + 0x5000
 *                            `- large page at 4 MiB, offset 0x5000
 */
#include "cell.h"

#include "../mini/attempt.h"
#include "../mini/machine.h"

enum {
	SLOT = 256,
	ENTRY = 5,
	BASE = LARGE_PAGE, /* the table, and the large page */
	PAGE = BASE + ENTRY * PAGE_SIZE,
	ADDRESS = SLOT * LARGE_PAGE + ENTRY * PAGE_SIZE,
	DATA = 0x100, /* the word, within the page */
	MAPPED_MIB = 8,
	INT_N = 0xCD,
	WORD_BEFORE = 0x12345678,
	WORD_WRITTEN = 0x600DF00D,
	CR2_BEFORE = 0x0BADF00C,
	FLAGS_OFF = 0x2, /* EFLAGS with interrupts off */
	FORGET_ALL = 8,
	STACK = 1024,
};

static uint32_t directory[PAGE_WORDS] __attribute__((aligned(PAGE_SIZE)));
static uint32_t tables[MAPPED_MIB * MIB / PAGE_SIZE]
	__attribute__((aligned(PAGE_SIZE)));
static uint8_t stack[STACK] __attribute__((aligned(16)));

extern char access_read[], access_write[], access_fetch[], access_both[];

static volatile uint32_t *const pde = &directory[SLOT];
static volatile uint32_t *const pte = (uint32_t *)BASE + ENTRY;
static volatile uint32_t *const word = (uint32_t *)(PAGE + DATA);

void cell_setup(void)
{
	uint8_t *code = (uint8_t *)PAGE;

	identity_map(directory, tables, MAPPED_MIB, PTE_W | PTE_U);
	for (uint32_t i = 0; i < PAGE_WORDS; i++)
		((uint32_t *)BASE)[i] = 0;
	code[0] = INT_N;
	code[1] = VECTOR_DONE;
	write_cr3((uint32_t)directory);
	write_cr0(read_cr0() | CR0_PG);
}

/* Both ways to forget a translation have their turns; that of all of them costs more. */
static void forget(uint32_t which)
{
	if (which % FORGET_ALL == 0)
		write_cr3((uint32_t)directory);
	else
		invlpg(ADDRESS);
}

static uint32_t code_for(enum access access)
{
	switch (access) {
	case ACCESS_READ:
		return (uint32_t)access_read;
	case ACCESS_WRITE:
		return (uint32_t)access_write;
	case ACCESS_FETCH:
		return (uint32_t)access_fetch;
	case ACCESS_BOTH:
		return (uint32_t)access_both;
	case ACCESS_KINDS:
		break;
	}
	return 0;
}

/* Did the word go where it should, and nowhere else? */
static bool data_wrong(enum access access, bool fault)
{
	bool written = (access == ACCESS_WRITE || access == ACCESS_BOTH) && !fault;

	if (*word != (written ? (uint32_t)WORD_WRITTEN : (uint32_t)WORD_BEFORE))
		return true;
	return access == ACCESS_READ && !fault && outcome_eax != WORD_BEFORE;
}

static uint16_t fault_bits(uint32_t address)
{
	if (outcome_vector == VECTOR_PF)
		return (uint16_t)(RESULT_FAULT | (outcome_error & RESULT_ERROR) |
				  (outcome_cr2 != address ? RESULT_CR2 : 0));
	return (outcome_vector != VECTOR_DONE ? RESULT_VECTOR : 0) |
	       (outcome_cr2 != CR2_BEFORE ? RESULT_CR2 : 0);
}

static uint16_t entry_bits(uint32_t before, uint32_t after, uint16_t a, uint16_t d,
			   uint16_t odd)
{
	uint32_t changed = before ^ after;
	bool other = changed & ~(uint32_t)(PTE_A | PTE_D) || changed & before;

	return (changed & PTE_A ? a : 0) | (changed & PTE_D ? d : 0) |
	       (other ? odd : 0);
}

static void set_stage(uint32_t pde_before, uint32_t pte_before)
{
	*pde = pde_before;
	*pte = pte_before;
	*word = WORD_BEFORE;
	write_cr2(CR2_BEFORE);
}

uint16_t cell_try(uint32_t pde_bits, uint32_t pte_bits, enum access access, bool user)
{
	uint32_t pde_before = BASE | pde_bits, pte_before = PAGE | pte_bits;
	uint32_t address = ADDRESS + (access == ACCESS_FETCH ? 0 : DATA);
	uint16_t result;

	set_stage(pde_before, pte_before);
	launch_regs.ebx = address;
	launch_regs.eax = WORD_WRITTEN;
	attempt_prepare(user, code_for(access), (uint32_t)stack + STACK, FLAGS_OFF);
	forget((pde_bits ^ pte_bits) / PTE_A + access);
	attempt_run();
	result = fault_bits(address);
	if (data_wrong(access, result & RESULT_FAULT))
		result |= RESULT_DATA;
	return result |
	       entry_bits(pde_before, *pde, RESULT_PDE_A, RESULT_PDE_D,
			  RESULT_PDE_ODD) |
	       entry_bits(pte_before, *pte, RESULT_PTE_A, RESULT_PTE_D, RESULT_PTE_ODD);
}
