/*
 * Exercise 3: which root belongs to a view and a CR3. No guest page is mapped yet.
 */
#include "grader/judge/vms.h"

#include <string.h>

enum { PG = 1u << 31, WP = 1u << 16 };

/* All its pages count as traced already, as setting a trace is exercise 4. */
static void trace_all(void)
{
	MUST(in_arena(vm->traces.flags, vm->mem_pages), judge_done(),
	     "traces in the heap", "somewhere else");
	memset(vm->traces.flags, TRACE_TABLE, vm->mem_pages);
}

static void start(void)
{
	start_machine(2000);
	build_vm(vm, 600 + roll(900));
	trace_all();
}

static u32 root_of(enum vmode mode)
{
	u32 machine;

	trace_all();
	machine = set_mode(mode);
	MUST(table_at(vm->shadow.active[mode])->machine == machine, judge_done(),
	     "the root that is active", text("machine address 0x%x", machine));
	return machine;
}

static u32 load(u32 cr3)
{
	trace_all();
	return load_cr3(cr3);
}

static void must_have(enum vmode mode, u32 gfn, u32 role)
{
	const struct stable *t;

	root_of(mode);
	t = active_root(mode);
	MUST(t->kind == STABLE_ROOT, judge_done(), "a root", text("kind %u", t->kind));
	MUST(t->role == role, text("%s, CR0.WP=%u", judge_done(), vm->cpu.cr0 / WP & 1),
	     text("role %u", role), text("role %u", t->role));
	MUST(t->gfn == gfn,
	     text("%s of a VM with 0x%x pages", judge_done(), vm->mem_pages),
	     text("named by 0x%x", gfn), text("named by 0x%x", t->gfn));
}

JUDGED(roots, roles)
{
	u32 page;

	start();
	page = new_page();
	vm->cpu.cr0 |= PG | WP;
	load(page);
	must_have(VMODE_KERNEL, page >> PAGE_SHIFT, 0);
	must_have(VMODE_USER, page >> PAGE_SHIFT, ROLE_USER);
	vm->cpu.cr0 &= ~(u32)WP;
	vm->cpu.mode = VMODE_KERNEL;
	load(page);
	must_have(VMODE_KERNEL, page >> PAGE_SHIFT, ROLE_NO_WP);
	must_have(VMODE_USER, page >> PAGE_SHIFT, ROLE_USER);
}

/* The page is the name: its low bits are flags, and coming back finds the same root. */
JUDGED(roots, names)
{
	enum { SPACES = 8 };
	u32 page[SPACES], root[SPACES][2];

	start();
	vm->cpu.cr0 |= PG | WP;
	for (u32 i = 0; i < SPACES; i++) {
		page[i] = new_page();
		load(page[i] | (roll(4) << 3));
		for (u32 mode = 0; mode < 2; mode++) {
			must_have((enum vmode)mode, page[i] >> PAGE_SHIFT,
				  mode ? ROLE_USER : 0);
			root[i][mode] = root_of((enum vmode)mode);
		}
		MUST(root[i][0] != root[i][1], judge_done(), "a root for each view",
		     "one for both");
	}
	for (u32 k = 0; k < 40; k++) {
		u32 i = roll(SPACES), mode = roll(2);

		vm->cpu.mode = (enum vmode)roll(2);
		load(page[i] | (roll(4) << 3));
		MUST(root_of((enum vmode)mode) == root[i][mode], judge_done(),
		     "the root that it had before", "another one");
	}
}

JUDGED(roots, nowhere)
{
	u32 far[] = {0, 0, 0xffffffff, 0x80000000};
	u32 off, lost = 0;

	start();
	far[0] = vm->mem_pages << PAGE_SHIFT;
	far[1] = (vm->mem_pages + 1 + roll(100000)) << PAGE_SHIFT;
	must_have(VMODE_KERNEL, vm->mem_pages,
		  ROLE_NO_WP); /* paging is off, so is WP */
	off = root_of(VMODE_KERNEL);
	vm->cpu.cr0 |= PG | WP;
	for (u32 i = 0; i < ARRAY_LEN(far); i++) {
		vm->cpu.mode = VMODE_KERNEL;
		load(far[i]);
		must_have(VMODE_KERNEL, vm->mem_pages, ROLE_NOWHERE);
		lost = root_of(VMODE_KERNEL);
		MUST(lost != off, judge_done(), "a root of its own",
		     "the one that paging off has");
		must_have(VMODE_USER, vm->mem_pages, ROLE_NOWHERE | ROLE_USER);
	}
	load((vm->mem_pages - 1) << PAGE_SHIFT);
	must_have(VMODE_USER, vm->mem_pages - 1, ROLE_USER);
	vm->cpu.cr0 &= ~(u32)PG;
	load(0x5000);
	must_have(VMODE_KERNEL, vm->mem_pages, 0);
}

/* After a load the old space is in use in no view. */
JUDGED(roots, load)
{
	u32 last = 0;

	start();
	vm->cpu.cr0 |= PG | WP;
	for (u32 i = 0; i < 60; i++) {
		enum vmode mode = (enum vmode)roll(2), view;
		u32 page = i && !roll(4) ? last : new_page();

		if (roll(2))
			root_of(VMODE_KERNEL);
		if (roll(2))
			root_of(VMODE_USER);
		vm->cpu.mode = mode;
		load(page);
		for (view = VMODE_KERNEL; view <= VMODE_USER; view++) {
			if (vm->shadow.active[view] == STABLE_NONE)
				continue;
			MUST(active_root(view)->gfn == page >> PAGE_SHIFT &&
				     active_root(view)->kind == STABLE_ROOT,
			     text("the root of the %s view after CR3 was loaded with 0x%x",
				  view ? "user" : "kernel", page),
			     text("named by PPN 0x%x", page >> PAGE_SHIFT),
			     text("a stale root, named by 0x%x",
				  active_root(view)->gfn));
		}
		must_have(mode, page >> PAGE_SHIFT, mode ? ROLE_USER : 0);
		last = page;
	}
}

/* More address spaces than the pool has tables: old ones go, the one in use stays. */
JUDGED(roots, many)
{
	u32 spaces = vm->mem_pages;

	start();
	spaces = vm->shadow.pool.count * 2;
	vm->cpu.cr0 |= PG | WP;
	for (u32 i = 0; i < spaces; i++) {
		u32 page = new_page();

		vm->cpu.mode = (enum vmode)roll(2);
		load(page);
		if (roll(2))
			must_have(VMODE_KERNEL, page >> PAGE_SHIFT, 0);
		must_have(VMODE_USER, page >> PAGE_SHIFT, ROLE_USER);
	}
}
