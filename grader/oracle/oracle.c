/*
 * The oracle: judges a dump of machine memory, from outside and after the fact.
 *
 * usage: oracle DUMP KERNEL_ELF [RULE...]
 *
 * Finds the checkpoint record by the pristine kernel's symbol table, prints what it says,
 * compares the code in memory with the file, then asks each rule (or only those named).
 * Exit: 0 all hold, 1 one is broken, 3 the dump can't be judged. A rule that found
 * nothing to look at is broken: silence is no evidence.
 */
#include "grader/oracle/image.h"
#include "grader/oracle/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_BROKEN = 1, EXIT_USAGE = 2, EXIT_UNGRADED = 3 };

static _Noreturn void ungraded(const char *what, const char *why)
{
	printf("oracle: %s %s\n", what, why);
	exit(EXIT_UNGRADED);
}

/* The record, by the kernel file's word for where it is; every field that is used later is checked. */
static void find_record(struct evidence *e, const struct image *im)
{
	struct checkpoint_record *r = &e->record;
	u32 va, pa;

	if (!image_symbol(im, "checkpoint_record", &va) || !image_physical(im, va, &pa))
		ungraded("the kernel", "has no checkpoint_record");
	if (!dump_read(&e->dump, pa, r, sizeof *r))
		ungraded("the dump", "ends before the checkpoint record");
	if (r->magic != CHECKPOINT_MAGIC || r->version != CHECKPOINT_VERSION ||
	    r->size != sizeof *r)
		ungraded("the checkpoint record", "is not one of this version");
	if (r->mem_bytes > e->dump.size || r->frame_count > e->dump.size / PAGE_SIZE)
		ungraded("the checkpoint record",
			 "claims more memory than the dump has");
	e->dump.host_cr3 = r->host_cr3;
}

static void print_record(const struct checkpoint_record *r)
{
	printf("checkpoint %u at tick %llu, %u MiB, %u frames\n", r->number,
	       (unsigned long long)r->tick_hi << 32 | r->tick_lo, r->mem_bytes / MIB,
	       r->frame_count);
	for (u32 i = 0; i < CHECKPOINT_VMS; i++) {
		const struct checkpoint_vm *vm = &r->vm[i];

		if (vm->id)
			printf("  vm %2u  state %u  %5u pages  roots 0x%08x 0x%08x  "
			       "cr0 0x%08x  cr3 0x%08x\n",
			       vm->id, vm->state, vm->mem_pages, vm->root[0],
			       vm->root[1], vm->cr0, vm->cr3);
	}
}

/* Asks one rule; prints its verdict. */
static bool ask(struct evidence *e, const struct rule *rule)
{
	bool good;

	e->looked_at = 0;
	good = rule->holds(e);
	if (good && e->looked_at == 0)
		good = broken(e, "nothing to look at");
	if (good)
		printf("ok %s: %s (%u looked at)\n", rule->name, rule->says,
		       e->looked_at);
	else
		printf("oracle: %s: %s\n", rule->name, e->found);
	return good;
}

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc == 0;
}

/* The code in memory is the code that was built. */
static bool ask_image(const struct evidence *e, const struct image *im)
{
	u32 at;

	if (image_same(im, &e->dump, &at)) {
		printf("ok image: code and constants are those of the kernel file\n");
		return true;
	}
	printf("oracle: image: the byte at 0x%08x is not that of the kernel file\n",
	       at);
	return false;
}

int main(int argc, char **argv)
{
	struct evidence e = {0};
	struct image im;
	const char *wrong;
	bool good = true;

	if (argc < 3) {
		fprintf(stderr, "usage: oracle DUMP KERNEL_ELF [RULE...]\n");
		return EXIT_USAGE;
	}
	wrong = image_load(&im, argv[2]);
	if (wrong)
		ungraded(argv[2], wrong);
	if (!dump_load(&e.dump, argv[1]))
		ungraded(argv[1], "cannot be read");
	find_record(&e, &im);
	print_record(&e.record);
	if (wanted("image", argc - 3, argv + 3))
		good &= ask_image(&e, &im);
	for (unsigned i = 0; i < rule_count; i++)
		if (wanted(rules[i].name, argc - 3, argv + 3))
			good &= ask(&e, &rules[i]);
	free(e.dump.bytes);
	free(im.bytes);
	return good ? EXIT_SUCCESS : EXIT_BROKEN;
}
