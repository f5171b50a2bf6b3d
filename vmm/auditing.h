/*
 * Between the parts of the audit: the groups of rules, what they are made of, and how
 * one is found broken. See audit.h for the rules.
 */
#ifndef VMM_AUDITING_H
#define VMM_AUDITING_H

#include "vmm/audit.h"
#include "vmm/vm.h"

/* Both return false, so that a rule can end with them. Place: an entry of a table. */
bool audit_broken(struct audit *a, const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool audit_broken_at(struct audit *a, const struct stable *t, u32 i, const char *rule,
		     const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Is it audit=full? */
bool audit_is_full(void);

/* Event audit.fail, and the end of the machine. */
_Noreturn void audit_panic(const struct audit *a);

/* The groups: I1-I6 about tables, I7 and I14 about lists, the rest about entries. */
bool audit_tables(struct audit *a);
bool audit_lists(struct audit *a);
bool audit_entries(struct audit *a);

/* I6 for one view, when it has a root. */
bool audit_root(struct audit *a, unsigned view);

/* I13 for one table, loose or not. */
bool audit_fresh(struct audit *a, const struct stable *t);
bool audit_fresh_entry(struct audit *a, const struct stable *t, u32 i);

/* May what the guest has be newer: loose, or a device writes to it just now. */
bool audit_may_be_behind(const struct audit *a, const struct stable *t);

/* I8-I12 for one leaf entry in use. */
bool audit_leaf_entry(struct audit *a, const struct stable *t, u32 i);

/* The table of this VM at the machine address in an entry, or NULL. */
struct stable *audit_table_at(const struct audit *a, u32 entry);

/* A word of guest memory as the guest's MMU reads it: nothing gets a frame by it. */
u32 audit_guest_word(const struct vm *vm, u32 page, u32 index);

static inline bool audit_is_cached(const struct vm *vm)
{
	return vm->shadow.form->wide;
}

/* Is the guest's directory entry that of a 4 MiB page? */
static inline bool audit_is_large(const struct vm *vm, u32 pde)
{
	return pde & PTE_PS && vm->cpu.cr4 & CR4_PSE;
}

#endif
