/*
 * Which form of shadow paging: chosen once per life of a VM by the option shadow=.
 */
#include "kernel/lib.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "vmm/audit.h"
#include "vmm/away.h"
#include "vmm/shadow.h"
#include "vmm/vm.h"

static const struct shadow_form *chosen(void)
{
	const char *name = option_str("shadow", cached_form.name);

	if (strcmp(name, cached_form.name) == 0)
		return &cached_form;
	if (strcmp(name, vtlb_form.name) != 0)
		panic("shadow=%s: it is cached or vtlb", name);
	return &vtlb_form;
}

bool shadow_create(struct vm *vm)
{
	struct shadow *s = &vm->shadow;
	const struct shadow_form *form = audit_form(chosen());

	*s = (struct shadow){.form = form, .active = {STABLE_NONE, STABLE_NONE}};
	return stable_create(&s->pool, form->tables(vm->mem_pages), form->wide,
			     vm->id) &&
	       form->create(vm);
}

void shadow_destroy(struct vm *vm)
{
	if (!vm->shadow.form)
		return;
	vm->shadow.form->destroy(vm);
	stable_destroy(&vm->shadow.pool);
	vm->shadow = (struct shadow){.active = {STABLE_NONE, STABLE_NONE}};
}

u32 shadow_overhead(u32 mem_pages)
{
	const struct shadow_form *form = chosen();
	u32 per_page = sizeof(u32) + sizeof(u16); /* rmap head, table_of */

	return stable_pages(form->tables(mem_pages), form->wide) +
	       (mem_pages * per_page >> PAGE_SHIFT) + 2;
}

const char *shadow_form_name(const struct vm *vm)
{
	return vm->shadow.form ? vm->shadow.form->name : "none";
}

u32 shadow_make_root(struct vm *vm, enum vmode view)
{
	struct shadow *s = &vm->shadow;

	if (s->active[view] == STABLE_NONE)
		s->active[view] = s->form->root(vm, view);
	s->root[view] = s->pool.table[s->active[view]].machine;
	return s->root[view];
}

HOT void shadow_load_cr3(struct vm *vm)
{
	vm->shadow.flushes++;
	vm->shadow.form->load_cr3(vm);
	vm->shadow.root[0] = vm->shadow.root[1] = 0;
}

void shadow_flush(struct vm *vm)
{
	vm->shadow.form->flush(vm);
	vm->shadow.root[0] = vm->shadow.root[1] = 0;
}

void shadow_invlpg(struct vm *vm, gva_t v)
{
	if (v.a < HOST_BASE)
		vm->shadow.form->invlpg(vm, v);
}

void shadow_written(struct vm *vm, gpa_t p, u32 n)
{
	vm->shadow.form->written(vm, p, n);
}

void shadow_unshadow(struct vm *vm, ppn_t p)
{
	vm->shadow.form->unshadow(vm, p);
}

void shadow_protect(struct vm *vm, ppn_t p)
{
	if (vm->shadow.form)
		vm->shadow.form->protect(vm, p);
}

void shadow_drop(struct vm *vm, ppn_t p)
{
	vm->shadow.form->drop(vm, p);
}

HOT enum shadow_result shadow_fault(struct vm *vm, gva_t v, unsigned acc, u32 *error)
{
	ASSERT(v.a < HOST_BASE);
	if (away_may_sleep(vm))
		away_settle(vm, v, acc);
	return vm->shadow.form->fault(vm, v, acc, error);
}

spte_t shadow_lookup(const struct vm *vm, unsigned view, gva_t v)
{
	const struct shadow *s = &vm->shadow;
	u32 pde;

	if (s->active[view] == STABLE_NONE)
		return (spte_t){0};
	pde = s->pool.table[s->active[view]].entry[dir_index(v)];
	if (!(pde & PTE_P))
		return (spte_t){0};
	return (spte_t){stable_at(&s->pool, pde)->entry[leaf_index(v)]};
}
