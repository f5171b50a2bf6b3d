/*
 * The oracle: judges a dump of machine memory, from outside and after the fact.
 *
 * usage: oracle DUMP KERNEL_ELF [RULE...]
 *        oracle -c CPU [-l] -g GUEST_ELF [-p PROGRAM_ELF]... [-s VM=SEED:STAGES[,...]]...
 *               [-d VM]... [-b VM=PAGES]... [-w VM=PAGES]... DUMP KERNEL_ELF [RULE...]
 *
 * The first form finds the record of a checkpoint by the pristine kernel's symbol table.
 * The second judges a look that nobody announced (-c: the plugin's file beside it): it reads
 * the VMM's own structs. -l says that all has happened that the run is for; -s what the
 * proof in a VM was told, one after the other; -d which VM must be dead by then, -b how
 * big its balloon must be, -w how many of its pages must be on the disk at least.
 * Each compares the code in memory with the file, then asks each rule (or only those named).
 * Exit: 0 all hold, 1 one is broken, 3 the dump can't be judged. A rule that found
 * nothing to look at is broken: silence is no evidence.
 */
#define _POSIX_C_SOURCE 200809L
#include "grader/oracle/image.h"
#include "grader/oracle/peekrules.h"
#include "grader/oracle/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_BROKEN = 1, EXIT_USAGE = 2, EXIT_UNGRADED = 3 };

static _Noreturn void ungraded(const char *what, const char *why)
{
	printf("oracle: %s %s\n", what, why);
	exit(EXIT_UNGRADED);
}

static _Noreturn void usage(void)
{
	fprintf(stderr, "usage: oracle [-c CPU -g GUEST_ELF ...] DUMP KERNEL_ELF "
			"[RULE...]: see the head of grader/oracle/oracle.c\n");
	exit(EXIT_USAGE);
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

static void print_record(const struct evidence *e)
{
	const struct checkpoint_record *r = &e->record;
	unsigned long long tick = (unsigned long long)r->tick_hi << 32 | r->tick_lo;

	if (e->live)
		printf("look at tick %llu, CS:EIP %04x:%08x, CR3 0x%08x",
		       e->live->cpu.tick, e->live->cpu.cs, e->live->cpu.eip,
		       e->live->cpu.cr3);
	else
		printf("checkpoint %u at tick %llu", r->number, tick);
	printf(", %u MiB, %u frames\n", r->mem_bytes / MIB, r->frame_count);
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
	e->where[0] = '\0';
	good = rule->holds(e);
	if (good && e->looked_at == 0)
		good = broken(e, "nothing to look at");
	if (good)
		printf("ok %s: %s (%u looked at)\n", rule->name, rule->says,
		       e->looked_at);
	else
		printf("oracle: %s: %s\n  expected: %s\n%s%s%s", rule->name, e->found,
		       rule->says, e->where[0] ? "  where: " : "", e->where,
		       e->where[0] ? "\n" : "");
	return good;
}

static bool named(const char *name, char **names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/* Asks those of a list that are named, or all when none is. */
static bool ask_all(struct evidence *e, const struct rule *list, unsigned count,
		    char **names, bool unnamed)
{
	bool good = true;

	for (unsigned i = 0; i < count; i++)
		if (*names ? named(list[i].name, names) : unnamed)
			good &= ask(e, &list[i]);
	return good;
}

/* A name that no rule has would be a rule that always holds. */
static bool is_rule(const char *name)
{
	const struct rule *lists[] = {rules, named_rules, peek_rules, asked_rules};
	const unsigned counts[] = {rule_count, named_rule_count, peek_rule_count,
				   asked_rule_count};

	for (unsigned n = 0; n < ARRAY_LEN(lists); n++)
		for (unsigned i = 0; i < counts[n]; i++)
			if (strcmp(lists[n][i].name, name) == 0)
				return true;
	return strcmp(name, "image") == 0;
}

/* The code in memory is the code that was built. */
static bool ask_image(const struct evidence *e, const struct image *im)
{
	u32 at;

	if (image_same(im, &e->dump, &at)) {
		printf("ok image: code and constants are those of the kernel file\n");
		return true;
	}
	printf("oracle: image: the byte at 0x%08x is not that of the kernel file\n"
	       "  expected: nobody changes code or constants\n",
	       at);
	return false;
}

/* --- the command line --------------------------------------------------------------------- */

static void load_image(struct image *im, const char *path)
{
	const char *wrong = image_load(im, path);

	if (wrong)
		ungraded(path, wrong);
}

/* The number of a VM at the head of a text; *rest is behind it. */
static u32 vm_number(const char *text, char **rest)
{
	unsigned long id = strtoul(text, rest, 10);

	if (id < 1 || id > CHECKPOINT_VMS)
		usage();
	return (u32)id;
}

/* VM=SEED:STAGES[,SEED:STAGES...] */
static void add_seeds(struct live *l, const char *text)
{
	char *at;
	struct expected_vm *x = &l->expected[vm_number(text, &at) - 1];

	while (*at == '=' || *at == ',') {
		struct told *told = &x->told[x->seeds];
		size_t letters;

		if (x->seeds++ == SEEDS_MAX)
			usage();
		told->seed = (u32)strtoul(at + 1, &at, 10);
		at += *at == ':';
		letters = strcspn(at, ",");
		if (letters >= LETTERS_MAX)
			usage();
		memcpy(told->letters, at, letters);
		at += letters;
	}
	if (*at)
		usage();
}

static void add_program(struct live *l, const char *path)
{
	if (l->programs == PROGRAMS_MAX)
		ungraded(path, "is one program too many");
	load_image(&l->program[l->programs++], path);
}

/* VM=PAGES: where the pages go to, for -b and -w. */
static void add_pages(struct live *l, int c, const char *text)
{
	char *at;
	struct expected_vm *x = &l->expected[vm_number(text, &at) - 1];

	if (*at != '=')
		usage();
	*(c == 'b' ? &x->balloon : &x->swapped) = (u32)strtoul(at + 1, &at, 10);
	if (*at)
		usage();
}

static void option(struct live *l, int c, bool *live)
{
	char *rest;

	switch (c) {
	case 'b':
	case 'w':
		add_pages(l, c, optarg);
		break;
	case 'c':
		*live = true;
		if (!live_cpu(l, optarg))
			ungraded(optarg, "does not say where the CPU was");
		break;
	case 'd':
		l->expected[vm_number(optarg, &rest) - 1].dead = true;
		break;
	case 'g':
		load_image(&l->guest, optarg);
		break;
	case 'l':
		l->last = true;
		break;
	case 'p':
		add_program(l, optarg);
		break;
	case 's':
		add_seeds(l, optarg);
		break;
	default:
		usage();
	}
}

/* What cannot be read of the VMM is not the grader's fault: its structs are broken. */
static bool find_live(struct evidence *e, struct live *l)
{
	const char *why = live_record(e, l);

	if (why)
		printf("oracle: live: %s\n  expected: the VMM's own structs can be "
		       "read\n",
		       why);
	return !why;
}

static int judge(struct evidence *e, const struct image *im, char **names)
{
	bool good = true;

	print_record(e);
	if (!*names || named("image", names))
		good &= ask_image(e, im);
	good &= ask_all(e, rules, rule_count, names, true);
	good &= ask_all(e, named_rules, named_rule_count, names, false);
	if (e->live)
		good &= ask_all(e, peek_rules, peek_rule_count, names, true) &
			ask_all(e, asked_rules, asked_rule_count, names, false);
	return good ? EXIT_SUCCESS : EXIT_BROKEN;
}

int main(int argc, char **argv)
{
	static struct evidence e;
	static struct live l;
	struct image im;
	bool live = false;
	int c;

	while ((c = getopt(argc, argv, "b:c:d:g:lp:s:w:")) >= 0)
		option(&l, c, &live);
	argv += optind;
	if (argc - optind < 2 || live != !!l.guest.bytes)
		usage();
	for (char **name = argv + 2; *name; name++)
		if (!is_rule(*name))
			ungraded(*name, "is no rule");
	load_image(&im, argv[1]);
	if (!dump_load(&e.dump, argv[0]))
		ungraded(argv[0], "cannot be read");
	l.kernel = &im;
	if (!live)
		find_record(&e, &im);
	else if (!find_live(&e, &l))
		return EXIT_BROKEN;
	return judge(&e, &im, argv + 2);
}
