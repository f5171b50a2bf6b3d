/*
 * Reading shadows and guest memory from a dump. Walks go from a root down, as the CPU's
 * do; what the guest's tables say is looked up beside them.
 */
#include "grader/oracle/shadow.h"
#include "kernel/paging.h"

#include <stdlib.h>

enum {
	HOST_SLOTS_FROM = 1008,
	SLOT_SHIFT = 22,
	CR0_IS_PAGED = 1u << 31,
	CR4_HAS_PSE = 1 << 4
};
enum { MPN_BITS = 0xFFFFF, STATE_SHIFT = 20, STATE_BITS = 0xF, PINS_SHIFT = 24 };
enum { LOW_10 = 0x3FF, LARGE_BITS = 0x3FFFFF };
/* No paging: all is allowed. */
enum { PDE_OF_NOTHING = PTE_P | PTE_W | PTE_U | PTE_A | PTE_D | PTE_PS };

static bool read_page(struct shadows *s, u32 va, u32 *words)
{
	return !va || dump_read_virtual(&s->e->dump, va, words, PAGE_SIZE);
}

static bool load_table(struct shadows *s, u32 n)
{
	struct table *t = &s->table[n];

	if (dump_read_virtual(&s->e->dump, s->vm->tables + n * s->vm->table_bytes,
			      &t->head, sizeof t->head) &&
	    read_page(s, t->head.entry, t->entry) &&
	    read_page(s, t->head.made_from, t->made_from) &&
	    read_page(s, t->head.link, t->link))
		return true;
	return broken(s->e, "VM %u: shadow table %u is not mapped", s->vm->id, n);
}

bool shadows_load(struct shadows *s, struct evidence *e, const struct checkpoint_vm *vm)
{
	*s = (struct shadows){.e = e, .vm = vm};
	if (vm->table_count == 0 || vm->table_count > TABLES_LIMIT ||
	    vm->table_bytes < sizeof(struct checkpoint_table))
		return broken(e, "VM %u: a pool of %u tables", vm->id, vm->table_count);
	s->table = calloc(vm->table_count, sizeof *s->table);
	if (!s->table)
		return broken(e, "no memory for %u tables", vm->table_count);
	for (u32 n = 0; n < vm->table_count; n++)
		if (!load_table(s, n))
			return false;
	return true;
}

void shadows_free(struct shadows *s)
{
	free(s->table);
	s->table = NULL;
}

u32 shadows_at(const struct shadows *s, u32 machine)
{
	for (u32 n = 0; n < s->vm->table_count; n++)
		if (s->table[n].head.machine >> PAGE_SHIFT == machine >> PAGE_SHIFT)
			return n;
	return NO_TABLE;
}

bool table_uses(const struct table *t, u32 i)
{
	return t->head.used[i / 32] >> i % 32 & 1;
}

u32 page_word(const struct shadows *s, u32 ppn)
{
	u32 word;

	if (ppn >= s->vm->mem_pages ||
	    !dump_read_virtual(&s->e->dump, s->vm->pmap + 4 * ppn, &word, sizeof word))
		return 0;
	return word;
}

/* Zeroes where nothing was written yet, ones where there is nothing. */
u32 guest_word(const struct shadows *s, u32 ppn, u32 index)
{
	u32 page = page_word(s, ppn), word;
	u32 state = page >> STATE_SHIFT & STATE_BITS;

	if (state == PAGE_UNBACKED)
		return 0;
	if (state != PAGE_PRIVATE ||
	    !dump_entry(&s->e->dump, (page & MPN_BITS) << PAGE_SHIFT, index, &word))
		return ~0u;
	return word;
}

unsigned page_traces(const struct shadows *s, u32 ppn)
{
	u8 flags;

	if (ppn >= s->vm->mem_pages ||
	    !dump_read_virtual(&s->e->dump, s->vm->traces + ppn, &flags, 1))
		return 0;
	return flags;
}

static bool may_be_behind(const struct shadows *s, u32 ppn)
{
	return page_traces(s, ppn) & LOOSE_TABLE || page_word(s, ppn) >> PINS_SHIFT;
}

/* The guest's directory entry for a slot of a root. */
static void guest_pde(const struct shadows *s, struct mapping *m)
{
	u32 directory = m->root->head.gfn;

	m->behind[0] = directory < s->vm->mem_pages && may_be_behind(s, directory);
	if (directory >= s->vm->mem_pages)
		m->pde = m->slot << SLOT_SHIFT | PDE_OF_NOTHING;
	else
		m->pde = m->behind[0] ? m->root->made_from[m->slot]
				      : guest_word(s, directory, m->slot);
}

/* The guest's entry for a page below that: in a table, or made of a 4 MiB page's. */
static void guest_pte(const struct shadows *s, struct mapping *m)
{
	bool paged = m->root->head.gfn < s->vm->mem_pages;
	u32 table = m->pde >> PAGE_SHIFT;

	m->behind[1] = false;
	if (!paged || (m->pde & PTE_PS && s->vm->cr4 & CR4_HAS_PSE)) {
		m->pte = (m->pde & ~(u32)LARGE_BITS) | m->index << PAGE_SHIFT |
			 (m->pde & PAGE_MASK);
		return;
	}
	m->behind[1] = may_be_behind(s, table);
	m->pte = m->behind[1] ? m->leaf->made_from[m->index]
			      : guest_word(s, table, m->index);
}

static bool each_of_leaf(struct shadows *s, struct mapping *m, mapping_rule *rule)
{
	guest_pde(s, m);
	for (m->index = 0; m->index < TABLE_WORDS; m->index++) {
		if (!(m->leaf->entry[m->index] & PTE_P))
			continue;
		guest_pte(s, m);
		s->e->looked_at++;
		if (!rule(s, m))
			return false;
	}
	return true;
}

bool each_mapping(struct shadows *s, mapping_rule *rule)
{
	for (u32 n = 0; n < s->vm->table_count; n++) {
		struct mapping m = {.root = &s->table[n]};

		if (m.root->head.kind != KIND_ROOT)
			continue;
		for (m.slot = 0; m.slot < HOST_SLOTS_FROM; m.slot++) {
			u32 leaf = shadows_at(s, m.root->entry[m.slot]);

			if (!(m.root->entry[m.slot] & PTE_P))
				continue;
			if (leaf == NO_TABLE)
				return broken(s->e,
					      "VM %u: table %u, slot %u leads nowhere",
					      s->vm->id, n, m.slot);
			m.leaf = &s->table[leaf];
			if (!each_of_leaf(s, &m, rule))
				return false;
		}
	}
	return true;
}

bool shadows_each(struct evidence *e, vm_rule *rule)
{
	for (u32 i = 0; i < CHECKPOINT_VMS; i++) {
		struct shadows s;
		bool good;

		if (!e->record.vm[i].id || !e->record.vm[i].mem_pages)
			continue;
		good = shadows_load(&s, e, &e->record.vm[i]) && rule(&s);
		shadows_free(&s);
		if (!good)
			return false;
	}
	return true;
}
