/*
 * Addresses, weighted by how likely they are to hurt.
 */
#include "places.h"

#include "../mini/machine.h"
#include "random.h"

enum {
	HOST_AREA = 0xFC000000,
	VGA_TEXT = 0xB8000,
	ROM = 0xF0000,
	HOT_SLOTS = 24, /* directory entries that the chaos likes best */
	ODDS = 16,
};

uint32_t memory_end;

uint32_t directory_at(uint32_t i)
{
	return ARENA + i * PAGE_SIZE;
}

uint32_t table_at(uint32_t i)
{
	return directory_at(DIRECTORIES) + i * PAGE_SIZE;
}

uint32_t code_page_at(uint32_t i)
{
	return table_at(TABLES) + i * PAGE_SIZE;
}

uint32_t any_frame(void)
{
	uint32_t arena_pages = (memory_end - ARENA) / PAGE_SIZE;

	switch (random_below(ODDS)) {
	case 0:
		return random32() & ~(uint32_t)(PAGE_SIZE - 1);
	case 1: /* just beyond memory */
		return memory_end + random_below(4) * PAGE_SIZE;
	case 2:
		return random_below(2) ? VGA_TEXT : ROM;
	case 3:
		return once_in(8) ? random_below(ARENA) & ~(uint32_t)(PAGE_SIZE - 1)
				  : HOST_AREA + random_below(64 * MIB) / PAGE_SIZE *
							PAGE_SIZE;
	case 4:
	case 5:
	case 6: /* a table as data, or in another one's place */
		return directory_at(random_below(DIRECTORIES + TABLES));
	default:
		return ARENA + random_below(arena_pages) * PAGE_SIZE;
	}
}

/* Offsets near the ends of a page find more than those in the middle. */
static uint32_t any_offset(void)
{
	switch (random_below(4)) {
	case 0:
		return PAGE_SIZE - 1 - random_below(8);
	case 1:
		return random_below(8);
	case 2:
		return random_below(PAGE_WORDS) * 4;
	default:
		return random_below(PAGE_SIZE);
	}
}

static uint32_t chaos_slot(void)
{
	uint32_t page = (1 + random_below(HOT_SLOTS)) * PAGE_WORDS + random_below(24);

	return page * PAGE_SIZE + any_offset();
}

uint32_t any_address(void)
{
	switch (random_below(ODDS)) {
	case 0:
		return random32();
	case 1:
		return HOST_AREA + random_below(64 * MIB);
	case 2:
		return 0u - 1 - random_below(2 * PAGE_SIZE);
	case 3: /* our own descriptor tables, from time to time */
		return once_in(16) ? (uint32_t)mini_gdt + random_below(3 * PAGE_SIZE)
				   : random_below(ARENA);
	case 4:
	case 5:
	case 6:
	case 7: /* entries of tables, in the one-to-one map */
		return directory_at(random_below(DIRECTORIES + TABLES)) +
		       random_below(PAGE_WORDS) * 4 +
		       (once_in(8) ? random_below(4) : 0);
	default:
		return chaos_slot();
	}
}
