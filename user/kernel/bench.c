/*
 * The kernel's side of the benchmark: a clock of busy ticks, and loops over
 * single operations. All are bounded by BENCH_COUNT_MAX.
 */
#include <stddef.h>

#include "../include/abi.h"
#include "benchmem.h"
#include "cache.h"
#include "proc.h"
#include "space.h"
#include "stat.h"
#include "syscall.h"
#include "trap.h"
#include "x86.h"

/* The private information port; a PC without one reads all ones. */
enum {
	INFO_PORT = 0xBA10,
	INFO_MAGIC = 0,
	INFO_HALTED_LOW = 1,
	INFO_HALTED_HIGH = 2,
	INFO_EXITS = 3,
	MAGIC = 0x424C5354,
};

/* Above all heaps, below all stacks. */
enum { PDE_SHIFT = 22, SPARE_BASE = USER_DATA_MAX, SPARE_ENTRIES = 16 };

/* One of the port's values. */
static uint32_t info(uint32_t index)
{
	outl(INFO_PORT, index);
	return inl(INFO_PORT);
}

/* On a VMM it is the host that halts while we wait. */
static int clock_read(struct abi_clock *to)
{
	struct abi_clock clock = {.on_vmm = info(INFO_MAGIC) == MAGIC};
	uint64_t halted = stat.halted;

	if (clock.on_vmm) {
		halted = info(INFO_HALTED_LOW) | (uint64_t)info(INFO_HALTED_HIGH) << 32;
		clock.exits = info(INFO_EXITS);
	}
	clock.busy = rdtsc() - halted;
	return user_write(to, &clock, sizeof(clock)) == 0 ? 0 : -EFAULT;
}

/* Takes pages out of the space but leaves them under their entries. */
static int unmap_pages(uint32_t address, uint32_t count)
{
	pte_t *pte;

	for (uint32_t i = 0; i < count; i++, address += PAGE_SIZE) {
		if (space_region(&current->space, address) == REGION_NONE)
			return -EFAULT;
		pte = space_find(&current->space, address);
		if (pte == NULL || !(*pte & PTE_P) ||
		    page_at(pte_number(*pte))->refs != 1)
			return -EAGAIN;
		pte_set(pte, pte_ready(pte_number(*pte)));
		invlpg(address);
	}
	return 0;
}

/*
 * A soft bit of each page's entry changes, and the translation is flushed: a touch then
 * has to find the page, which was there all the time, anew.
 */
static int renew_pages(uint32_t address, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++, address += PAGE_SIZE) {
		pte_t *pte = NULL;

		if (address < KERNBASE)
			pte = space_find(&current->space, address);
		if (pte == NULL || !(*pte & PTE_P))
			return -EAGAIN;
		pte_set(pte, *pte ^ PTE_SOFT);
		invlpg(address);
	}
	return 0;
}

/* Nothing, count times: what the loops below cost by themselves. */
static void loop_empty(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		__asm__ volatile("" : : : "memory");
}

/* Interrupts are off in the kernel: cli changes nothing. */
static void loop_cli(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		cli();
}

/* The entry changes between two of its soft bits' values; rights stay. */
static void loop_pte(pte_t *pte, uint32_t address, uint32_t count, bool flush)
{
	pte_t was = *pte;

	for (uint32_t i = 0; i < count; i++) {
		pte_set(pte, i % 2 == 0 ? was & ~(pte_t)PTE_W : was);
		if (flush)
			invlpg(address);
	}
	pte_set(pte, was);
	invlpg(address);
}

/* Where the directory entries lie that are written: nothing else is ever there. */
static pte_t *spare_entries(void)
{
	return &current->space.directory[SPARE_BASE >> PDE_SHIFT];
}

/* The page's table comes under each; reading through them maps it on whatever is below. */
static int directory_loop(enum bench_op op, uint32_t address, uint32_t count)
{
	pte_t *entry = spare_entries();
	pte_t pde = current->space.directory[address >> PDE_SHIFT];

	if (address >= KERNBASE || count > SPARE_ENTRIES || !(pde & PTE_P))
		return -EINVAL;
	if (op == BENCH_PDE_SET)
		for (uint32_t i = 0; i < count; i++)
			pte_set(&entry[i], pde);
	else if (op == BENCH_PDE_CLEAR)
		for (uint32_t i = count; i-- > 0;)
			pte_set(&entry[i], 0);
	else
		for (uint32_t i = 0; i < count; i++)
			(void)*(const volatile uint32_t *)(SPARE_BASE +
							   (i << PDE_SHIFT) +
							   address % (1 << PDE_SHIFT));
	return 0;
}

/* The loops over one page: it must be there and writable. */
static int page_loop(enum bench_op op, uint32_t address, uint32_t count)
{
	pte_t *pte;

	if (address >= KERNBASE || address % PAGE_SIZE != 0)
		return -EINVAL;
	pte = space_find(&current->space, address);
	if (pte == NULL || (*pte & (PTE_P | PTE_W)) != (PTE_P | PTE_W))
		return -EINVAL;
	loop_pte(pte, address, count, op == BENCH_PTE_FLUSH);
	return 0;
}

/* Numbers and meaning are in abi.h. */
int sys_bench(struct trapframe *frame)
{
	uint32_t argument = frame->ecx;
	uint32_t count = frame->edx;

	if (count > BENCH_COUNT_MAX)
		return -EINVAL;
	switch ((enum bench_op)frame->ebx) {
	case BENCH_CLOCK:
		return clock_read((struct abi_clock *)argument);
	case BENCH_UNMAP:
		return unmap_pages(argument, count);
	case BENCH_RENEW:
		return renew_pages(argument, count);
	case BENCH_DROP_CACHE:
		return cache_drop();
	case BENCH_EMPTY:
		loop_empty(count);
		return 0;
	case BENCH_CLI:
		loop_cli(count);
		return 0;
	case BENCH_PTE:
	case BENCH_PTE_FLUSH:
		return page_loop((enum bench_op)frame->ebx, argument, count);
	case BENCH_PDE_SET:
	case BENCH_PDE_TOUCH:
	case BENCH_PDE_CLEAR:
		return directory_loop((enum bench_op)frame->ebx, argument, count);
	case BENCH_TAKE:
	case BENCH_GIVE:
	case BENCH_TOUCH:
	case BENCH_PUT_BACK:
		return bench_memory((enum bench_op)frame->ebx, count);
	}
	return -EINVAL;
}
