/*
 * exec. All headers are read and checked before the old program goes. The
 * parts are then read straight into the new space, whose pages come by
 * demand like any others.
 */
#include "exec.h"

#include "../include/abi.h"
#include "../lib/string.h"
#include "file.h"
#include "kprintf.h"
#include "layout.h"
#include "proc.h"
#include "stat.h"
#include "trap.h"

enum {
	ELF_MAGIC = 0x464C457F,
	ELF_CLASS32_LSB = 0x0101, /* class and data bytes of the identification */
	ELF_EXECUTABLE = 2,
	ELF_386 = 3,
	PT_LOAD = 1,
	PF_W = 2,
	SEGMENTS_MAX = 8,
	EFLAGS_IF = 0x200,
	EFLAGS_FIXED = 0x002,
};

struct elf_header {
	uint32_t magic;
	uint16_t class_data;
	uint8_t padding[10];
	uint16_t type, machine;
	uint32_t version, entry, phoff, shoff, flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
	uint32_t type, offset, address, physical, file_bytes, bytes, flags, align;
};

struct image {
	struct elf_header header;
	struct elf_segment segments[SEGMENTS_MAX];
};

/* Reads exactly so many bytes. */
static int read_at(struct file *file, uint32_t offset, void *to, uint32_t bytes)
{
	int result = file_seek(file, offset);

	if (result >= 0)
		result = file_read(file, to, bytes);
	if (result < 0)
		return result;
	return (uint32_t)result == bytes ? 0 : -ENOEXEC;
}

/* Is a segment inside the area for programs, and no bigger than it says? */
static bool segment_is_sane(const struct elf_segment *segment)
{
	return segment->address >= USER_BASE && segment->address < USER_DATA_MAX &&
	       segment->bytes <= USER_DATA_MAX - segment->address &&
	       segment->file_bytes <= segment->bytes;
}

/* The headers, checked. */
static int read_image(struct file *file, struct image *image)
{
	struct elf_header *header = &image->header;
	int error = read_at(file, 0, header, sizeof(*header));

	if (error != 0)
		return error == -EINVAL ? -ENOEXEC : error;
	if (header->magic != ELF_MAGIC || header->class_data != ELF_CLASS32_LSB ||
	    header->type != ELF_EXECUTABLE || header->machine != ELF_386 ||
	    header->phentsize != sizeof(struct elf_segment) || header->phnum == 0 ||
	    header->phnum > SEGMENTS_MAX)
		return -ENOEXEC;
	error = read_at(file, header->phoff, image->segments,
			header->phnum * (uint32_t)sizeof(struct elf_segment));
	if (error != 0)
		return error == -EINVAL ? -ENOEXEC : error;
	for (uint32_t i = 0; i < header->phnum; i++)
		if (image->segments[i].type == PT_LOAD &&
		    !segment_is_sane(&image->segments[i]))
			return -ENOEXEC;
	return 0;
}

/* Page bounds of the loadable segments that are, or are not, writable. */
static void bounds(const struct image *image, bool writable, uint32_t *start,
		   uint32_t *end)
{
	*start = USER_DATA_MAX;
	*end = 0;
	for (uint32_t i = 0; i < image->header.phnum; i++) {
		const struct elf_segment *segment = &image->segments[i];
		uint32_t last = segment->address + segment->bytes;

		if (segment->type != PT_LOAD || !(segment->flags & PF_W) == writable)
			continue;
		if ((segment->address & ~(PAGE_SIZE - 1u)) < *start)
			*start = segment->address & ~(PAGE_SIZE - 1u);
		if (last > *end)
			*end = (last + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1u);
	}
}

/* The regions; -ENOEXEC when text is missing or not below the data. */
static int plan(const struct image *image, struct space *space)
{
	bounds(image, false, &space->text_start, &space->text_end);
	bounds(image, true, &space->data_start, &space->data_end);
	if (space->data_end == 0) {
		space->data_start = space->text_end;
		space->data_end = space->text_end;
	}
	if (space->text_end == 0 || space->text_end > space->data_start)
		return -ENOEXEC;
	space->brk = space->data_end;
	return 0;
}

/* Into the new space; the rest of each segment is zero by demand. */
static int load_segments(struct file *file, const struct image *image)
{
	int error = 0;

	for (uint32_t i = 0; i < image->header.phnum && error == 0; i++) {
		const struct elf_segment *segment = &image->segments[i];

		if (segment->type == PT_LOAD && segment->file_bytes > 0)
			error = read_at(file, segment->offset, (void *)segment->address,
					segment->file_bytes);
	}
	return error;
}

/* On the new stack: the strings, argv[], then argc and argv for crt0. */
static int push_args(const struct exec_args *args, uint32_t *esp)
{
	uint32_t argv[ARGC_MAX + 1] = {0};
	uint32_t text = USTACK_TOP - ((args->bytes + 3) & ~3u);
	uint32_t vector = text - (args->count + 1) * 4;
	uint32_t top[2] = {args->count, vector};
	uint32_t offset = 0;

	for (uint32_t i = 0; i < args->count; i++) {
		argv[i] = text + offset;
		offset += strlen(args->text + offset) + 1;
	}
	*esp = vector - sizeof(top);
	if (user_write((void *)text, args->text, args->bytes) != 0 ||
	    user_write((void *)vector, argv, (args->count + 1) * 4) != 0 ||
	    user_write((void *)*esp, top, sizeof(top)) != 0)
		return -ENOMEM;
	return 0;
}

/* The name that ps shows: the path's last part. */
static void set_name(const char *path)
{
	const char *name = path;

	for (const char *c = path; *c != '\0'; c++)
		if (*c == '/')
			name = c + 1;
	copy_string(current->name, name, sizeof(current->name));
}

/* The point of no return: from here on an error ends the process. */
static int replace(struct file *file, const struct image *image,
		   const struct space *plan, const struct exec_args *args,
		   uint32_t *esp)
{
	struct space *space = &current->space;
	pte_t *directory = space->directory;
	int error;

	space_clear(space);
	*space = *plan;
	space->directory = directory;
	space->stack_low = USTACK_TOP;
	space->loading = true;
	error = load_segments(file, image);
	space_protect_text(space);
	return error == 0 ? push_args(args, esp) : error;
}

/* Registers start at zero. */
static void set_frame(struct trapframe *frame, uint32_t entry, uint32_t esp)
{
	*frame = (struct trapframe){.es = SEL_UDATA,
				    .ds = SEL_UDATA,
				    .eip = entry,
				    .cs = SEL_UCODE,
				    .eflags = EFLAGS_IF | EFLAGS_FIXED,
				    .esp = esp,
				    .ss = SEL_UDATA};
}

/* `frame` is the process's own, or one that the caller returns through. */
int exec_load(const char *path, const struct exec_args *args, struct trapframe *frame)
{
	struct space space = {0};
	struct image image;
	struct file *file;
	uint32_t esp = 0;
	int error = file_open(path, 0, &file);

	if (error != 0)
		return error;
	error = read_image(file, &image);
	if (error == 0)
		error = plan(&image, &space);
	if (error != 0) {
		file_close(file);
		return error;
	}
	error = replace(file, &image, &space, args, &esp);
	file_close(file);
	set_name(path);
	if (error != 0) {
		kprintf("%s: cannot be loaded (error %d)\n", current->name, -error);
		proc_exit(STATUS_KILLED);
	}
	set_frame(frame, image.header.entry, esp);
	stat.execs++;
	return 0;
}
