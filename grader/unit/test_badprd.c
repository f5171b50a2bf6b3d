/*
 * The bus master against tables as attackers make them: each is refused whole, the guest
 * is told, and nothing that is not the VM's is touched. The model's disk refuses any
 * request that touches memory which is not pinned.
 */
#include "grader/unit/ide.h"
#include <string.h>

static void setup(void)
{
	model_init();
	ide_allow_master(true);
}

TestSuite(badprd, .init = setup, .fini = model_check_quiet, .timeout = 20);

/* What a refused table looks like to the guest, and to us. */
static void check_refused(const char *why)
{
	cr_assert_eq(model.requests, 0u, "a byte moved");
	cr_assert_eq(in8(BM_STATUS) & 7, BM_ERR | BM_INT);
	cr_assert(model_line(14));
	cr_assert_eq(in8(IDE_STATUS), READY | ERR);
	cr_assert_eq(in8(IDE_ERROR), ABRT);
	cr_assert_eq(model.events, 1u);
	cr_assert(strstr(model.event, "ide.baddma vm=3 gpa=0x"), "%s", model.event);
	cr_assert(strstr(model.event, why), "%s", model.event);
}

Test(badprd, a_table_beyond_memory)
{
	ide_command(0, 1, READ_DMA);
	io_out(&vm, BM_PRD, 4, MODEL_PAGES * PAGE_SIZE);
	out8(BM_COMMAND, TO_MEMORY | START);
	check_refused("table-not-memory");
}

Test(badprd, a_table_at_the_top_of_the_address_space)
{
	ide_command(0, 1, READ_DMA);
	io_out(&vm, BM_PRD, 4, 0xffffffff);
	out8(BM_COMMAND, TO_MEMORY | START);
	check_refused("table-crosses-64k");
}

Test(badprd, a_table_on_device_memory)
{
	ide_command(0, 1, READ_DMA);
	io_out(&vm, BM_PRD, 4, 0xa0000);
	out8(BM_COMMAND, TO_MEMORY | START);
	check_refused("table-not-memory");
}

Test(badprd, a_table_that_runs_into_the_next_64_kib)
{
	u32 *entry = (u32 *)(model.ram + 0x1fff8);

	entry[0] = 0x8000;
	entry[1] = 512;
	entry[2] = 0x9000;
	entry[3] = LAST | 512;
	ide_command(0, 2, READ_DMA);
	io_out(&vm, BM_PRD, 4, 0x1fff8);
	out8(BM_COMMAND, TO_MEMORY | START);
	check_refused("table-crosses-64k");
}

Test(badprd, a_table_without_an_end)
{
	u32 i;

	for (i = 0; i < 0xd000 / 8; i++)
		ide_prd(i, 0x8000, 2);
	read_dma(0, 0);
	check_refused("too-many-pieces");
}

Test(badprd, memory_beyond_the_end)
{
	ide_prd(0, 0x8000, 512);
	ide_prd(1, MODEL_PAGES * PAGE_SIZE - 512, 512);
	ide_prd(2, MODEL_PAGES * PAGE_SIZE, LAST | 512);
	read_dma(0, 3);
	check_refused("not-memory");
}

Test(badprd, memory_at_the_top_that_would_wrap)
{
	ide_prd(0, 0xfffffe00, LAST | 1024);
	read_dma(0, 2);
	check_refused("crosses-64k");
}

Test(badprd, 64_kib_from_the_last_page)
{
	ide_prd(0, 0xfffff000, LAST);
	read_dma(0, 1);
	check_refused("crosses-64k");
}

Test(badprd, a_region_across_64_kib)
{
	ide_prd(0, 0x1ff00, LAST | 512);
	read_dma(0, 1);
	check_refused("crosses-64k");
}

Test(badprd, device_memory)
{
	ide_prd(0, 0x9f000, 4096);
	ide_prd(1, 0xa0000, LAST | 4096);
	read_dma(0, 16);
	check_refused("not-memory");
	cr_assert_eq(model.most_pins, 1u, "what was pinned before was given back");
}

Test(badprd, a_sector_in_too_many_pieces)
{
	u32 i;

	for (i = 0; i < 256; i++)
		ide_prd(i, 0x110000 + (i & 1) * 0x1000, (i == 255 ? LAST : 0) | 2);
	read_dma(0, 1);
	check_refused("too-many-pieces");
}

Test(badprd, the_wrong_direction)
{
	ide_prd(0, 0x8000, LAST | 512);
	ide_command(0, 1, READ_DMA);
	ide_start(0);
	check_refused("direction");
}

Test(badprd, the_event_log_is_not_flooded)
{
	u32 i;

	ide_prd(0, 0xa0000, LAST | 512);
	for (i = 0; i < 1000; i++)
		read_dma(0, 1);
	cr_assert_eq(model.events, (u32)VIDE_BAD_EVENTS);
	ide_prd(0, 0x8000, LAST | 512);
	read_dma(0, 1);
	cr_assert_eq(in8(IDE_STATUS), READY, "and the drive still works");
}

/* Random tables, some of them good: the model checks each request. */
Test(badprd, random_tables_are_contained)
{
	u32 i, j, x = 31337, good = 0;

	for (i = 0; i < 3000; i++) {
		for (j = 0; j < 20; j++) {
			x = x * 1664525 + 1013904223;
			ide_prd(j, x & 0xff ? x >> 8 & 0x1fffff : x * 77,
				(x >> 27 ? 0 : LAST) | (x >> 12 & 0x1ffe));
		}
		ide_command(x >> 5 & 0x7ff, x >> 16, x & 1024 ? READ_DMA : WRITE_DMA);
		ide_start(x & 1024 ? TO_MEMORY : 0);
		model_complete_all();
		good += in8(IDE_STATUS) == READY;
		out8(IDE_CONTROL, 4), out8(IDE_CONTROL, 0), out8(BM_COMMAND, 0);
		model_check_quiet();
	}
	cr_assert_gt(good, 100u, "only %u good ones", good);
}

/* No memory for a page of the transfer: the VM's thread never comes back from the pin. */
Test(badprd, the_vm_dies_while_it_is_prepared)
{
	ide_prd(0, 0x8000, LAST | 8192);
	ide_command(0, 16, READ_DMA);
	model.pins_to_death = 2;
	if (!setjmp(model.death))
		ide_start(TO_MEMORY);
	cr_assert_eq(model.pins[8], 1u);
	vide_quiesce(&vm);
	cr_assert_eq(model.pins[8], 0u);
	io_init(&vm);
	ide_allow_master(true);
	read_dma(5, 16);
	cr_assert_eq(in8(IDE_STATUS), READY, "the next life reads");
	cr_assert_eq(model.ram[0x8000], model_pattern(5, 0));
}
