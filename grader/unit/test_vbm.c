/*
 * The bus master: transfers as drivers make them, in one request or in a chain of them. The
 * model's disk refuses any request that touches memory which is not pinned.
 */
#include "grader/unit/ide.h"

#include <string.h>

static void setup(void)
{
	model_init();
	ide_allow_master(true);
}

TestSuite(vbm, .init = setup, .fini = model_check_quiet, .timeout = 20);

/* Are these bytes of memory those of the disk from `lba` on? */
static bool same(u32 address, u32 lba, u32 bytes)
{
	u32 i;

	for (i = 0; i < bytes; i++)
		if (model.ram[address + i] != model_pattern(lba + i / 512, i % 512))
			return false;
	return true;
}

Test(vbm, reads_into_memory)
{
	ide_prd(0, 0x8000, LAST | 4096);
	ide_command(10, 8, READ_DMA);
	cr_assert_eq(ide_alt_status(), READY | DRQ);
	ide_start(TO_MEMORY);
	cr_assert_eq(ide_alt_status(), BSY);
	cr_assert_eq(in8(BM_STATUS) & 7, ACTIVE);
	cr_assert_eq(model.pins[8], 1u);
	model_complete();
	cr_assert(model_line(14));
	cr_assert_eq(in8(BM_STATUS) & 7, BM_INT, "done, and the table was as long");
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert(same(0x8000, 10, 4096));
	cr_assert_eq(model.ram[0x9000], 0);
	out8(BM_COMMAND, 0);
	out8(BM_STATUS, BM_INT);
	cr_assert_eq(in8(BM_STATUS) & 7, 0);
}

Test(vbm, writes_from_memory)
{
	memset(model.ram + 0x8200, 0x5a, 1024);
	ide_prd(0, 0x8200, LAST | 1024);
	ide_command(20, 2, WRITE_DMA);
	ide_start(0);
	model_complete_all();
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert_eq(model_sector(20)[0], 0x5a);
	cr_assert_eq(model_sector(21)[511], 0x5a);
	cr_assert_eq(model_sector(22)[0], model_pattern(22, 0));
}

Test(vbm, start_may_come_before_the_command)
{
	ide_prd(0, 0x8000, LAST | 512);
	ide_start(TO_MEMORY);
	cr_assert_eq(model.requests, 0u);
	ide_command(3, 1, READ_DMA);
	model_complete_all();
	cr_assert(same(0x8000, 3, 512));
}

Test(vbm, scattered_pieces_arrive_in_order)
{
	ide_prd(0, 0x8f00, 0x200); /* two pages */
	ide_prd(1, 0x20000, 0x101e);
	ide_prd(2, 0x12002, LAST | 0x1de2);
	read_dma(40, 24);
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert(same(0x8f00, 40, 0x200));
	cr_assert(!memcmp(model.ram + 0x20000 + 0x1000, model_sector(49), 0x1e));
	cr_assert(!memcmp(model.ram + 0x12002, model_sector(49) + 0x1e, 0x1de2));
}

Test(vbm, count_0_is_64_kib)
{
	ide_prd(0, 0x110000, 0);
	ide_prd(1, 0x120000, LAST);
	read_dma(0, 0); /* 256 sectors, 128 KiB */
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert_eq(in8(BM_STATUS) & 7, BM_INT);
	cr_assert(same(0x110000, 0, 0x20000));
	cr_assert_geq(model.requests, 2u);
}

/* Pieces that are no neighbours: many requests, chained by the completions. */
Test(vbm, many_pieces_become_many_requests)
{
	u32 i;

	for (i = 0; i < 256; i++)
		ide_prd(i, 0x110000 + i * 0x3b2, (i == 255 ? LAST : 0) | 512);
	read_dma(500, 0);
	cr_assert_eq(model.events, 1u, "pieces across pages make it too many");
	for (i = 0; i < 80; i++)
		ide_prd(i, 0x110c10 + i * 0x600, (i == 79 ? LAST : 0) | 512);
	read_dma(500, 80);
	cr_assert_eq(in8(IDE_STATUS), READY);
	for (i = 0; i < 80; i++)
		cr_assert(same(0x110c10 + i * 0x600, 500 + i, 512), "piece %u", i);
	cr_assert_leq(model.most_segs, (u32)DISK_MAX_SEGS);
	cr_assert_geq(model.requests, 3u);
}

Test(vbm, pieces_that_end_inside_a_sector_are_split_there)
{
	u32 i;

	for (i = 0; i < 100; i++)
		ide_prd(i, 0x110000 + i * 0x1000, 82);
	ide_prd(100, 0x11000, LAST | (17 * 512 - 8200));
	read_dma(77, 17);
	cr_assert_eq(in8(IDE_STATUS), READY);
	for (i = 0; i < 100 * 82; i++)
		cr_assert_eq(model.ram[0x110000 + i / 82 * 0x1000 + i % 82],
			     model_pattern(77 + i / 512, i % 512), "byte %u", i);
	cr_assert_geq(model.requests, 4u);
}

Test(vbm, neighbours_are_one_piece)
{
	u32 i;

	for (i = 0; i < 2048; i++)
		ide_prd(i, 0x110000 + i * 2, (i == 2047 ? LAST : 0) | 2);
	read_dma(0, 8);
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert_eq(model.most_segs, 1u);
	cr_assert(same(0x110000, 0, 4096));
}

Test(vbm, the_same_page_256_times_is_pinned_once)
{
	u32 i;

	for (i = 0; i < 256; i++)
		ide_prd(i, 0x8000, (i == 255 ? LAST : 0) | 512);
	read_dma(0, 0);
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert_eq(model.most_pins, 1u);
	cr_assert(same(0x8000, 255, 512));
}

Test(vbm, two_pages_in_turn_stay_below_the_pin_limit)
{
	u32 i;

	for (i = 0; i < 256; i++)
		ide_prd(i, 0x8000 + (i & 1) * 0x1000, (i == 255 ? LAST : 0) | 512);
	read_dma(0, 0);
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert_eq(model.most_pins, 128u);
}

Test(vbm, a_table_that_is_longer_leaves_the_master_active)
{
	ide_prd(0, 0x8000, LAST | 4096);
	read_dma(0, 1);
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert_eq(in8(BM_STATUS) & 7, ACTIVE | BM_INT);
	cr_assert(same(0x8000, 0, 512));
	cr_assert_eq(model.ram[0x8200], 0, "not a byte more than the command's");
	out8(BM_COMMAND, 0);
	cr_assert_eq(in8(BM_STATUS) & 1, 0);
}

Test(vbm, a_table_that_is_shorter_stalls_the_drive)
{
	ide_prd(0, 0x8000, LAST | 1030);
	read_dma(0, 4);
	cr_assert_eq(in8(BM_STATUS) & 7, 0, "not active, no interrupt");
	cr_assert_not(model_line(14));
	cr_assert_eq(ide_alt_status(), READY | DRQ);
	cr_assert(same(0x8000, 0, 1024));
	cr_assert_eq(model.ram[0x8400], 0);
	out8(IDE_CONTROL, 4), out8(IDE_CONTROL, 0);
	cr_assert_eq(in8(IDE_STATUS), READY);
}

Test(vbm, a_table_shorter_than_a_sector_moves_nothing)
{
	ide_prd(0, 0x8000, LAST | 510);
	read_dma(0, 1);
	cr_assert_eq(model.requests, 0u);
	cr_assert_eq(in8(BM_STATUS) & 7, 0);
	cr_assert_eq(ide_alt_status(), READY | DRQ);
}

Test(vbm, without_bus_master_enable_nothing_moves_until_it_is_set)
{
	ide_allow_master(false);
	ide_prd(0, 0x8000, LAST | 512);
	read_dma(9, 1);
	cr_assert_eq(model.requests, 0u);
	cr_assert_eq(ide_alt_status(), READY | DRQ);
	ide_allow_master(true);
	model_complete_all();
	cr_assert(same(0x8000, 9, 512));
}

Test(vbm, start_is_an_edge)
{
	ide_prd(0, 0x8000, LAST | 512);
	read_dma(9, 1);
	in8(IDE_STATUS);
	ide_command(10, 1, READ_DMA); /* Start is still set from before */
	model_complete_all();
	cr_assert_eq(model.requests, 1u);
	ide_start(TO_MEMORY);
	model_complete_all();
	cr_assert(same(0x8000, 10, 512));
}

Test(vbm, stopping_in_flight_ends_with_that_request)
{
	ide_prd(0, 0x110000, 0);
	ide_prd(1, 0x120000, LAST);
	ide_command(0, 0, READ_DMA);
	ide_start(TO_MEMORY);
	out8(BM_COMMAND, 0);
	out8(BM_COMMAND, TO_MEMORY | START); /* can't be resumed */
	model_complete_all();
	cr_assert_eq(model.requests, 1u);
	cr_assert_eq(ide_alt_status(), READY | DRQ);
	cr_assert_not(model_line(14));
	model_check_quiet();
	out8(IDE_CONTROL, 4), out8(IDE_CONTROL, 0), out8(BM_COMMAND, 0);
	read_dma(3, 1);
	cr_assert(same(0x110000, 3, 512));
}

Test(vbm, a_reset_in_flight_lets_no_later_request_go)
{
	ide_prd(0, 0x110000, 0);
	ide_prd(1, 0x120000, LAST);
	ide_command(0, 0, READ_DMA);
	ide_start(TO_MEMORY);
	out8(IDE_CONTROL, 4);
	out8(IDE_CONTROL, 0);
	cr_assert_eq(ide_alt_status(), BSY);
	model_complete_all();
	cr_assert_eq(model.requests, 1u);
	cr_assert_eq(in8(IDE_STATUS), READY);
	model_check_quiet();
}

Test(vbm, a_host_error_ends_the_chain)
{
	ide_prd(0, 0x110000, 0);
	ide_prd(1, 0x120000, LAST);
	ide_command(100, 0, READ_DMA);
	ide_start(TO_MEMORY);
	model_complete();
	model.fail = true;
	model_complete_all();
	cr_assert_eq(model.requests, 2u);
	cr_assert(model_line(14));
	cr_assert_eq(in8(IDE_STATUS), READY | ERR);
	cr_assert_eq(in8(IDE_ERROR), UNC);
	cr_assert_eq(in8(IDE_SECTOR), (100 + DISK_MAX_SECTORS) & 0xff);
}

Test(vbm, odd_addresses_and_counts_lose_their_lowest_bit)
{
	ide_prd(0, 0x8001, LAST | 513);
	read_dma(1, 1);
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert(same(0x8000, 1, 512));
}

Test(vbm, the_table_is_read_once)
{
	ide_prd(0, 0x8000, 4096);
	ide_prd(1, 0xa000, LAST | 4096);
	ide_command(0, 16, READ_DMA);
	ide_start(TO_MEMORY);
	cr_assert_eq(model.gpa_reads, 2u);
	ide_prd(0, 0xfffff000, 0);
	ide_prd(1, 0xfffff000, 0);
	io_out(&vm, BM_PRD, 4, 0xfffffffc);
	model_complete_all();
	cr_assert(same(0x8000, 0, 4096));
	cr_assert(same(0xa000, 8, 4096));
	cr_assert_eq(model.gpa_reads, 2u);
}
