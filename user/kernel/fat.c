/*
 * FAT16: the layout, the table, and chains of clusters.
 *
 * A node remembers its chain as runs, from the start on. A growing file is
 * given neighbouring clusters, and a window of free ones before the next file
 * starts, so that its runs are few and a random read costs no walk.
 */
#include "fat.h"

#include "../lib/string.h"
#include "blk.h"
#include "fat_disk.h"

enum {
	FIRST_CLUSTER = 2,
	END_OF_CHAIN = 0xFFF8, /* this and above */
	END_MARK = 0xFFFF,
	CLUSTERS_MIN = 4085,  /* fewer is FAT12 */
	CLUSTERS_MAX = 65524, /* more is FAT32 */
	SCAN = 64,	      /* table entries looked at in one go */
	SIGNATURE_AT = 510,
	SIGNATURE = 0xAA55,
	CLUSTER_SECTORS_MAX = 64,
	WINDOW = 128, /* clusters that a growing file finds free before the next file */
};

/* The boot sector's parameter block. */
struct bpb {
	uint8_t jump[11];
	uint16_t sector_bytes;
	uint8_t cluster_sectors;
	uint16_t reserved_sectors;
	uint8_t tables;
	uint16_t root_entries;
	uint16_t sectors16;
	uint8_t media;
	uint16_t table_sectors;
	uint8_t geometry[8];
	uint32_t sectors32;
} __attribute__((packed));

/* All places are byte offsets in the partition. */
static struct {
	uint32_t cluster_bytes;
	uint32_t table_at;
	uint32_t table_bytes;
	uint32_t tables;
	uint32_t root_at;
	uint32_t root_sectors;
	uint32_t data_at;
	uint32_t end;  /* clusters are numbered FIRST_CLUSTER to end - 1 */
	uint32_t hint; /* where to look for a free one */
} fat;

/* The parameters that could lead us astray. */
static bool bpb_is_sane(const struct bpb *bpb, uint32_t total, uint32_t sectors)
{
	uint32_t each = bpb->cluster_sectors;

	return bpb->sector_bytes == FAT_SECTOR && each > 0 &&
	       (each & (each - 1)) == 0 && each <= CLUSTER_SECTORS_MAX &&
	       bpb->reserved_sectors > 0 && (bpb->tables == 1 || bpb->tables == 2) &&
	       bpb->root_entries > 0 &&
	       bpb->root_entries % (FAT_SECTOR / sizeof(struct fat_entry)) == 0 &&
	       bpb->table_sectors > 0 && total <= sectors &&
	       total < UINT32_MAX / FAT_SECTOR;
}

/* Fills `fat` from a sane parameter block; no sum here can wrap. */
static int set_layout(const struct bpb *bpb, uint32_t total)
{
	uint32_t root_sectors = bpb->root_entries * sizeof(struct fat_entry) /
				FAT_SECTOR;
	uint32_t root = bpb->reserved_sectors +
			(uint32_t)bpb->tables * bpb->table_sectors;
	uint32_t data = root + root_sectors;
	uint32_t clusters;

	if (data >= total)
		return -EIO;
	clusters = (total - data) / bpb->cluster_sectors;
	if (clusters < CLUSTERS_MIN || clusters > CLUSTERS_MAX)
		return -EIO;
	if ((clusters + FIRST_CLUSTER) * 2 > (uint32_t)bpb->table_sectors * FAT_SECTOR)
		return -EIO;
	fat.cluster_bytes = bpb->cluster_sectors * FAT_SECTOR;
	fat.table_at = bpb->reserved_sectors * FAT_SECTOR;
	fat.table_bytes = (uint32_t)bpb->table_sectors * FAT_SECTOR;
	fat.tables = bpb->tables;
	fat.root_at = root * FAT_SECTOR;
	fat.root_sectors = root_sectors;
	fat.data_at = data * FAT_SECTOR;
	fat.end = clusters + FIRST_CLUSTER;
	fat.hint = FIRST_CLUSTER;
	return 0;
}

/* Nothing of a bad boot sector is kept. */
int fat_mount(uint32_t sectors)
{
	struct bpb bpb;
	uint16_t signature;
	uint32_t total;
	int error;

	error = blk_read(0, &bpb, sizeof(bpb));
	if (error == 0)
		error = blk_read(SIGNATURE_AT, &signature, sizeof(signature));
	if (error != 0)
		return error;
	total = bpb.sectors16 != 0 ? bpb.sectors16 : bpb.sectors32;
	if (signature != SIGNATURE || !bpb_is_sane(&bpb, total, sectors))
		return -EIO;
	return set_layout(&bpb, total);
}

/* A number that names a cluster of this disk. */
static bool is_cluster(uint32_t cluster)
{
	return cluster >= FIRST_CLUSTER && cluster < fat.end;
}

/* A cluster's bytes. */
uint32_t fat_cluster_at(uint32_t cluster)
{
	return fat.data_at + (cluster - FIRST_CLUSTER) * fat.cluster_bytes;
}

/* The table's entry for a cluster. */
static int table_get(uint32_t cluster, uint16_t *value)
{
	return blk_read(fat.table_at + cluster * 2, value, sizeof(*value));
}

/* Changes all copies of the table. */
static int table_set(uint32_t cluster, uint16_t value)
{
	int error = 0;

	for (uint32_t i = 0; i < fat.tables && error == 0; i++)
		error = blk_write(fat.table_at + i * fat.table_bytes + cluster * 2,
				  &value, sizeof(value));
	return error;
}

/* The cluster after this one: -ENOENT at the chain's end, -EIO if damaged. */
static int next_cluster(uint32_t cluster, uint16_t *next)
{
	int error = table_get(cluster, next);

	if (error != 0)
		return error;
	if (*next >= END_OF_CHAIN)
		return -ENOENT;
	return is_cluster(*next) ? 0 : -EIO;
}

/* Notes that file cluster `index` is `cluster`; a chain never meets itself. */
static int remember(struct fat_node *node, uint32_t index, uint16_t cluster)
{
	struct fat_run *last = &node->runs[node->run_count];

	for (uint32_t i = 0; i < node->run_count; i++) {
		struct fat_run *run = &node->runs[i];

		if (cluster >= run->cluster && cluster < run->cluster + run->count)
			return -EIO;
	}
	if (node->run_count > 0 && last[-1].index + last[-1].count == (int)index &&
	    last[-1].cluster + last[-1].count == cluster)
		last[-1].count++;
	else if (node->run_count < FAT_RUNS &&
		 (node->run_count == 0 ||
		  last[-1].index + last[-1].count == (int)index))
		node->runs[node->run_count++] = (struct fat_run){(uint16_t)index,
								 cluster, 1};
	return 0;
}

/* The cluster of `index`, or the last one known before it, and that one's index. */
static uint32_t recall(const struct fat_node *node, uint32_t index, uint16_t *cluster)
{
	const struct fat_run *run = NULL;
	uint32_t offset;

	for (uint32_t i = 0; i < node->run_count && node->runs[i].index <= index; i++)
		run = &node->runs[i];
	offset = index - run->index;
	if (offset >= run->count)
		offset = run->count - 1u;
	if (node->last_index > run->index + offset && node->last_index <= index) {
		*cluster = node->last_cluster;
		return node->last_index;
	}
	*cluster = (uint16_t)(run->cluster + offset);
	return run->index + offset;
}

/* The disk cluster of a file's cluster `index`; -ENOENT past the chain's end. */
int fat_map(struct fat_node *node, uint32_t index, uint16_t *cluster)
{
	uint32_t at;
	int error;

	if (node->first == 0)
		return -ENOENT;
	if (!is_cluster(node->first) || index >= fat.end)
		return -EIO;
	if (node->run_count == 0)
		remember(node, 0, node->first);
	for (at = recall(node, index, cluster); at < index; at++) {
		error = next_cluster(*cluster, cluster);
		if (error == 0)
			error = remember(node, at + 1, *cluster);
		if (error != 0)
			return error;
	}
	node->last_index = (uint16_t)index;
	node->last_cluster = *cluster;
	return 0;
}

/* Sizes come from the disk. */
bool fat_plausible(uint16_t first, uint32_t size)
{
	uint32_t clusters = fat.end - FIRST_CLUSTER;

	if (first != 0 && !is_cluster(first))
		return false;
	return size / fat.cluster_bytes <= clusters && (size == 0 || first != 0);
}

/* Bytes of one cluster. */
uint32_t fat_cluster_bytes(void)
{
	return fat.cluster_bytes;
}

/* How many bytes from `at` on lie in one piece on the disk, as far as known. */
uint32_t fat_contiguous(const struct fat_node *node, uint32_t at, uint32_t bytes)
{
	uint32_t index = at / fat.cluster_bytes;
	uint32_t room = fat.cluster_bytes - at % fat.cluster_bytes;

	for (uint32_t i = 0; i < node->run_count; i++) {
		const struct fat_run *run = &node->runs[i];

		if (index >= run->index && index < run->index + (uint32_t)run->count)
			room = (run->index + (uint32_t)run->count) * fat.cluster_bytes -
			       at;
	}
	return bytes < room ? bytes : room;
}

/* The first free cluster at or after the hint, wrapping; -ENOSPC if none. */
static int find_free(uint16_t *cluster)
{
	uint16_t entries[SCAN];
	uint32_t count;
	int error;

	for (uint32_t seen = 0; seen <= fat.end; seen += count) {
		if (fat.hint >= fat.end)
			fat.hint = FIRST_CLUSTER;
		count = fat.end - fat.hint < SCAN ? fat.end - fat.hint : SCAN;
		error = blk_read(fat.table_at + fat.hint * 2, entries, count * 2);
		if (error != 0)
			return error;
		for (uint32_t i = 0; i < count; i++) {
			if (entries[i] != 0)
				continue;
			*cluster = (uint16_t)(fat.hint + i);
			return 0;
		}
		fat.hint += count;
	}
	return -ENOSPC;
}

/* Marks a free cluster as a chain's end: the one after `last` if it can be. */
static int allocate(uint32_t last, uint16_t *cluster)
{
	uint16_t value = END_MARK;
	int error = 0;

	if (last != 0 && is_cluster(last + 1))
		error = table_get(last + 1, &value);
	if (error != 0)
		return error;
	*cluster = (uint16_t)(last + 1);
	if (value != 0) {
		error = find_free(cluster);
		if (error != 0)
			return error;
		fat.hint = *cluster + WINDOW;
	}
	return table_set(*cluster, END_MARK);
}

/* The caller writes the entry when the first cluster changed. */
int fat_extend(struct fat_node *node, uint32_t index)
{
	uint16_t last = 0;
	uint16_t fresh;
	int error = 0;

	if (index > 0)
		error = fat_map(node, index - 1, &last);
	if (error == 0)
		error = allocate(last, &fresh);
	if (error != 0)
		return error;
	if (index > 0)
		return table_set(last, fresh);
	node->first = fresh;
	fat_forget(node);
	return 0;
}

/* After the chain's start has changed. */
void fat_forget(struct fat_node *node)
{
	node->run_count = 0;
	node->last_index = 0;
	node->last_cluster = 0;
}

/* An entry that is freed reads 0, so a chain that meets itself stops here. */
int fat_free_chain(uint16_t first)
{
	uint16_t next;
	int error = 0;

	for (uint32_t cluster = first; error == 0; cluster = next) {
		if (!is_cluster(cluster))
			return -EIO;
		error = table_get(cluster, &next);
		if (error == 0)
			error = table_set(cluster, 0);
		if (error == 0 && next >= END_OF_CHAIN)
			return 0;
	}
	return error;
}

/* The root is a fixed area, other directories are chains. */
int fat_directory_sector(struct fat_node *directory, uint32_t index, uint32_t *at)
{
	uint32_t each = fat.cluster_bytes / FAT_SECTOR;
	uint16_t cluster;
	int error;

	if (directory->entry == 0) {
		*at = fat.root_at + index * FAT_SECTOR;
		return index < fat.root_sectors ? 0 : -ENOENT;
	}
	error = fat_map(directory, index / each, &cluster);
	if (error == 0)
		*at = fat_cluster_at(cluster) + index % each * FAT_SECTOR;
	return error;
}
