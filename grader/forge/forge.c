/*
 * Forges a dump: breaks one invariant in it, as a bug of the VMM would have. The oracle
 * must name it; a test of the oracle on real dumps, for one that finds nothing is easy to
 * write.
 *
 * usage: forge DUMP KERNEL_ELF RULE OUT
 *
 * OUT is DUMP but for a few bytes, in the first place that fits. Exit: 0 done, 2 wrong
 * use, 3 there is no such place.
 */
#include "grader/forge/forge.h"
#include "grader/oracle/image.h"
#include "kernel/layout.h"
#include "kernel/paging.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2, EXIT_NO_PLACE = 3 };

struct evidence evidence;
struct shadows shadows;

bool put(u64 at, u32 word)
{
	if (at > evidence.dump.size - sizeof word)
		return false;
	memcpy(evidence.dump.bytes + at, &word, sizeof word);
	return true;
}

bool put_virtual(u32 va, u32 word)
{
	u64 at;

	return dump_translate(&evidence.dump, va, &at) && put(at, word);
}

static u32 table_va(const struct table *t)
{
	return shadows.vm->tables + (u32)(t - shadows.table) * shadows.vm->table_bytes;
}

static bool put_entry(const struct table *t, u32 i, u32 entry)
{
	return put(t->head.machine + 4 * (u64)i, entry);
}

static const struct table *first_of(enum table_kind kind)
{
	for (u32 n = 0; n < shadows.vm->table_count; n++)
		if (shadows.table[n].head.kind == kind)
			return &shadows.table[n];
	return NULL;
}

/* --- books -------------------------------------------------------------------------------- */

static bool forge_pool(void)
{
	const struct table *t = first_of(KIND_FREE);

	/* `slot` and `next` share a word: the list ends here. */
	return t && put_virtual(table_va(t) + offsetof(struct checkpoint_table, slot),
				(u32)NO_TABLE << 16);
}

static bool forge_free(void)
{
	const struct table *t = first_of(KIND_FREE);

	return t && put_entry(t, TABLE_WORDS / 2, PTE_P);
}

static bool forge_host(void)
{
	const struct table *t = first_of(KIND_ROOT);

	return t && put_entry(t, HOST_PDE_FIRST + 1, 0);
}

/* One of the pages has no frame any more; nobody counts it out. */
static bool forge_backed(void)
{
	for (u32 p = 0; p < shadows.vm->mem_pages; p++)
		if (page_word(&shadows, p) >> 20 == PAGE_PRIVATE)
			return put_virtual(shadows.vm->pmap + 4 * p,
					   PAGE_UNBACKED << 20);
	return false;
}

/* The active root is one of another directory. */
static bool forge_roots(void)
{
	for (unsigned view = 0; view < 2; view++) {
		u32 n = shadows_at(&shadows, shadows.vm->root[view]);

		if (n != NO_TABLE)
			return put_virtual(
				table_va(&shadows.table[n]) +
					offsetof(struct checkpoint_table, gfn),
				shadows.table[n].head.gfn ^ 1);
	}
	return false;
}

static bool forge_parents(void)
{
	const struct table *t = first_of(KIND_LEAF);

	return t &&
	       put_virtual(table_va(t) + offsetof(struct checkpoint_table, parents),
			   NO_NODE);
}

static bool forge_rmap(void)
{
	for (u32 p = 0; p < shadows.vm->mem_pages; p++) {
		u32 head;

		if (dump_read_virtual(&evidence.dump, shadows.vm->rmap + 4 * p, &head,
				      sizeof head) &&
		    head != NO_NODE)
			return put_virtual(shadows.vm->rmap + 4 * p, NO_NODE);
	}
	return false;
}

/* --- entries: each is asked whether it will do, and returns false when it did ------------- */

static bool did;

static bool done(bool good)
{
	did |= good;
	return !good;
}

/* Where the guest keeps the entry of its table, in machine memory; 0: in no table. */
static u64 guest_entry_at(const struct mapping *m)
{
	u32 word = page_word(&shadows, m->leaf->head.gfn);

	if (m->leaf->head.kind != KIND_LEAF || m->behind[0] || m->behind[1])
		return 0;
	return ((u64)word << PAGE_SHIFT & 0xFFFFFFFF) + 4 * m->index;
}

static bool in_frame(struct shadows *s, const struct mapping *m)
{
	(void)s;
	return done(put_entry(m->leaf, m->index, m->leaf->entry[m->index] ^ PAGE_SIZE));
}

static bool in_access(struct shadows *s, const struct mapping *m)
{
	u64 at = guest_entry_at(m);

	(void)s;
	return !at || done(put(at, m->pte & ~(u32)PTE_A));
}

static bool in_width(struct shadows *s, const struct mapping *m)
{
	u32 entry = m->leaf->entry[m->index];

	(void)s;
	if (entry & PTE_W || !(m->root->entry[m->slot] & PTE_W) || m->pte & PTE_D)
		return true;
	return done(put_entry(m->leaf, m->index, entry | PTE_W));
}

static bool in_fresh(struct shadows *s, const struct mapping *m)
{
	u64 at = guest_entry_at(m);

	(void)s;
	return !at || done(put(at, m->pte ^ PAGE_SIZE));
}

/* A page that is traced for the guest's GDT or its patches is mapped read-only. */
static bool in_trace(struct shadows *s, const struct mapping *m)
{
	u32 entry = m->leaf->entry[m->index];
	struct frame f;

	if (!frame_of(s->e, entry >> PAGE_SHIFT, &f) ||
	    !(page_traces(s, f.index) & TRACED))
		return true;
	return done(put_entry(m->leaf, m->index, entry | PTE_W));
}

static bool forge_mapping(mapping_rule *rule)
{
	each_mapping(&shadows, rule);
	return did;
}

static const struct forgery {
	const char *rule;
	bool (*books)(void);
	mapping_rule *mapping;
} forgeries[] = {
	{"pool", forge_pool, NULL},	{"free", forge_free, NULL},
	{"backed", forge_backed, NULL}, {"host", forge_host, NULL},
	{"roots", forge_roots, NULL},	{"parents", forge_parents, NULL},
	{"rmap", forge_rmap, NULL},	{"frame", NULL, in_frame},
	{"access", NULL, in_access},	{"width", NULL, in_width},
	{"trace", NULL, in_trace},	{"fresh", NULL, in_fresh},
	{"gone", forge_gone, NULL},	{"counts", forge_counts, NULL},
	{"slots", forge_slots, NULL},	{"stray", forge_stray, NULL},
};

static bool forge(const struct forgery *f)
{
	for (u32 i = 0; i < CHECKPOINT_VMS; i++) {
		const struct checkpoint_vm *vm = &evidence.record.vm[i];
		bool good;

		if (!vm->id || !vm->mem_pages)
			continue;
		good = shadows_load(&shadows, &evidence, vm) &&
		       (f->books ? f->books() : forge_mapping(f->mapping));
		shadows_free(&shadows);
		if (good)
			return true;
	}
	return false;
}

static bool load(const char *dump, const char *kernel)
{
	struct image im;
	u32 va, pa;

	if (image_load(&im, kernel) || !dump_load(&evidence.dump, dump) ||
	    !image_symbol(&im, "checkpoint_record", &va) ||
	    !image_physical(&im, va, &pa) ||
	    !dump_read(&evidence.dump, pa, &evidence.record, sizeof evidence.record))
		return false;
	evidence.dump.host_cr3 = evidence.record.host_cr3;
	return true;
}

static bool save(const char *path)
{
	FILE *file = fopen(path, "wb");
	bool good = file && fwrite(evidence.dump.bytes, 1, evidence.dump.size, file) ==
				    evidence.dump.size;

	return file && fclose(file) == 0 && good;
}

int main(int argc, char **argv)
{
	if (argc != 5 || !load(argv[1], argv[2])) {
		fprintf(stderr, "usage: forge DUMP KERNEL_ELF RULE OUT\n");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < ARRAY_LEN(forgeries); i++) {
		if (strcmp(forgeries[i].rule, argv[3]) != 0)
			continue;
		if (!forge(&forgeries[i])) {
			fprintf(stderr, "forge: no place to break %s\n", argv[3]);
			return EXIT_NO_PLACE;
		}
		return save(argv[4]) ? EXIT_SUCCESS : EXIT_USAGE;
	}
	fprintf(stderr, "forge: no rule %s\n", argv[3]);
	return EXIT_USAGE;
}
