/*
 * The access matrix: every combination of P, W, U, A, D and PS in a directory entry and a
 * table entry, of CR0.WP and CR4.PSE, read, written, read then written, and executed from ring 0 and ring 3,
 * on whatever machine this runs. A bare machine's answers are the reference.
 *
 * What is printed is complete. A row is the answers for all table entries and accesses;
 * each differing one is printed once, run-length coded (COUNTxRESULT, 64 results a kind
 * of access), and each combination of the rest names its row. grader/matrix.awk reads it.
 */
#include "../mini/machine.h"
#include "cell.h"

enum {
	ENTRY_BITS = 6,
	ENTRIES = 1 << ENTRY_BITS,
	ACCESSES = 2 * ACCESS_KINDS, /* in ring 0; then in ring 3 */
	CELLS = ENTRIES * ACCESSES,
	ROWS = 128,
	LINE_RUNS = 24, /* runs a line: consoles have an end */
	FNV_BASIS = 0x811C9DC5,
	FNV_PRIME = 0x01000193,
};

static const char *const access_names[ACCESSES] = {"kr", "kw", "kx", "kb",
						   "ur", "uw", "ux", "ub"};

/* A and D are the lowest bits of a table entry's number: it makes long runs. */
static const uint32_t pde_order[ENTRY_BITS] = {PTE_P, PTE_W, PTE_U,
					       PTE_A, PTE_D, PTE_PS};
static const uint32_t pte_order[ENTRY_BITS] = {PTE_A, PTE_D, PTE_PS,
					       PTE_P, PTE_W, PTE_U};

static uint16_t rows[ROWS][CELLS];
static uint32_t row_count, cells, faults, checksum = FNV_BASIS;

static uint32_t spread(uint32_t number, const uint32_t *order)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < ENTRY_BITS; i++)
		if (number >> i & 1)
			bits |= order[i];
	return bits;
}

static void count(uint16_t result)
{
	cells++;
	faults += (result & RESULT_FAULT) != 0;
	checksum = (checksum ^ (result & 0xFF)) * FNV_PRIME;
	checksum = (checksum ^ result >> 8) * FNV_PRIME;
}

static void fill_row(uint16_t *row, uint32_t pde_bits)
{
	for (uint32_t i = 0; i < CELLS; i++) {
		uint32_t kind = i / ENTRIES;

		row[i] = cell_try(pde_bits, spread(i % ENTRIES, pte_order),
				  kind % ACCESS_KINDS, kind >= ACCESS_KINDS);
		count(row[i]);
	}
}

static bool same(const uint16_t *a, const uint16_t *b)
{
	for (uint32_t i = 0; i < CELLS; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static void print_runs(uint32_t number, uint32_t kind)
{
	const uint16_t *result = &rows[number][kind * ENTRIES];
	uint32_t runs = 0;

	for (uint32_t i = 0, n; i < ENTRIES; i += n) {
		for (n = 1; i + n < ENTRIES && result[i + n] == result[i];)
			n++;
		if (runs++ % LINE_RUNS == 0)
			print("%srow %u %s", runs > 1 ? "\n" : "", number,
			      access_names[kind]);
		print(" %ux%4x", n, result[i]);
	}
	print("\n");
}

/* The number of this row; printed when it is the first of its kind. */
static uint32_t row_number(void)
{
	uint32_t n = 0;

	while (!same(rows[n], rows[row_count]))
		n++;
	if (n < row_count)
		return n;
	for (uint32_t kind = 0; kind < ACCESSES; kind++)
		print_runs(n, kind);
	/* With too many kinds the last one is printed anew each time. */
	if (row_count < ROWS - 1)
		row_count++;
	return n;
}

static void one_group(uint32_t pde_bits, bool wp, bool pse)
{
	fill_row(rows[row_count], pde_bits);
	print("cell wp=%u pse=%u pde=%2x row=%u\n", wp, pse, pde_bits, row_number());
}

int main(void)
{
	serial_init();
	tables_load();
	cell_setup();
	print("matrix: begins\n");
	for (uint32_t pse = 0; pse < 2; pse++) {
		write_cr4(pse ? CR4_PSE : 0);
		for (uint32_t wp = 0; wp < 2; wp++) {
			write_cr0((read_cr0() & ~(uint32_t)CR0_WP) | (wp ? CR0_WP : 0));
			for (uint32_t n = 0; n < ENTRIES; n++)
				one_group(spread(n, pde_order), wp, pse);
		}
	}
	print("matrix: %u cells, %u faults, %u rows, checksum %8x\n", cells, faults,
	      row_count, checksum);
	power_off();
}
