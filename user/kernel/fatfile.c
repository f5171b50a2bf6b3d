/*
 * FAT16: the contents of files, and growing directories.
 */
#include "blk.h"
#include "fat_disk.h"

/* The entry's first cluster and size, written back to its directory. */
static int update_entry(const struct fat_node *node)
{
	struct fat_entry entry;
	int error = blk_read(node->entry, &entry, sizeof(entry));

	if (error != 0)
		return error;
	entry.first = node->first;
	if (!node->is_dir)
		entry.size = node->size;
	return blk_write(node->entry, &entry, sizeof(entry));
}

/* The cluster of `index`, made when the chain ends just before it. */
static int map_or_extend(struct fat_node *node, uint32_t index, uint16_t *cluster)
{
	int error = fat_map(node, index, cluster);

	if (error != -ENOENT)
		return error;
	error = fat_extend(node, index);
	if (error == 0 && index == 0)
		error = update_entry(node);
	return error == 0 ? fat_map(node, index, cluster) : error;
}

/* A chain that ends before the file's size does is damage. */
int fat_read(struct fat_node *node, uint32_t at, void *buf, uint32_t bytes)
{
	uint32_t each = fat_cluster_bytes();
	uint32_t part;
	uint16_t cluster;
	int error;

	if (node->is_dir)
		return -EISDIR;
	if (at >= node->size)
		return 0;
	if (bytes > node->size - at)
		bytes = node->size - at;
	for (uint32_t done = 0; done < bytes; done += part) {
		error = fat_map(node, (at + done) / each, &cluster);
		if (error != 0)
			return error == -ENOENT ? -EIO : error;
		part = fat_contiguous(node, at + done, bytes - done);
		error = blk_read(fat_cluster_at(cluster) + (at + done) % each,
				 (char *)buf + done, part);
		if (error != 0)
			return error;
	}
	return (int)bytes;
}

/* Clusters that follow each other are written in one piece. */
static int write_part(struct fat_node *node, uint32_t at, const void *buf,
		      uint32_t *bytes)
{
	uint32_t each = fat_cluster_bytes();
	uint16_t cluster;
	int error = map_or_extend(node, at / each, &cluster);

	if (error != 0)
		return error;
	*bytes = fat_contiguous(node, at, *bytes);
	return blk_write(fat_cluster_at(cluster) + at % each, buf, *bytes);
}

/* What was written before an error counts; the size is set once, at the end. */
int fat_write(struct fat_node *node, uint32_t at, const void *buf, uint32_t bytes)
{
	uint32_t done = 0;
	uint32_t part;
	int error = 0;

	if (node->is_dir)
		return -EISDIR;
	if (at > node->size || bytes > INT32_MAX || at > INT32_MAX)
		return -EINVAL;
	for (; done < bytes && error == 0; done += part) {
		part = bytes - done;
		error = write_part(node, at + done, (const char *)buf + done, &part);
		if (error != 0)
			break;
	}
	if (at + done > node->size) {
		node->size = at + done;
		if (update_entry(node) != 0)
			return -EIO;
	}
	return done > 0 ? (int)done : error;
}

/* The entry goes first: a chain without an owner only wastes space. */
int fat_truncate(struct fat_node *node)
{
	uint16_t first = node->first;
	int error;

	if (node->is_dir)
		return -EISDIR;
	node->first = 0;
	node->size = 0;
	fat_forget(node);
	error = update_entry(node);
	if (error != 0 || first == 0)
		return error;
	return fat_free_chain(first);
}

/* A zeroed entry ends a directory, so the new cluster is zeroed. */
int fat_directory_grow(struct fat_node *directory)
{
	uint8_t zeroes[FAT_SECTOR] = {0};
	uint32_t index = 0;
	uint16_t cluster;
	int error;

	if (directory->entry == 0)
		return -ENOSPC;
	while ((error = fat_map(directory, index, &cluster)) == 0)
		index++;
	if (error == -ENOENT)
		error = map_or_extend(directory, index, &cluster);
	for (uint32_t i = 0; i < fat_cluster_bytes() && error == 0; i += FAT_SECTOR)
		error = blk_write(fat_cluster_at(cluster) + i, zeroes, FAT_SECTOR);
	return error;
}
