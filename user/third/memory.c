/*
 * Memory: a bump allocator behind the image, the kernel's map, and a look at every page.
 */
#include "memory.h"

#include "kernel.h"
#include "layout.h"

enum {
	KIB = 1024,
	MIB = KIB * KIB,
	ENTRIES = 1024,
	TABLE_SPAN = ENTRIES * PAGE_SIZE,
	STEP = 512, /* bytes between the words that are written */
};

static uint32_t end_of_memory, next_page, directory;

extern uint8_t image_end[];
extern uint32_t mem_upper; /* KiB above 1 MiB */

static uint32_t *at(uint32_t physical)
{
	return (uint32_t *)(physical + KERNBASE);
}

uint32_t page_take(void)
{
	uint32_t page = next_page;

	if (end_of_memory - page < PAGE_SIZE)
		stop("no memory left");
	next_page += PAGE_SIZE;
	for (uint32_t i = 0; i < ENTRIES; i++)
		at(page)[i] = 0;
	return page;
}

void map_page(uint32_t address, uint32_t page, uint32_t rights)
{
	uint32_t *pde = &at(directory)[address / TABLE_SPAN];

	if (!(*pde & PTE_P))
		*pde = page_take() | PTE_U | PTE_W | PTE_P;
	at(*pde & ~(PAGE_SIZE - 1u))[address / PAGE_SIZE % ENTRIES] = page | rights |
								      PTE_P;
	invlpg(address);
}

/* The kernel's tables lie in the first 4 MiB, which the large page still maps. */
void memory_init(void)
{
	end_of_memory = (MIB + mem_upper * KIB) & ~(PAGE_SIZE - 1u);
	next_page = (uint32_t)image_end;
	directory = page_take();
	for (uint32_t page = 0; page < end_of_memory; page += PAGE_SIZE)
		map_page(KERNBASE + page, page, PTE_W);
	write_cr3(directory);
	write_cr4(read_cr4() & ~(uint32_t)CR4_PSE);
	print("memory: %u MiB, mapped by %u tables\n", (end_of_memory + MIB - 1) / MIB,
	      (end_of_memory + TABLE_SPAN - 1) / TABLE_SPAN);
}

static uint32_t word_for(uint32_t physical)
{
	return (physical ^ physical << 13) * 0x9E3779B9u;
}

void memory_check(void)
{
	uint32_t wrong = 0, fresh = 0;

	for (uint32_t p = next_page; p < end_of_memory; p += STEP)
		*at(p) = word_for(p);
	for (uint32_t p = next_page; p < end_of_memory; p += STEP) {
		wrong += *at(p) != word_for(p);
		fresh++;
	}
	print("memory: every page written and read back, %u words wrong\n", wrong);
	if (fresh < (end_of_memory - next_page) / STEP || wrong)
		stop("memory is not what it should be");
}
