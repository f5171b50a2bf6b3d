/*
 * One cell of the matrix: two entries, one access, what came of it.
 */
#ifndef MATRIX_CELL_H
#define MATRIX_CELL_H

#include <stdbool.h>
#include <stdint.h>

enum access {
	ACCESS_READ,
	ACCESS_WRITE,
	ACCESS_FETCH,
	ACCESS_BOTH, /* a read, then a write: the first write to a clean page */
	ACCESS_KINDS
};

/* Bits of a result. */
enum {
	RESULT_ERROR = 0x001F, /* the error code of the page fault */
	RESULT_FAULT = 0x0020, /* there was one */
	RESULT_CR2 =
		0x0040, /* CR2 is wrong: not the address; changed without a fault */
	RESULT_VECTOR = 0x0080, /* something else ended it */
	RESULT_PDE_A = 0x0100,	/* the access set A, D in the PDE, in the PTE */
	RESULT_PDE_D = 0x0200,
	RESULT_PTE_A = 0x0400,
	RESULT_PTE_D = 0x0800,
	RESULT_PDE_ODD = 0x1000, /* another bit of the entry changed, or one went */
	RESULT_PTE_ODD = 0x2000,
	RESULT_DATA =
		0x4000, /* read something else; wrote despite a fault, or didn't */
};

/* Turns paging on: needs 8 MiB of memory, and tables_load. Once. */
void cell_setup(void);

/*
 * Tries one access from ring 3 (`user`) or ring 0 with these low bits in the two entries.
 * CR0.WP and CR4.PSE are the caller's.
 */
uint16_t cell_try(uint32_t pde_bits, uint32_t pte_bits, enum access access, bool user);

#endif
