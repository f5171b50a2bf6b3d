/*
 * The drive: commands, data by port, addresses, resets, interrupts. Data by port
 * are in test_vpio.c, DMA in test_vbm.c.
 */
#include "grader/unit/ide.h"

TestSuite(vide, .init = model_init, .fini = model_check_quiet, .timeout = 20);

static void identify(u16 *word)
{
	u32 i;

	ide_command(0, 0, 0xec);
	cr_assert(model_line(14));
	cr_assert_eq(in8(IDE_STATUS), READY | DRQ);
	for (i = 0; i < 256; i++)
		word[i] = ide_in16();
	cr_assert_eq(in8(IDE_STATUS), READY);
}

Test(vide, shows_the_signature_of_a_disk_after_reset)
{
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert_eq(in8(IDE_NSECT), 1);
	cr_assert_eq(in8(IDE_SECTOR), 1);
	cr_assert_eq(in8(IDE_CYL_LOW) | in8(IDE_CYL_HIGH), 0);
	cr_assert_not(model_line(14));
}

Test(vide, identify_says_what_it_is)
{
	u16 word[256];

	identify(word);
	cr_assert_eq(word[0], 0x0040);
	cr_assert_eq(word[60] | word[61] << 16, MODEL_DISK_COUNT);
	cr_assert_eq(word[49], 0x0300);
	cr_assert_eq(word[47] & 0xff, 8);
	cr_assert_eq(word[27], 'B' << 8 | 'a');
	cr_assert_eq(word[3], 16);
	cr_assert_eq(word[6], 63);
}

Test(vide, chs_and_lba_name_the_same_sectors)
{
	out8(IDE_DEVICE, 0xa0 | 3);
	out8(IDE_NSECT, 1), out8(IDE_SECTOR, 5), out8(IDE_CYL_LOW, 1),
		out8(IDE_CYL_HIGH, 0);
	out8(IDE_STATUS, READ);
	model_complete();
	take_sector((1 * 16 + 3) * 63 + 4);
	out8(IDE_NSECT, 10), out8(IDE_DEVICE, 0xa0 | 3), out8(IDE_STATUS, 0x91);
	cr_assert_eq(in8(IDE_STATUS), READY);
	out8(IDE_DEVICE, 0xa0 | 2);
	out8(IDE_NSECT, 1), out8(IDE_SECTOR, 10), out8(IDE_CYL_LOW, 7);
	out8(IDE_STATUS, READ);
	model_complete();
	take_sector((7 * 4 + 2) * 10 + 9);
}

Test(vide, chs_sector_0_and_wild_heads_are_not_found)
{
	out8(IDE_NSECT, 3), out8(IDE_DEVICE, 0xa0 | 1), out8(IDE_STATUS, 0x91);
	out8(IDE_DEVICE, 0xa0), out8(IDE_SECTOR, 0), out8(IDE_NSECT, 1);
	out8(IDE_STATUS, READ);
	cr_assert_eq(in8(IDE_STATUS), READY | ERR);
	cr_assert_eq(in8(IDE_ERROR), IDNF);
	out8(IDE_SECTOR, 4), out8(IDE_STATUS, READ);
	cr_assert_eq(in8(IDE_ERROR), IDNF);
	out8(IDE_SECTOR, 1), out8(IDE_DEVICE, 0xa2), out8(IDE_STATUS, READ);
	cr_assert_eq(in8(IDE_ERROR), IDNF);
	out8(IDE_NSECT, 0), out8(IDE_STATUS, 0x91);
	cr_assert_eq(in8(IDE_ERROR), ABRT, "a translation without sectors");
}

Test(vide, sectors_beyond_the_drive_are_not_found)
{
	static const struct {
		u32 lba;
		u8 count;
	} bad[] = {{MODEL_DISK_COUNT, 1},
		   {MODEL_DISK_COUNT - 1, 2},
		   {MODEL_DISK_COUNT - 255, 0},
		   {0x0fffffff, 1},
		   {0x0fffffff, 0},
		   {MODEL_DISK_COUNT, 0}};
	static const u8 commands[] = {READ, WRITE, 0xc8, 0xca, 0x40};
	u32 i, c;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		for (c = 0; c < ARRAY_LEN(commands); c++) {
			ide_command(bad[i].lba, bad[i].count, commands[c]);
			cr_assert_eq(in8(IDE_STATUS), READY | ERR, "lba 0x%x",
				     bad[i].lba);
			cr_assert_eq(in8(IDE_ERROR), IDNF);
		}
	}
	cr_assert_eq(model.requests, 0u);
	ide_command(MODEL_DISK_COUNT - 1, 1, READ);
	model_complete();
	take_sector(MODEL_DISK_COUNT - 1);
}

Test(vide, unknown_commands_are_aborted_and_interrupt)
{
	static const u8 unknown[] = {0x00, 0x08, 0x24, 0x25, 0x35, 0xa0, 0xa1,
				     0xb0, 0xc7, 0xea, 0xed, 0xf1, 0xf8, 0xff};
	u32 i;

	for (i = 0; i < sizeof(unknown); i++) {
		ide_command(0, 1, unknown[i]);
		cr_assert(model_line(14));
		cr_assert_eq(in8(IDE_STATUS), READY | ERR, "command 0x%x", unknown[i]);
		cr_assert_eq(in8(IDE_ERROR), ABRT);
	}
}

Test(vide, commands_without_data_end_at_once)
{
	static const u8 known[] = {0x10, 0x1f, 0x40, 0x70, 0x94, 0x95, 0x96, 0x97, 0x98,
				   0x99, 0xe0, 0xe1, 0xe2, 0xe3, 0xe5, 0xe6, 0xe7};
	u32 i;

	for (i = 0; i < sizeof(known); i++) {
		ide_command(1, 1, known[i]);
		cr_assert(model_line(14));
		cr_assert_eq(in8(IDE_STATUS), READY, "command 0x%x", known[i]);
	}
	ide_command(1, 1, 0xe5);
	cr_assert_eq(in8(IDE_NSECT), 0xff, "active");
}

Test(vide, set_features_keeps_the_transfer_mode)
{
	u16 word[256];

	out8(IDE_ERROR, 3);
	ide_command(0, 0x22, 0xef);
	cr_assert_eq(in8(IDE_STATUS), READY);
	identify(word);
	cr_assert_eq(word[63], 0x0407);
	cr_assert_eq(word[88], 0x0007);
	out8(IDE_ERROR, 3);
	ide_command(0, 0x45, 0xef);
	cr_assert_eq(in8(IDE_STATUS), READY | ERR, "UDMA 5 is not a PIIX3's");
	out8(IDE_ERROR, 0x5d);
	ide_command(0, 0, 0xef);
	cr_assert_eq(in8(IDE_ERROR), ABRT);
}

Test(vide, nien_holds_the_interrupt_back)
{
	out8(IDE_CONTROL, 0x02);
	ide_command(1, 1, READ);
	model_complete();
	cr_assert_not(model_line(14));
	out8(IDE_CONTROL, 0x00);
	cr_assert(model_line(14), "it was waiting");
	take_sector(1);
}

Test(vide, a_soft_reset_ends_a_transfer)
{
	ide_command(1, 4, READ);
	model_complete();
	out8(IDE_CONTROL, 0x04);
	cr_assert_eq(ide_alt_status(), BSY);
	ide_command(2, 1, READ);
	out8(IDE_CONTROL, 0x00);
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert_eq(in8(IDE_ERROR), 1);
	cr_assert_eq(in8(IDE_NSECT), 1);
	cr_assert_not(model_line(14));
	ide_command(3, 1, READ);
	model_complete();
	take_sector(3);
}

Test(vide, a_soft_reset_waits_for_the_request_in_flight)
{
	ide_command(1, 4, READ);
	out8(IDE_CONTROL, 0x04);
	out8(IDE_CONTROL, 0x00);
	cr_assert_eq(ide_alt_status(), BSY);
	ide_command(9, 1, READ);
	cr_assert_eq(model.requests, 1u);
	model_complete();
	cr_assert_eq(in8(IDE_STATUS), READY);
	cr_assert_eq(in8(IDE_NSECT), 1);
	cr_assert_not(model_line(14));
	model_complete_all();
	cr_assert_eq(model.requests, 1u, "the rest of the command is forgotten");
}

Test(vide, a_reset_held_beyond_the_request_stays_busy)
{
	ide_command(1, 1, READ);
	out8(IDE_CONTROL, 0x04);
	model_complete();
	cr_assert_eq(ide_alt_status(), BSY);
	out8(IDE_CONTROL, 0x00);
	cr_assert_eq(in8(IDE_STATUS), READY);
}

Test(vide, there_is_no_second_drive)
{
	out8(IDE_DEVICE, 0xb0);
	cr_assert_eq(in8(IDE_STATUS), 0);
	out8(IDE_STATUS, 0xec);
	cr_assert_eq(in8(IDE_STATUS), 0);
	cr_assert_eq(ide_in16(), 0xffff);
	out8(IDE_DEVICE, 0xa0);
	cr_assert_eq(in8(IDE_STATUS), READY, "the first did not hear the command");
}

Test(vide, power_on_reset_in_the_middle_keeps_the_drive)
{
	ide_command(1, 4, READ);
	model_complete();
	vide_init(&vm);
	cr_assert_not(model_line(14));
	ide_command(8, 1, READ);
	model_complete();
	take_sector(8);
}

Test(vide, detached_the_bus_floats)
{
	vide_detach(&vm);
	cr_assert_eq(model.frames, 0u);
	cr_assert_eq(in8(IDE_STATUS), 0xff);
	ide_command(0, 1, READ);
	out8(IDE_CONTROL, 4);
	cr_assert_eq(model.requests, 0u);
	vide_detach(&vm);
}
