/*
 * The partition table, from a disk that may be anything.
 */
#include <criterion/criterion.h>
#include "kernel/lib.h"
#include "kernel/mbr.h"

static u8 sector[MBR_BYTES];
static struct mbr_part out[MBR_PARTS];

static void put32(u8 *p, u32 v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (u8)(v >> 8 * i);
}

static void entry(int i, u8 type, u32 start, u32 sectors)
{
	u8 *p = sector + 446 + 16 * i;

	p[4] = type;
	put32(p + 8, start);
	put32(p + 12, sectors);
}

static void start(void)
{
	memset(sector, 0, sizeof(sector));
	memset(out, 0xee, sizeof(out));
	sector[510] = 0x55;
	sector[511] = 0xAA;
}

TestSuite(mbr, .init = start);

Test(mbr, four_partitions)
{
	entry(0, 0x06, 2048, 100);
	entry(1, 0xDA, 4096, 200);
	entry(3, 0xDB, 8192, 300);
	cr_assert_eq(mbr_parse(sector, 10000, out), 0);
	cr_assert(out[0].type == 0x06 && out[0].start == 2048 && out[0].sectors == 100);
	cr_assert(out[1].type == 0xDA && out[1].start == 4096 && out[1].sectors == 200);
	cr_assert(out[2].type == 0 && out[2].start == 0 && out[2].sectors == 0);
	cr_assert(out[3].type == 0xDB && out[3].start == 8192 && out[3].sectors == 300);
}

Test(mbr, no_signature_no_partitions)
{
	entry(0, 0x06, 1, 1);
	sector[511] = 0;
	cr_assert_eq(mbr_parse(sector, 10000, out), -1);
	for (int i = 0; i < MBR_PARTS; i++)
		cr_assert(out[i].type == 0 && out[i].sectors == 0);
}

Test(mbr, the_last_sector_is_still_on_the_disk)
{
	entry(0, 0xDA, 9000, 1000);
	entry(1, 0xDB, 9000, 1001);
	cr_assert_eq(mbr_parse(sector, 10000, out), 1);
	cr_assert_eq(out[0].sectors, 1000);
	cr_assert_eq(out[1].type, 0);
}

Test(mbr, nothing_wraps_around)
{
	entry(0, 0xDA, 0xFFFFFFF0, 0x20);
	entry(1, 0xDA, 0x10, 0xFFFFFFF8);
	entry(2, 0xDA, 0xFFFFFFFF, 0xFFFFFFFF);
	entry(3, 0xDA, 10000, 1);
	cr_assert_eq(mbr_parse(sector, 10000, out), 4);
	for (int i = 0; i < MBR_PARTS; i++)
		cr_assert_eq(out[i].type, 0);
}

Test(mbr, empty_entries_are_no_error)
{
	entry(0, 0xDA, 5, 0);
	entry(1, 0, 0xFFFFFFFF, 5);
	cr_assert_eq(mbr_parse(sector, 10000, out), 0);
	cr_assert_eq(out[0].type, 0);
}
