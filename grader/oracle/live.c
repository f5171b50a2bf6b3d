/*
 * Reading the VMM's structs out of a dump, and walking as the CPU and the guest do.
 */
#include "grader/oracle/live.h"
#include "kernel/layout.h"
#include "kernel/paging.h"
#include "vmm/offsets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MPN_BITS = 0xFFFFF, STATE_SHIFT = 20, STATE_BITS = 0xF, IS_PRIVATE = 2 };
enum { DIR_SHIFT = 22, INDEX_BITS = 0x3FF, LARGE_BITS = 0x3FFFFF, WORDS = 1024 };
enum { CR4_HAS_PSE = 1 << 4, NO_ACTIVE = 0xffff, TABLES_MOST = 4096 };
enum { PAGES_MOST = 256 * MIB / PAGE_SIZE };
#define CR0_IS_PAGED 0x80000000u

bool live_cpu(struct live *l, const char *path)
{
	FILE *file = fopen(path, "r");
	int got;

	if (!file)
		return false;
	got = fscanf(file, "tick=%llu cs=%x eip=%x cr3=%x eip_at=%x", &l->cpu.tick,
		     &l->cpu.cs, &l->cpu.eip, &l->cpu.cr3, &l->cpu.eip_at);
	fclose(file);
	return got == 5;
}

/* --- the VMM's structs -------------------------------------------------------------------- */

/* One VM's struct, being read. */
struct reader {
	struct evidence *e;
	const struct vm_offsets *at;
	u32 vm; /* host-virtual */
	bool good;
};

static u32 read_bytes(struct reader *r, u32 va, size_t len)
{
	u32 value = 0;

	r->good &= dump_read_virtual(&r->e->dump, va, &value, len);
	return value;
}

static u32 word(struct reader *r, u32 offset)
{
	return read_bytes(r, r->vm + offset, sizeof(u32));
}

/* The machine address of an active root: the pool's table of that number. */
static u32 active_root(struct reader *r, const struct checkpoint_vm *vm, u32 view)
{
	u32 n = read_bytes(r, r->vm + r->at->active + 2 * view, sizeof(u16));

	if (n == NO_ACTIVE || n >= vm->table_count)
		return 0;
	return read_bytes(r,
			  vm->tables + n * vm->table_bytes +
				  (u32)offsetof(struct checkpoint_table, machine),
			  sizeof(u32));
}

/* While a life ends, what it had goes at once: no pmap, nothing else either. */
static void read_memory(struct reader *r, struct checkpoint_vm *to)
{
	to->pmap = word(r, r->at->pmap);
	if (!to->pmap)
		return;
	to->mem_pages = word(r, r->at->mem_pages);
	to->cached = read_bytes(r, word(r, r->at->form) + r->at->form_wide, 1);
	to->tables = word(r, r->at->tables);
	to->table_count = word(r, r->at->table_count);
	to->table_bytes = r->at->table_bytes;
	to->free_head = read_bytes(r, r->vm + r->at->free_head, sizeof(u16));
	to->table_of = word(r, r->at->table_of);
	to->rmap = word(r, r->at->rmap);
	to->traces = word(r, r->at->traces);
	to->backed = word(r, r->at->backed);
	to->ballooned = word(r, r->at->ballooned);
	to->swapped = word(r, r->at->swapped);
	if (to->mem_pages > PAGES_MOST || to->table_count > TABLES_MOST)
		r->good = false;
	for (u32 view = 0; view < 2 && r->good; view++)
		to->root[view] = active_root(r, to, view);
}

static bool read_vm(struct evidence *e, const struct vm_offsets *at, u32 va, u32 id)
{
	struct reader r = {.e = e, .at = at, .vm = va, .good = true};
	struct checkpoint_vm *to = &e->record.vm[id - 1];
	struct live_vm *also = &e->live->vm[id - 1];

	to->id = word(&r, at->id);
	to->state = word(&r, at->state);
	to->cr0 = word(&r, at->cr0);
	to->cr3 = word(&r, at->cr3);
	to->cr4 = word(&r, at->cr4);
	to->mode = word(&r, at->mode);
	also->view = word(&r, at->view);
	also->lives = word(&r, at->lives);
	r.good &= dump_read_virtual(&e->dump, va + at->why, also->why, WHY_MAX);
	also->why[WHY_MAX - 1] = '\0';
	read_memory(&r, to);
	return r.good && to->id == id;
}

/* The table of offsets: of the file, which nobody can have changed. */
static bool read_offsets(const struct image *im, struct vm_offsets *at)
{
	u32 va;

	return image_symbol(im, "vm_offsets", &va) &&
	       image_read(im, va, at, sizeof *at) && at->magic == VM_OFFSETS_MAGIC &&
	       at->size == sizeof *at;
}

/* What was written at boot and is the same for ever. */
static bool read_boot(struct evidence *e, const struct image *im)
{
	struct checkpoint_record *r = &e->record;
	u32 va, pa;

	if (!image_symbol(im, "checkpoint_record", &va) ||
	    !image_physical(im, va, &pa) || !dump_read(&e->dump, pa, r, sizeof *r))
		return false;
	memset(r->vm, 0, sizeof r->vm);
	r->mem_bytes = (u32)e->dump.size;
	r->frames = HEAP_BASE;
	r->frame_count = (u32)(e->dump.size / PAGE_SIZE);
	return r->magic == CHECKPOINT_MAGIC && r->low_bytes <= r->mem_bytes;
}

/* The swap area: where its words lie is known, what they say is read. */
static bool read_swap(struct evidence *e, const struct vm_offsets *at)
{
	struct checkpoint_swap *s = &e->record.swap;

	*s = at->swap;
	return dump_read_virtual(&e->dump, at->swap.slots, &s->slots,
				 sizeof s->slots) &&
	       dump_read_virtual(&e->dump, at->swap.total, &s->total,
				 sizeof s->total) &&
	       dump_read_virtual(&e->dump, at->swap.free, &s->free, sizeof s->free);
}

const char *live_record(struct evidence *e, struct live *l)
{
	struct vm_offsets at;

	e->live = l;
	if (!read_offsets(l->kernel, &at))
		return "the kernel has no table of offsets of this version";
	e->dump.host_cr3 = l->cpu.cr3;
	if (!read_boot(e, l->kernel))
		return "the record that is made at boot is not there";
	if (!read_swap(e, &at))
		return "the swap area is not mapped";
	for (u32 id = 1; id <= CHECKPOINT_VMS; id++) {
		u32 va;

		if (!dump_read_virtual(&e->dump, at.vms + 4 * id, &va, sizeof va))
			return "the table of VMs is not mapped";
		if (va && !read_vm(e, &at, va, id))
			return "the struct of a VM makes no sense";
	}
	return NULL;
}

/* --- walks -------------------------------------------------------------------------------- */

/* The machine address of a byte of guest memory. */
static bool gpa_at(struct evidence *e, const struct checkpoint_vm *vm, u32 gpa,
		   u64 *machine)
{
	u32 entry, ppn = gpa >> PAGE_SHIFT;

	if (ppn >= vm->mem_pages ||
	    !dump_read_virtual(&e->dump, vm->pmap + 4 * ppn, &entry, sizeof entry) ||
	    (entry >> STATE_SHIFT & STATE_BITS) != IS_PRIVATE)
		return false;
	*machine = (u64)(entry & MPN_BITS) << PAGE_SHIFT | (gpa & PAGE_MASK);
	return true;
}

/* An entry of a guest's table. */
static bool guest_entry(struct evidence *e, const struct checkpoint_vm *vm, u32 table,
			u32 index, u32 *entry)
{
	u64 machine;

	return gpa_at(e, vm, (table & ~(u32)PAGE_MASK) + 4 * index, &machine) &&
	       dump_read(&e->dump, machine, entry, sizeof *entry) && *entry & PTE_P;
}

bool live_guest_at(struct evidence *e, const struct checkpoint_vm *vm, u32 gva,
		   u64 *machine)
{
	u32 pde, pte;

	if (!(vm->cr0 & CR0_IS_PAGED))
		return gpa_at(e, vm, gva, machine);
	if (!guest_entry(e, vm, vm->cr3, gva >> DIR_SHIFT, &pde))
		return false;
	if (pde & PTE_PS && vm->cr4 & CR4_HAS_PSE)
		return gpa_at(e, vm, (pde & ~(u32)LARGE_BITS) | (gva & LARGE_BITS),
			      machine);
	return guest_entry(e, vm, pde, gva >> PAGE_SHIFT & INDEX_BITS, &pte) &&
	       gpa_at(e, vm, (pte & ~(u32)PAGE_MASK) | (gva & PAGE_MASK), machine);
}

bool live_shadow_at(const struct dump *d, u32 root, u32 gva, u32 *pte, u64 *machine)
{
	u32 pde;

	if (!dump_entry(d, root, gva >> DIR_SHIFT, &pde) || !(pde & PTE_P) ||
	    !dump_entry(d, pde, gva >> PAGE_SHIFT & INDEX_BITS, pte) || !(*pte & PTE_P))
		return false;
	*machine = (*pte & ~(u32)PAGE_MASK) | (gva & PAGE_MASK);
	*pte &= pde | ~(u32)(PTE_U | PTE_W);
	return true;
}

const struct checkpoint_vm *live_running(const struct evidence *e)
{
	for (u32 i = 0; i < CHECKPOINT_VMS; i++) {
		const struct checkpoint_vm *vm = &e->record.vm[i];
		u32 view = e->live->vm[i].view;

		if (vm->id && view < 2 && vm->root[view] &&
		    vm->root[view] == (e->live->cpu.cr3 & ~(u32)PAGE_MASK))
			return vm;
	}
	return NULL;
}
