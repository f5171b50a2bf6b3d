/*
 * FAT16: names. Paths are walked from the root; a directory is read a sector
 * at a time. Long names (VFAT entries) are passed over.
 */
#include "../lib/string.h"
#include "blk.h"
#include "fat_disk.h"

enum {
	PER_SECTOR = FAT_SECTOR / sizeof(struct fat_entry),
	BASE = 8,			       /* characters before the dot */
	SECTORS_MAX = 65536 * 32 / FAT_SECTOR, /* of one directory */
};

/* Visits entries: found by name, or the first usable one from an index on. */
struct search {
	const uint8_t *name; /* NULL: any */
	uint32_t index;	     /* where to start; then where it was found */
	uint32_t at;	     /* byte offset of the entry found */
	uint32_t free_at;    /* byte offset of the first free entry, 0: none seen */
	struct fat_entry entry;
};

/* Lower case is not wanted in short names. */
static uint8_t upper(char c)
{
	return (uint8_t)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

/* Takes one component off a path into 11 bytes; -EINVAL if it is no 8.3 name. */
static int take_name(const char **path, uint8_t name[FAT_NAME])
{
	uint32_t length = 0;
	uint32_t limit = BASE;
	const char *at = *path;

	memset(name, ' ', FAT_NAME);
	for (; *at != '\0' && *at != '/'; at++) {
		if (*at == '.' && limit == BASE && at != *path) {
			length = BASE;
			limit = FAT_NAME;
			continue;
		}
		if (length >= limit || *at <= ' ' || *at == '.' || *at > '~')
			return -EINVAL;
		name[length++] = upper(*at);
	}
	*path = at;
	return 0;
}

/* Is this an entry of a file or directory? Volume labels and long names no. */
static bool is_usable(const struct fat_entry *entry)
{
	return entry->name[0] != FAT_DELETED && entry->name[0] != FAT_NO_MORE &&
	       !(entry->attributes & FAT_ATTR_VOLUME);
}

/* One sector's entries; 0 when found, -EAGAIN to go on, -ENOENT at the end. */
static int search_sector(struct search *search, const struct fat_entry *entries,
			 uint32_t sector_at)
{
	for (uint32_t i = search->index % PER_SECTOR; i < PER_SECTOR;
	     i++, search->index++) {
		const struct fat_entry *entry = &entries[i];
		uint32_t at = sector_at + i * (uint32_t)sizeof(*entry);

		if (search->free_at == 0 &&
		    (entry->name[0] == FAT_DELETED || entry->name[0] == FAT_NO_MORE))
			search->free_at = at;
		if (entry->name[0] == FAT_NO_MORE)
			return -ENOENT;
		if (!is_usable(entry))
			continue;
		if (search->name != NULL &&
		    memcmp(entry->name, search->name, FAT_NAME) != 0)
			continue;
		search->entry = *entry;
		search->at = at;
		return 0;
	}
	return -EAGAIN;
}

/* -ENOENT when there is none. */
static int search_directory(struct fat_node *directory, struct search *search)
{
	struct fat_entry entries[PER_SECTOR];
	uint32_t at;
	int error = -EAGAIN;

	while (error == -EAGAIN) {
		if (search->index / PER_SECTOR >= SECTORS_MAX)
			return -EIO;
		error = fat_directory_sector(directory, search->index / PER_SECTOR,
					     &at);
		if (error == 0)
			error = blk_read(at, entries, FAT_SECTOR);
		if (error == 0)
			error = search_sector(search, entries, at);
	}
	return error;
}

/* A node for an entry, if its numbers can be true. */
static int node_of(const struct search *search, struct fat_node *node)
{
	const struct fat_entry *entry = &search->entry;
	bool is_dir = entry->attributes & FAT_ATTR_DIRECTORY;
	uint32_t size = is_dir ? 0 : entry->size;

	if (!fat_plausible(entry->first, size) || (is_dir && entry->first == 0))
		return -EIO;
	*node = (struct fat_node){.entry = search->at,
				  .size = size,
				  .first = entry->first,
				  .is_dir = is_dir};
	return 0;
}

/* Walks all but the last component; *rest is the last one. */
static int walk(const char *path, struct fat_node *directory, uint8_t name[FAT_NAME])
{
	struct search search;
	int error;

	*directory = (struct fat_node){.is_dir = true};
	for (;;) {
		while (*path == '/')
			path++;
		if (*path == '\0')
			return -EISDIR;
		error = take_name(&path, name);
		if (error != 0 || *path == '\0')
			return error;
		search = (struct search){.name = name};
		error = search_directory(directory, &search);
		if (error == 0)
			error = node_of(&search, directory);
		if (error == 0 && !directory->is_dir)
			error = -ENOTDIR;
		if (error != 0)
			return error;
	}
}

/* A path that ends in a slash is the directory before it. */
int fat_lookup(const char *path, struct fat_node *node)
{
	uint8_t name[FAT_NAME];
	struct search search = {.name = name};
	struct fat_node directory;
	int error = walk(path, &directory, name);

	if (error == -EISDIR) {
		*node = directory;
		return 0;
	}
	if (error == 0)
		error = search_directory(&directory, &search);
	return error == 0 ? node_of(&search, node) : error;
}

/* A place for a new entry, growing the directory if it must. */
static int free_place(struct fat_node *directory, const uint8_t *name, uint32_t *at)
{
	struct search search = {.name = name};
	int error = search_directory(directory, &search);

	if (error == 0)
		return -EBUSY;
	if (error == -ENOENT && search.free_at == 0) {
		error = fat_directory_grow(directory);
		if (error != 0)
			return error;
		error = search_directory(directory, &search);
	}
	*at = search.free_at;
	return error == -ENOENT ? 0 : error;
}

/* Times stay zero: nothing on the disk depends on when it was written. */
int fat_create(const char *path, struct fat_node *node)
{
	struct fat_entry entry = {.attributes = FAT_ATTR_ARCHIVE};
	struct fat_node directory;
	uint32_t at;
	int error = walk(path, &directory, entry.name);

	if (error == 0)
		error = free_place(&directory, entry.name, &at);
	if (error == 0)
		error = blk_write(at, &entry, sizeof(entry));
	if (error == 0)
		*node = (struct fat_node){.entry = at};
	return error;
}

/* The entry goes before its chain. */
int fat_unlink(const char *path)
{
	uint8_t deleted = FAT_DELETED;
	struct fat_node node;
	int error = fat_lookup(path, &node);

	if (error != 0)
		return error;
	if (node.is_dir)
		return -EISDIR;
	error = blk_write(node.entry, &deleted, sizeof(deleted));
	if (error != 0 || node.first == 0)
		return error;
	return fat_free_chain(node.first);
}

/* "NAME    EXT" becomes "NAME.EXT". */
static void show_name(const uint8_t name[FAT_NAME], char *to)
{
	for (uint32_t i = 0; i < FAT_NAME; i++) {
		if (i == BASE && name[i] != ' ')
			*to++ = '.';
		if (name[i] != ' ')
			*to++ = (char)name[i];
	}
	*to = '\0';
}

/* An index is an entry's place, so asking on costs no second walk. */
int fat_readdir(struct fat_node *directory, uint32_t index, struct abi_dirent *out)
{
	struct search search = {.index = index};
	int error;

	if (!directory->is_dir)
		return -ENOTDIR;
	error = search_directory(directory, &search);
	if (error == -ENOENT)
		return 0;
	if (error != 0)
		return error;
	*out = (struct abi_dirent){
		.size = search.entry.size,
		.is_dir = (search.entry.attributes & FAT_ATTR_DIRECTORY) != 0};
	show_name(search.entry.name, out->name);
	return (int)search.index + 1;
}
