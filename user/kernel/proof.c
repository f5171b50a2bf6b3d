/*
 * The kernel's side of the program proof: it keeps results where a reader of memory finds
 * them, and looks at what only a kernel sees (include/proof.h).
 */
#include "../include/proof.h"

#include "../include/abi.h"
#include "proc.h"
#include "space.h"
#include "syscall.h"
#include "trap.h"
#include "x86.h"

enum { MARK_A = 1, MARK_D = 2, HOLE_FIRST = 0xA0, HOLE_END = 0x100 };

/* By slot; all zero: nothing is kept there. */
struct proof_entry proof_entries[PROOF_SLOTS];

static uint32_t seed;

/* A proof starts over. */
static int begin(uint32_t new_seed)
{
	for (uint32_t i = 0; i < PROOF_SLOTS; i++)
		proof_entries[i] = (struct proof_entry){0};
	seed = new_seed;
	return 0;
}

/* The magic goes last: what has it is whole. */
static int keep(uint32_t slot, uint32_t value)
{
	struct proof_entry *entry;

	if (slot >= PROOF_SLOTS)
		return -EINVAL;
	entry = &proof_entries[slot];
	entry->seed = seed;
	entry->slot = slot;
	entry->value = value;
	*(volatile uint32_t *)&entry->magic = PROOF_MAGIC;
	return 0;
}

/* Takes the marks off the entry, so that the next look sees new ones. */
static int look(uint32_t address)
{
	pte_t *pte;
	pte_t was;

	if (address >= KERNBASE)
		return -EFAULT;
	pte = space_find(&current->space, address);
	if (pte == NULL || !(*pte & PTE_P))
		return -EFAULT;
	was = *pte;
	pte_set(pte, was & ~(pte_t)(PTE_A | PTE_D));
	invlpg(address);
	return (was & PTE_A ? MARK_A : 0) | (was & PTE_D ? MARK_D : 0);
}

/* Not the hole below 1 MiB, where a PC has no memory. */
static int touch(void)
{
	uint32_t touched = 0;

	for (uint32_t i = 0; i < page_total; i++) {
		if (i >= HOLE_FIRST && i < HOLE_END)
			continue;
		(void)*(volatile uint32_t *)page_bytes(page_at(i));
		touched++;
	}
	return (int)touched;
}

/* Numbers and meaning are in proof.h. */
int sys_proof(struct trapframe *frame)
{
	switch ((enum proof_op)frame->ebx) {
	case PROOF_BEGIN:
		return begin(frame->ecx);
	case PROOF_KEEP:
		return keep(frame->ecx, frame->edx);
	case PROOF_LOOK:
		return look(frame->ecx);
	case PROOF_TOUCH:
		return touch();
	}
	return -EINVAL;
}
