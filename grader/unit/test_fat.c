/*
 * The guest's FAT16 on a disk in memory: files and directories as they should
 * be, and images that are damaged, which must give an error and never hang.
 */
#include "user/kernel/blk.h"
#include "user/kernel/fat.h"
#include "user/kernel/fat_disk.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum {
	SECTOR = 512,
	RESERVED = 1,
	TABLE_SECTORS = 17,
	ROOT_ENTRIES = 512,
	CLUSTERS = 4200,
	ROOT = RESERVED + 2 * TABLE_SECTORS,
	DATA = ROOT + ROOT_ENTRIES * 32 / SECTOR,
	SECTORS = DATA + CLUSTERS,
	READS_MAX = 2000000, /* more than that is a hang */
	BPB_SECTOR_BYTES = 11,
	BPB_CLUSTER_SECTORS = 13,
	BPB_RESERVED = 14,
	BPB_TABLES = 16,
	BPB_ROOT_ENTRIES = 17,
	BPB_SECTORS16 = 19,
	BPB_TABLE_SECTORS = 22,
};

static uint8_t *disk;
static uint32_t reads;
static uint32_t fail_after; /* accesses that work, then all fail; 0: never */

static bool fails(void)
{
	reads++;
	cr_assert_lt(reads, READS_MAX, "the file system hangs");
	return fail_after != 0 && reads > fail_after;
}

int blk_read(uint32_t at, void *buf, uint32_t bytes)
{
	if (fails())
		return -EIO;
	if (at > SECTORS * SECTOR || bytes > SECTORS * SECTOR - at)
		return -EINVAL;
	memcpy(buf, disk + at, bytes);
	return 0;
}

int blk_write(uint32_t at, const void *buf, uint32_t bytes)
{
	if (fails())
		return -EIO;
	if (at > SECTORS * SECTOR || bytes > SECTORS * SECTOR - at)
		return -EINVAL;
	memcpy(disk + at, buf, bytes);
	return 0;
}

static void put16(uint32_t at, uint32_t value)
{
	disk[at] = (uint8_t)value;
	disk[at + 1] = (uint8_t)(value >> 8);
}

static uint32_t get16(uint32_t at)
{
	return disk[at] | (uint32_t)disk[at + 1] << 8;
}

static void set_table(uint32_t cluster, uint32_t value)
{
	put16(RESERVED * SECTOR + cluster * 2, value);
	put16((RESERVED + TABLE_SECTORS) * SECTOR + cluster * 2, value);
}

static uint32_t table(uint32_t cluster)
{
	return get16(RESERVED * SECTOR + cluster * 2);
}

static uint32_t used_clusters(void)
{
	uint32_t used = 0;

	for (uint32_t i = 2; i < CLUSTERS + 2; i++)
		used += table(i) != 0;
	return used;
}

static void put_entry(uint32_t at, const char *name, int attributes, uint32_t first,
		      uint32_t size)
{
	memcpy(disk + at, name, 11);
	disk[at + 11] = (uint8_t)attributes;
	put16(at + 26, first);
	put16(at + 28, size);
	put16(at + 30, size >> 16);
}

/* An empty file system with one directory, /BIN, in cluster 2. */
static void setup(void)
{
	disk = calloc(SECTORS, SECTOR);
	reads = 0;
	fail_after = 0;
	put16(BPB_SECTOR_BYTES, SECTOR);
	disk[BPB_CLUSTER_SECTORS] = 1;
	put16(BPB_RESERVED, RESERVED);
	disk[BPB_TABLES] = 2;
	put16(BPB_ROOT_ENTRIES, ROOT_ENTRIES);
	put16(BPB_SECTORS16, SECTORS);
	put16(BPB_TABLE_SECTORS, TABLE_SECTORS);
	put16(510, 0xAA55);
	set_table(0, 0xFFF8);
	set_table(1, 0xFFFF);
	put_entry(ROOT * SECTOR, "BIN        ", FAT_ATTR_DIRECTORY, 2, 0);
	set_table(2, 0xFFFF);
	cr_assert_eq(fat_mount(SECTORS), 0);
}

static void teardown(void)
{
	free(disk);
}

TestSuite(fat, .init = setup, .fini = teardown, .timeout = 20);

/* A file of `bytes` whose byte i is i * 7 + salt. */
static void make_file(const char *path, uint32_t bytes, uint8_t salt,
		      struct fat_node *node)
{
	uint8_t *data = malloc(bytes + 1);

	for (uint32_t i = 0; i < bytes; i++)
		data[i] = (uint8_t)(i * 7 + salt);
	cr_assert_eq(fat_create(path, node), 0);
	cr_assert_eq(fat_write(node, 0, data, bytes), (int)bytes);
	free(data);
}

static void check_file(const char *path, uint32_t bytes, uint8_t salt)
{
	uint8_t *data = malloc(bytes + 1);
	struct fat_node node;

	cr_assert_eq(fat_lookup(path, &node), 0);
	cr_assert_eq(node.size, bytes);
	cr_assert_eq(fat_read(&node, 0, data, bytes + 1), (int)bytes);
	for (uint32_t i = 0; i < bytes; i++)
		cr_assert_eq(data[i], (uint8_t)(i * 7 + salt), "byte %u of %s", i,
			     path);
	free(data);
}

Test(fat, files_come_back_as_written)
{
	struct fat_node node;

	make_file("/A.TXT", 1, 1, &node);
	make_file("/B", 512, 2, &node);
	make_file("/BIN/C.DAT", 100001, 3, &node);
	check_file("/a.txt", 1, 1);
	check_file("//B", 512, 2);
	check_file("/bin/c.dat", 100001, 3);
}

Test(fat, both_tables_stay_equal)
{
	struct fat_node node;

	make_file("/A", 5000, 1, &node);
	cr_assert_arr_eq(disk + RESERVED * SECTOR,
			 disk + (RESERVED + TABLE_SECTORS) * SECTOR,
			 TABLE_SECTORS * SECTOR);
}

Test(fat, files_that_grow_in_turn_keep_their_bytes)
{
	struct fat_node nodes[3];
	const char *names[] = {"/X0", "/X1", "/X2"};
	uint8_t piece[300];

	for (uint32_t i = 0; i < 3; i++)
		cr_assert_eq(fat_create(names[i], &nodes[i]), 0);
	for (uint32_t at = 0; at < 90000; at += sizeof(piece)) {
		for (uint32_t i = 0; i < 3; i++) {
			for (uint32_t j = 0; j < sizeof(piece); j++)
				piece[j] = (uint8_t)((at + j) * 7 + i);
			cr_assert_eq(fat_write(&nodes[i], at, piece, sizeof(piece)),
				     300);
		}
	}
	for (uint32_t i = 0; i < 3; i++)
		check_file(names[i], 90000, (uint8_t)i);
}

/* Every second cluster is taken: more runs than a node remembers. */
Test(fat, a_fragmented_file_reads_right)
{
	struct fat_node node;
	uint8_t byte;

	for (uint32_t i = 3; i < CLUSTERS + 2; i += 2)
		set_table(i, 0xFFFF);
	make_file("/FRAG", 60000, 9, &node);
	check_file("/FRAG", 60000, 9);
	cr_assert_eq(fat_lookup("/FRAG", &node), 0);
	for (uint32_t i = 0; i < 500; i++) {
		uint32_t at = i * 7919 % 60000;

		cr_assert_eq(fat_read(&node, at, &byte, 1), 1);
		cr_assert_eq(byte, (uint8_t)(at * 7 + 9));
	}
}

Test(fat, overwriting_changes_only_what_it_should)
{
	struct fat_node node;
	uint8_t byte = 0xEE;
	uint8_t data[2000];

	make_file("/O", 2000, 0, &node);
	cr_assert_eq(fat_write(&node, 1023, &byte, 1), 1);
	cr_assert_eq(node.size, 2000);
	cr_assert_eq(fat_read(&node, 0, data, 2000), 2000);
	for (uint32_t i = 0; i < 2000; i++)
		cr_assert_eq(data[i], i == 1023 ? 0xEE : (uint8_t)(i * 7));
}

Test(fat, unlink_gives_the_clusters_back)
{
	struct fat_node node;
	uint32_t before = used_clusters();

	make_file("/U", 30000, 0, &node);
	cr_assert_eq(used_clusters(), before + 59);
	cr_assert_eq(fat_unlink("/U"), 0);
	cr_assert_eq(used_clusters(), before);
	cr_assert_eq(fat_lookup("/U", &node), -ENOENT);
}

Test(fat, truncate_empties_and_keeps_the_name)
{
	struct fat_node node;
	uint32_t before = used_clusters();

	make_file("/T", 30000, 0, &node);
	cr_assert_eq(fat_truncate(&node), 0);
	cr_assert_eq(used_clusters(), before);
	check_file("/T", 0, 0);
}

Test(fat, a_full_disk_says_so_and_loses_nothing)
{
	struct fat_node node, big;
	uint8_t data[SECTOR] = {0};
	uint32_t at = 0;
	int written;

	make_file("/KEEP", 1000, 5, &node);
	cr_assert_eq(fat_create("/BIG", &big), 0);
	while ((written = fat_write(&big, at, data, SECTOR)) == SECTOR)
		at += SECTOR;
	cr_assert_eq(written, -ENOSPC);
	cr_assert_eq(used_clusters(), CLUSTERS);
	check_file("/KEEP", 1000, 5);
	cr_assert_eq(fat_unlink("/BIG"), 0);
	make_file("/AGAIN", 1000, 6, &node);
	check_file("/AGAIN", 1000, 6);
}

Test(fat, a_write_past_the_end_is_refused)
{
	struct fat_node node;

	make_file("/W", 10, 0, &node);
	cr_assert_eq(fat_write(&node, 11, "x", 1), -EINVAL);
	cr_assert_eq(fat_write(&node, 0xFFFFFFFF, "x", 1), -EINVAL);
	cr_assert_eq(fat_read(&node, 10, disk, 1), 0);
}

Test(fat, readdir_shows_each_name_once)
{
	struct fat_node root, node;
	struct abi_dirent entry;
	char names[200] = "";
	int index = 0;

	make_file("/ONE.TXT", 3, 0, &node);
	make_file("/TWO", 0, 0, &node);
	cr_assert_eq(fat_unlink("/ONE.TXT"), 0);
	make_file("/THREE.C", 9, 0, &node);
	cr_assert_eq(fat_lookup("/", &root), 0);
	while ((index = fat_readdir(&root, (uint32_t)index, &entry)) > 0) {
		strcat(names, entry.name);
		strcat(names, entry.is_dir ? "/ " : " ");
	}
	cr_assert_eq(index, 0);
	cr_assert_str_eq(names, "BIN/ THREE.C TWO ");
}

Test(fat, a_directory_grows)
{
	struct fat_node node;
	char path[] = "/BIN/F00";

	for (uint32_t i = 0; i < 50; i++) {
		path[6] = (char)('0' + i / 10);
		path[7] = (char)('0' + i % 10);
		make_file(path, i, (uint8_t)i, &node);
	}
	check_file("/BIN/F00", 0, 0);
	check_file("/BIN/F49", 49, 49);
	cr_assert_neq(table(2), 0xFFFF);
}

Test(fat, the_root_can_be_full)
{
	struct fat_node node;
	char path[] = "/F000";
	int error = 0;

	for (uint32_t i = 0; i < ROOT_ENTRIES && error == 0; i++) {
		path[2] = (char)('0' + i / 100);
		path[3] = (char)('0' + i / 10 % 10);
		path[4] = (char)('0' + i % 10);
		error = fat_create(path, &node);
	}
	cr_assert_eq(error, -ENOSPC);
}

Test(fat, names_that_are_no_83_names)
{
	struct fat_node node;

	cr_assert_eq(fat_lookup("/TOOLONGNAME", &node), -EINVAL);
	cr_assert_eq(fat_lookup("/A.LONG", &node), -EINVAL);
	cr_assert_eq(fat_lookup("/A B", &node), -EINVAL);
	cr_assert_eq(fat_create("/A.B.C", &node), -EINVAL);
	cr_assert_eq(fat_lookup("/NONE/A", &node), -ENOENT);
	make_file("/FILE", 1, 0, &node);
	cr_assert_eq(fat_lookup("/FILE/A", &node), -ENOTDIR);
	cr_assert_eq(fat_create("/FILE", &node), -EBUSY);
	cr_assert_eq(fat_unlink("/BIN"), -EISDIR);
}

Test(fat, damaged_boot_sectors_are_refused)
{
	static const struct {
		uint32_t at;
		uint32_t value;
	} damage[] = {
		{510, 0},
		{BPB_SECTOR_BYTES, 0},
		{BPB_SECTOR_BYTES, 1024},
		{BPB_RESERVED, 0},
		{BPB_RESERVED, 0xFFFF},
		{BPB_ROOT_ENTRIES, 0},
		{BPB_ROOT_ENTRIES, 0xFFF0},
		{BPB_ROOT_ENTRIES, 511},
		{BPB_TABLE_SECTORS, 0},
		{BPB_TABLE_SECTORS, 1},
		{BPB_TABLE_SECTORS, 0xFFFF},
		{BPB_SECTORS16, SECTORS + 1},
		{BPB_SECTORS16, 100},
		{BPB_SECTORS16, 0},
	};

	for (uint32_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		uint32_t was = get16(damage[i].at);

		put16(damage[i].at, damage[i].value);
		cr_assert_eq(fat_mount(SECTORS), -EIO, "case %u", i);
		put16(damage[i].at, was);
	}
	for (uint32_t each = 0; each < 256; each++) {
		disk[BPB_CLUSTER_SECTORS] = (uint8_t)each;
		cr_assert_eq(fat_mount(SECTORS), each == 1 ? 0 : -EIO, "clusters of %u",
			     each);
	}
	disk[BPB_CLUSTER_SECTORS] = 1;
	for (uint32_t tables = 0; tables < 256; tables += 3) {
		disk[BPB_TABLES] = (uint8_t)tables;
		cr_assert_eq(fat_mount(SECTORS), -EIO, "%u tables", tables);
	}
}

Test(fat, a_chain_that_bites_its_tail_is_an_error)
{
	struct fat_node node;
	uint8_t *data = malloc(20000);

	make_file("/LOOP", 20000, 0, &node);
	set_table(node.first + 10, node.first + 3);
	cr_assert_eq(fat_lookup("/LOOP", &node), 0);
	cr_assert_eq(fat_read(&node, 0, data, 20000), -EIO);
	cr_assert_eq(fat_unlink("/LOOP"), -EIO);
	cr_assert_eq(fat_lookup("/LOOP", &node), -ENOENT);
	free(data);
}

Test(fat, a_directory_that_bites_its_tail_is_an_error)
{
	struct fat_node node;
	struct abi_dirent entry;
	int index = 0;

	for (uint32_t i = 0; i < 16; i++)
		put_entry(DATA * SECTOR + i * 32, "SAME    X  ", 0, 0, 0);
	set_table(2, 2);
	cr_assert_eq(fat_lookup("/BIN/OTHER", &node), -EIO);
	cr_assert_eq(fat_create("/BIN/OTHER", &node), -EIO);
	cr_assert_eq(fat_lookup("/BIN/", &node), 0);
	while ((index = fat_readdir(&node, (uint32_t)index, &entry)) > 0)
		;
	cr_assert_eq(index, -EIO);
}

Test(fat, clusters_out_of_range_are_errors)
{
	static const uint32_t bad[] = {0, 1, CLUSTERS + 2, 0xFFF0, 0xFFF7};
	struct fat_node node;
	uint8_t *data = malloc(5000);

	make_file("/R", 5000, 0, &node);
	for (uint32_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_table(node.first + 4u, bad[i]);
		cr_assert_eq(fat_lookup("/R", &node), 0);
		cr_assert_eq(fat_read(&node, 0, data, 5000), -EIO, "link %x", bad[i]);
	}
	free(data);
}

Test(fat, entries_that_cannot_be_true_are_errors)
{
	uint32_t at = (ROOT * SECTOR) + 32;
	struct fat_node node;

	put_entry(at, "E          ", 0, 1, 10);
	cr_assert_eq(fat_lookup("/E", &node), -EIO);
	put_entry(at, "E          ", 0, CLUSTERS + 2, 10);
	cr_assert_eq(fat_lookup("/E", &node), -EIO);
	put_entry(at, "E          ", 0, 0, 10);
	cr_assert_eq(fat_lookup("/E", &node), -EIO);
	put_entry(at, "E          ", 0, 3, 0xFFFFFFFF);
	cr_assert_eq(fat_lookup("/E", &node), -EIO);
	put_entry(at, "E          ", FAT_ATTR_DIRECTORY, 0, 0);
	cr_assert_eq(fat_lookup("/E", &node), -EIO);
}

Test(fat, a_chain_shorter_than_the_size_is_an_error)
{
	uint8_t data[2000];
	struct fat_node node;

	make_file("/S", 2000, 0, &node);
	set_table(node.first + 1u, 0xFFFF);
	cr_assert_eq(fat_lookup("/S", &node), 0);
	cr_assert_eq(fat_read(&node, 0, data, 2000), -EIO);
}

Test(fat, two_files_in_one_chain_are_freed_once)
{
	struct fat_node node;

	make_file("/P", 3000, 0, &node);
	put_entry((ROOT * SECTOR) + 2 * 32, "Q          ", 0, node.first + 2u, 1000);
	cr_assert_eq(fat_unlink("/P"), 0);
	cr_assert_eq(fat_unlink("/Q"), -EIO);
}

/* The disk dies at each access in turn: always an error, never a hang. */
Test(fat, a_dying_disk_is_an_error)
{
	struct fat_node node;
	uint32_t dead_at = 0;
	int error = -EIO;

	while (error != 0) {
		reads = 0;
		fail_after = ++dead_at;
		error = fat_create("/D", &node);
		if (error == 0)
			error = fat_write(&node, 0, disk, 2000) == 2000 ? 0 : -EIO;
		fail_after = 0;
		if (error != 0)
			fat_unlink("/D");
	}
	cr_assert_gt(dead_at, 5);
	cr_assert_eq(fat_unlink("/D"), 0);
}

/* Random bytes in the tables and directories: whatever happens, it ends. */
Test(fat, random_damage_never_hangs)
{
	uint8_t *data = malloc(50000);
	uint32_t state = 12345;
	struct fat_node node;
	struct abi_dirent entry;

	for (uint32_t round = 0; round < 40; round++) {
		int index = 0;

		teardown();
		setup();
		make_file("/A", 40000, 0, &node);
		make_file("/BIN/B", 40000, 0, &node);
		for (uint32_t i = 0; i < 200; i++) {
			state = state * 1664525 + 1013904223;
			disk[SECTOR + (state >> 8) % ((DATA + 100 - RESERVED) *
						      SECTOR)] = (uint8_t)(state >> 4);
		}
		if (fat_lookup("/A", &node) == 0)
			fat_read(&node, 0, data, 40000);
		if (fat_lookup("/BIN/B", &node) == 0)
			fat_write(&node, 0, data, 50000);
		fat_create("/BIN/C", &node);
		fat_unlink("/A");
		if (fat_lookup("/BIN/", &node) == 0)
			while ((index = fat_readdir(&node, (uint32_t)index, &entry)) >
			       0)
				;
	}
	free(data);
}
