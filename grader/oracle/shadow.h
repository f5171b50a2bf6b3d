/*
 * The shadows of one VM, read out of a dump, and its guest's memory. What is here is read
 * anew from raw bytes, by the checkpoint record alone: the VMM's own code has no part in
 * it, so that one mistake can't hide in both.
 */
#ifndef GRADER_ORACLE_SHADOW_H
#define GRADER_ORACLE_SHADOW_H

#include "grader/oracle/rules.h"

enum { TABLE_WORDS = 1024, TABLES_LIMIT = 4096, NO_TABLE = 0xffff };
#define NO_NODE 0xffffffffu

/* As in the record: enum stable_kind, shadow_role, trace and pmap_state of the VMM. */
enum table_kind { KIND_FREE, KIND_ROOT, KIND_LEAF, KIND_LARGE };
enum table_role { IN_USER_VIEW = 1, IN_NO_WP = 2, OF_NOWHERE = 4 };
enum trace_flag { TRACED_TABLE = 4, TRACED = 7, LOOSE_TABLE = 8 };
enum page_state { PAGE_UNBACKED = 1, PAGE_PRIVATE = 2 };

struct table {
	struct checkpoint_table head;
	u32 entry[TABLE_WORDS], made_from[TABLE_WORDS], link[TABLE_WORDS];
};

struct shadows {
	struct evidence *e;
	const struct checkpoint_vm *vm;
	struct table *table; /* table_count of them; malloc */
};

/* A leaf entry that is present, and what leads to it. */
struct mapping {
	const struct table *root, *leaf;
	u32 slot, index;
	u32 pde,
		pte; /* the guest's, now; 4 MiB pages and no paging: as if by a table */
	bool behind[2]; /* they may be newer than the shadow: loose, or under DMA */
};

/* False: broken() was said. Free with shadows_free, also then. */
bool shadows_load(struct shadows *s, struct evidence *e,
		  const struct checkpoint_vm *vm);
void shadows_free(struct shadows *s);

/* Asks a rule of each VM that has shadows, until one does not hold. */
typedef bool vm_rule(struct shadows *s);
bool shadows_each(struct evidence *e, vm_rule *rule);

/* The number of the table at a machine address, or NO_TABLE. */
u32 shadows_at(const struct shadows *s, u32 machine);
bool table_uses(const struct table *t, u32 i);

/* The pmap's word of a page, 0 beyond memory; the word of memory that the guest sees. */
u32 page_word(const struct shadows *s, u32 ppn);
u32 guest_word(const struct shadows *s, u32 ppn, u32 index);
unsigned page_traces(const struct shadows *s, u32 ppn);

/* Hands each mapping of a root to a rule until it returns false. */
typedef bool mapping_rule(struct shadows *s, const struct mapping *m);
bool each_mapping(struct shadows *s, mapping_rule *rule);

#endif
