/*
 * Where things are, for those who want to hit them.
 *
 *      0 .. 4 MiB       this guest: mapped one to one by every directory, supervisor only
 *      4 MiB .. end     the arena: directories, tables, code and data of the chaos
 */
#ifndef CHAOS_PLACES_H
#define CHAOS_PLACES_H

#include <stdint.h>

enum {
	ARENA = 4 << 20,
	DIRECTORIES = 4, /* the first pages of the arena */
	TABLES = 12,	 /* the next ones */
	CODE_PAGES = 4,	 /* and the next: the last is followed by a data page */
	SLOTS = 1024,
};

extern uint32_t memory_end; /* bytes; at least ARENA + 1 MiB */

/* Physical addresses within the arena. */
uint32_t directory_at(uint32_t i);
uint32_t table_at(uint32_t i);
uint32_t code_page_at(uint32_t i);

/* A physical page: mostly of the arena, sometimes of this guest, of nobody, of devices. */
uint32_t any_frame(void);
/* A linear address worth touching. */
uint32_t any_address(void);

#endif
