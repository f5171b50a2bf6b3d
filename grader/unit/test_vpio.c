/*
 * The drive's data by port: sector by sector, block by block, with errors, in odd widths,
 * and at last any sequence of port accesses whatever.
 */
#include "grader/unit/ide.h"
#include <string.h>

TestSuite(vpio, .init = model_init, .fini = model_check_quiet, .timeout = 20);

static bool sector_is(u32 lba, u8 seed)
{
	u32 i;

	for (i = 0; i < SECTOR_SIZE; i++)
		if (model_sector(lba)[i] != (u8)(seed + i))
			return false;
	return true;
}

Test(vpio, a_read_is_busy_then_interrupts)
{
	ide_command(5, 1, READ);
	cr_assert_eq(ide_alt_status(), BSY);
	cr_assert_not(model_line(14));
	cr_assert(model_complete());
	cr_assert(model_line(14));
	cr_assert_eq(ide_alt_status(), READY | DRQ, "no BSY");
	cr_assert(model_line(14), "the alternate status leaves the interrupt");
	take_sector(5);
	cr_assert_not(model_line(14));
	cr_assert_eq(in8(IDE_STATUS), READY);
}

Test(vpio, reads_256_sectors_with_an_interrupt_each)
{
	u32 i;

	ide_command(100, 0, READ);
	for (i = 0; i < 256; i++) {
		model_complete();
		cr_assert(model_line(14), "sector %u", i);
		take_sector(100 + i);
		cr_assert_not(model.pending && model_line(14));
	}
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert_eq(model.requests, 256u / VIDE_MAX_MULTIPLE);
}

Test(vpio, writes_by_port)
{
	u32 i;

	ide_command(7, 10, WRITE);
	cr_assert_not(model_line(14), "no interrupt before the first sector");
	for (i = 0; i < 10; i++) {
		give_sector(i * 3);
		model_complete_all();
		cr_assert(model_line(14), "after each");
	}
	cr_assert_eq(in8(IDE_STATUS), READY);
	for (i = 0; i < 10; i++)
		cr_assert(sector_is(7 + i, i * 3), "sector %u", i);
	cr_assert_eq(model_sector(6)[0], model_pattern(6, 0));
	cr_assert_eq(model_sector(17)[0], model_pattern(17, 0));
	cr_assert_eq(vm.stats.disk_writes, 2ull);
}

Test(vpio, multiple_is_refused_until_set_and_then_interrupts_a_block)
{
	u32 i;

	ide_command(0, 8, 0xc4);
	cr_assert_eq(in8(IDE_STATUS), READY | ERR);
	cr_assert_eq(in8(IDE_ERROR), ABRT);
	ide_command(0, 4, 0xc6);
	cr_assert_eq(in8(IDE_STATUS), READY);
	ide_command(20, 10, 0xc4); /* blocks of 4, 4 and 2; windows of 8 and 2 */
	for (i = 0; i < 10; i++) {
		model_complete_all();
		cr_assert_eq(model_line(14), i % 4 == 0, "sector %u", i);
		take_sector(20 + i);
	}
	cr_assert_eq(in8(IDE_STATUS), READY);
}

Test(vpio, write_multiple)
{
	u32 i;

	ide_command(0, 8, 0xc6);
	in8(IDE_STATUS);
	ide_command(30, 12, 0xc5);
	for (i = 0; i < 12; i++) {
		give_sector(i);
		cr_assert_eq(model.pending != NULL, i == 7 || i == 11);
		model_complete_all();
	}
	cr_assert_eq(in8(IDE_STATUS), READY);
	for (i = 0; i < 12; i++)
		cr_assert(sector_is(30 + i, i));
}

Test(vpio, set_multiple_takes_powers_of_two_up_to_8)
{
	u32 n;

	for (n = 1; n < 256; n++) {
		bool good = n == 1 || n == 2 || n == 4 || n == 8;

		ide_command(0, n, 0xc6);
		cr_assert_eq(in8(IDE_STATUS), good ? READY : READY | ERR, "%u", n);
	}
}

Test(vpio, a_command_while_busy_is_ignored)
{
	ide_command(5, 1, READ);
	ide_command(9, 1, WRITE);
	out8(IDE_STATUS, 0xec);
	io_out(&vm, IDE_DATA, 2, 0xffff);
	cr_assert_eq(model.requests, 1u);
	cr_assert_eq(ide_alt_status(), BSY);
	model_complete();
	take_sector(5);
}

Test(vpio, host_errors_reach_the_guest)
{
	model.fail = true;
	ide_command(33, 4, READ);
	model_complete();
	cr_assert(model_line(14));
	cr_assert_eq(in8(IDE_STATUS), READY | ERR);
	cr_assert_eq(in8(IDE_ERROR), UNC);
	cr_assert_eq(in8(IDE_SECTOR), 33);
	ide_command(33, 1, WRITE);
	give_sector(1);
	model_complete();
	cr_assert_eq(in8(IDE_STATUS), READY | ERR);
	model.fail = false;
	ide_command(33, 1, READ);
	model_complete();
	take_sector(33);
}

Test(vpio, a_new_command_ends_a_transfer_that_waits_for_the_guest)
{
	ide_command(1, 4, READ);
	model_complete();
	ide_in16();
	ide_command(50, 1, READ);
	model_complete();
	take_sector(50);
	cr_assert_eq(in8(IDE_STATUS), READY);
}

Test(vpio, data_of_any_width_in_any_mixture_stays_in_the_sector)
{
	u8 got[2 * SECTOR_SIZE + 8];
	u32 at = 0, size, value, i;

	ide_command(11, 2, READ);
	model_complete();
	for (i = 0; at < SECTOR_SIZE; i++) {
		size = 4u >> i % 3;
		value = io_in(&vm, IDE_DATA, size);
		memcpy(got + at, &value, size);
		at += size;
	}
	for (i = 0; i < SECTOR_SIZE; i++)
		cr_assert_eq(got[i], model_pattern(11, i));
	take_sector(12);
	for (i = 0; i < 2000; i++)
		cr_assert_eq(io_in(&vm, IDE_DATA, 4), ~0u, "no data are left");
	ide_command(11, 1, WRITE);
	for (i = 0; i < 2000; i++)
		io_out(&vm, IDE_DATA, 4u >> i % 3, 0x01010101);
	model_complete_all();
	cr_assert_eq(model_sector(11)[511], 1);
	cr_assert_eq(model_sector(12)[0], model_pattern(12, 0));
}

/* Whatever is written: only the VM's sectors, only its memory, never two requests. */
Test(vpio, any_sequence_of_port_accesses_is_contained)
{
	static const u8 likely[] = {READ, WRITE, 0xc4, 0xc5, 0xc6,
				    0xc8, 0xca,	 0xec, 0x91};
	u32 i, x = 4711;

	ide_allow_master(true);
	for (i = 0; i < 300000; i++) {
		x = x * 1664525 + 1013904223;
		switch (x >> 28) {
		case 0:
			out8(IDE_STATUS, likely[(x >> 8) % sizeof(likely)]);
			break;
		case 1:
			out8(IDE_STATUS, x >> 8);
			break;
		case 2:
			out8(IDE_CONTROL, x >> 8 & 0x1f ? 0 : x >> 16);
			break;
		case 3:
			out8(BM + (x >> 8 & 15), x >> 16);
			break;
		case 4:
			model.fail = !(x >> 8 & 7);
			model_complete();
			break;
		case 5:
			model.ram[x >> 8 & 0x1fff] = x >> 20;
			break;
		case 6:
		case 7:
			out8(IDE_ERROR + (x >> 8) % 5, x >> 16 & 7);
			break;
		case 8:
			out8(IDE_DEVICE, x >> 8 & 7 ? 0xe0 : x >> 16);
			out8(IDE_CYL_HIGH, 0);
			break;
		default:
			if (x & 0x100)
				io_in(&vm, IDE_DATA, 1u << (x >> 12) % 3);
			else
				io_out(&vm, IDE_DATA, 1u << (x >> 12) % 3, x);
			break;
		}
	}
	model.fail = false;
	model_complete_all();
	cr_assert_gt(model.requests, 1000u, "only %u requests: too tame",
		     model.requests);
}
