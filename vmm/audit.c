/*
 * The audit: when it is done, and what happens when something is found. The rules are in
 * audittables.c, auditlists.c and auditentries.c; promise.c looks at single operations.
 */
#include "vmm/auditing.h"
#include "kernel/event.h"
#include "kernel/kmap.h"
#include "kernel/lib.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "vmm/promise.h"
#include "vmm/vm.h"

enum { EVERY = 1000, EVERY_MAX = 100000000 };

static enum { AUDIT_OFF, AUDIT_WALK, AUDIT_FULL } mode;
static u32 every = EVERY;
static u32 exits[VM_MAX + 1]; /* since the last audit, by VM */

void audit_init(void)
{
	const char *name = option_str("audit", "off");

	every = option_u32("audit_every", EVERY, 1, EVERY_MAX);
	mode = AUDIT_OFF;
	if (strcmp(name, "walk") == 0)
		mode = AUDIT_WALK;
	else if (strcmp(name, "full") == 0)
		mode = AUDIT_FULL;
	else if (strcmp(name, "off") != 0)
		panic("audit=%s: it is off, walk or full", name);
}

const struct shadow_form *audit_form(const struct shadow_form *form)
{
	return mode == AUDIT_OFF ? form : promise_form(form);
}

u32 audit_attention(void)
{
	return mode == AUDIT_OFF ? 0 : ATTEND_AUDIT;
}

bool audit_is_full(void)
{
	return mode == AUDIT_FULL;
}

static bool set_text(struct audit *a, const char *rule, const char *fmt, va_list ap)
{
	a->rule = rule;
	format_v(a->text, sizeof a->text, fmt, ap);
	return false;
}

bool audit_broken(struct audit *a, const char *rule, const char *fmt, ...)
{
	va_list ap;

	a->table = a->index = AUDIT_NO_PLACE;
	va_start(ap, fmt);
	set_text(a, rule, fmt, ap);
	va_end(ap);
	return false;
}

bool audit_broken_at(struct audit *a, const struct stable *t, u32 i, const char *rule,
		     const char *fmt, ...)
{
	va_list ap;

	a->table = stable_number(&a->vm->shadow.pool, t);
	a->index = i;
	va_start(ap, fmt);
	set_text(a, rule, fmt, ap);
	va_end(ap);
	return false;
}

void audit_panic(const struct audit *a)
{
	event("audit.fail", "vm=%u rule=%s table=%u index=%u why=\"%s\"", a->vm->id,
	      a->rule, a->table, a->index, a->text);
	panic("audit: [%s] VM %u, shadow table %u, entry %u: %s", a->rule, a->vm->id,
	      a->table, a->index, a->text);
}

bool audit_find(struct vm *vm, struct audit *a)
{
	ASSERT(vm->shadow.form);
	*a = (struct audit){.vm = vm};
	return audit_tables(a) && audit_lists(a) && audit_entries(a);
}

u32 audit_vm(struct vm *vm)
{
	struct audit a;

	if (!audit_find(vm, &a))
		audit_panic(&a);
	return a.entries;
}

void audit_exit(struct vm *vm, gva_t cr2)
{
	if (vm->tf->vector == VEC_PF && cr2.a < HOST_BASE)
		promise_page(vm, cr2);
	if (mode != AUDIT_FULL || ++exits[vm->id] < every)
		return;
	exits[vm->id] = 0;
	audit_vm(vm);
}

/* As a bus answers: ones where there is nothing, zeroes where nothing was written yet. */
u32 audit_guest_word(const struct vm *vm, u32 page, u32 index)
{
	enum pmap_state state;
	const u32 *words;
	u32 word;
	mpn_t m;

	state = pmap_lookup(vm, ppn(page), &m);
	if (state == PMAP_UNBACKED)
		return 0;
	if (state != PMAP_PRIVATE)
		return ~0u;
	words = kmap(m);
	word = words[index];
	kunmap(words);
	return word;
}
