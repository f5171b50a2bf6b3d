/*
 * Open files. Two descriptors of one file share a node, found by the place of
 * its directory entry, so that both see its size change.
 */
#include "file.h"

#include "assert.h"
#include "cache.h"
#include "fat.h"
#include "heap.h"
#include "ide.h"
#include "kprintf.h"
#include "layout.h"
#include "option.h"
#include "reclaim.h"
#include "sched.h"
#include "space.h"
#include "stat.h"
#include "swap.h"
#include "tty.h"

enum {
	MBR_TABLE = 446,
	MBR_SIGNATURE_AT = 510,
	MBR_SIGNATURE = 0xAA55,
	PARTITIONS = 4,
	TYPE_FAT16 = 0x06,
	TYPE_FAT16_LBA = 0x0E,
	TYPE_SWAP = 0x82,
};

struct partition {
	uint8_t active;
	uint8_t chs_first[3];
	uint8_t type;
	uint8_t chs_last[3];
	uint32_t first;
	uint32_t sectors;
} __attribute__((packed));

struct inode {
	struct fat_node node;
	struct inode *next;
	uint32_t refs;
};

struct file {
	struct inode *inode; /* NULL: the console */
	uint32_t at;
	uint32_t refs;
	uint32_t flags; /* enum open_flag */
};

static struct inode *inodes;
static struct mutex lock;

/* Inside the disk, without wrapping? */
static bool on_disk(const struct partition *partition)
{
	return partition->first < ide_capacity() && partition->sectors > 0 &&
	       partition->sectors <= ide_capacity() - partition->first;
}

/* Starts what lives on one partition. */
static void use_partition(const struct partition *partition)
{
	if (!on_disk(partition))
		return;
	if (partition->type == TYPE_SWAP) {
		swap_init(partition->first, partition->sectors);
	} else if (partition->type == TYPE_FAT16 || partition->type == TYPE_FAT16_LBA) {
		cache_init(partition->first, partition->sectors);
		if (fat_mount(partition->sectors) != 0)
			panic("partition at sector %u: no FAT16 file system",
			      partition->first);
	}
}

/* The partition table is the MBR's (sector 0). */
void file_boot(void)
{
	struct page *page;
	const uint8_t *mbr;

	if (!ide_init(options.dma))
		panic("no disk on the primary channel");
	page = page_alloc(PAGE_KERNEL);
	assert(page != NULL);
	mbr = page_bytes(page);
	if (!ide_transfer(0, 1, page, false))
		panic("the disk's first sector cannot be read");
	if (*(const uint16_t *)(mbr + MBR_SIGNATURE_AT) != MBR_SIGNATURE)
		panic("the disk has no partition table");
	for (uint32_t i = 0; i < PARTITIONS; i++)
		use_partition((const struct partition *)(mbr + MBR_TABLE) + i);
	page_free(page);
}

/* A file of one holder. */
static struct file *make(struct inode *inode, uint32_t flags)
{
	struct file *file = heap_alloc(sizeof(*file));

	if (file != NULL)
		*file = (struct file){.inode = inode, .refs = 1, .flags = flags};
	return file;
}

/* Descriptors 0 to 2 of the shell and all that it starts. */
struct file *file_console(void)
{
	return make(NULL, O_WRITE);
}

/* The open node with this entry. */
static struct inode *find_inode(uint32_t entry)
{
	struct inode *inode = inodes;

	while (inode != NULL && inode->node.entry != entry)
		inode = inode->next;
	return inode;
}

/* The node's inode, shared if it is open already. */
static struct inode *take_inode(const struct fat_node *node)
{
	struct inode *inode = find_inode(node->entry);

	if (inode == NULL) {
		inode = heap_alloc(sizeof(*inode));
		if (inode == NULL)
			return NULL;
		inode->node = *node;
		inode->next = inodes;
		inodes = inode;
	}
	inode->refs++;
	return inode;
}

/* The last holder takes it off the list. */
static void drop_inode(struct inode *inode)
{
	struct inode **link = &inodes;

	if (--inode->refs > 0)
		return;
	while (*link != inode)
		link = &(*link)->next;
	*link = inode->next;
	heap_free(inode);
}

/* With the lock held. */
static int open_locked(const char *path, uint32_t flags, struct file **file)
{
	struct fat_node node;
	struct inode *inode;
	int error = fat_lookup(path, &node);

	if (error == -ENOENT && flags & O_CREATE)
		error = fat_create(path, &node);
	if (error != 0)
		return error;
	if (node.is_dir)
		return -EISDIR;
	inode = take_inode(&node);
	if (inode == NULL)
		return -ENOMEM;
	if (flags & O_TRUNC && flags & O_WRITE)
		error = fat_truncate(&inode->node);
	*file = error == 0 ? make(inode, flags) : NULL;
	if (*file == NULL) {
		drop_inode(inode);
		return error != 0 ? error : -ENOMEM;
	}
	if (flags & O_APPEND)
		(*file)->at = inode->node.size;
	return 0;
}

/* See open_flag for what is asked. */
int file_open(const char *path, uint32_t flags, struct file **file)
{
	int error;

	mutex_lock(&lock);
	error = open_locked(path, flags, file);
	mutex_unlock(&lock);
	return error;
}

/* For fork. */
void file_share(struct file *file)
{
	file->refs++;
}

/* The last close lets go of the node. */
void file_close(struct file *file)
{
	if (--file->refs > 0)
		return;
	mutex_lock(&lock);
	if (file->inode != NULL)
		drop_inode(file->inode);
	mutex_unlock(&lock);
	heap_free(file);
}

/* Counts data blocks, for the mix program's claims. */
int file_read(struct file *file, void *buf, uint32_t bytes)
{
	int result;

	if (file->inode == NULL)
		return tty_read(buf, bytes);
	mutex_lock(&lock);
	result = fat_read(&file->inode->node, file->at, buf, bytes);
	if (result > 0) {
		file->at += (uint32_t)result;
		stat.block_reads += (uint32_t)result / PAGE_SIZE;
	}
	mutex_unlock(&lock);
	return result;
}

/* Writing needs O_WRITE. */
int file_write(struct file *file, const void *buf, uint32_t bytes)
{
	int result;

	if (!(file->flags & O_WRITE))
		return -EBADF;
	if (file->inode == NULL)
		return tty_write(buf, bytes);
	mutex_lock(&lock);
	result = fat_write(&file->inode->node, file->at, buf, bytes);
	if (result > 0)
		file->at += (uint32_t)result;
	mutex_unlock(&lock);
	return result;
}

/* From the start; past the end is refused, as FAT knows no holes. */
int file_seek(struct file *file, uint32_t offset)
{
	if (file->inode == NULL || offset > file->inode->node.size ||
	    offset > INT32_MAX)
		return -EINVAL;
	file->at = offset;
	return (int)offset;
}

/* An open file stays. */
int file_unlink(const char *path)
{
	struct fat_node node;
	int error;

	mutex_lock(&lock);
	error = fat_lookup(path, &node);
	if (error == 0 && find_inode(node.entry) != NULL)
		error = -EBUSY;
	if (error == 0)
		error = fat_unlink(path);
	mutex_unlock(&lock);
	return error;
}

/* One entry; see fat_readdir. */
int file_readdir(const char *path, uint32_t index, struct abi_dirent *entry)
{
	struct fat_node node;
	int result;

	mutex_lock(&lock);
	result = fat_lookup(path, &node);
	if (result == 0)
		result = fat_readdir(&node, index, entry);
	mutex_unlock(&lock);
	return result;
}
