/*
 * Rules about code: what the CPU was executing when nobody expected a look, and whose it
 * is. The guest's files are known, so what a guest runs can be compared with them byte by
 * byte; a machine that only pretends to run one has nothing to show here.
 */
#include "grader/oracle/peekrules.h"
#include "kernel/layout.h"
#include "kernel/paging.h"

#include <string.h>

enum { CPL_BITS = 3 };
#define CR0_IS_PAGED 0x80000000u
#define GUEST_KERNEL 0x80000000u /* where a guest's kernel maps machine address 0 */
enum {
	PUSHF = 0x9C,
	POPF = 0x9D,
	HLT = 0xF4,
	CPUID_1 = 0x0F,
	CPUID_2 = 0xA2,
	UD2_2 = 0x0B
};

static bool read_code(struct evidence *e, u64 machine, u8 *page)
{
	return dump_read(&e->dump, machine & ~(u64)PAGE_MASK, page, PAGE_SIZE);
}

/* The VMM patches three instructions of a guest's kernel in place (vmm/patch.h). */
static bool is_patch(const u8 *want, const u8 *got, u32 i)
{
	if (want[i] == PUSHF || want[i] == POPF)
		return got[i] == HLT;
	return i > 0 && want[i - 1] == CPUID_1 && want[i] == CPUID_2 && got[i] == UD2_2;
}

/*
 * Compares a page of code with a file. Returns how many bytes the file has for it, -1 when
 * one differs (*at).
 */
static int same_page(const struct image *im, u32 gva, const u8 *page, bool patched,
		     u32 *at)
{
	u8 want[PAGE_SIZE] = {0};
	u32 from, bytes = image_code(im, gva & ~(u32)PAGE_MASK, want, &from);

	for (u32 i = from; i < from + bytes; i++) {
		if (want[i] == page[i] || (patched && is_patch(want, page, i)))
			continue;
		*at = (gva & ~(u32)PAGE_MASK) + i;
		return -1;
	}
	return (int)bytes;
}

/* Code of the guest's kernel, or of one of its programs. */
static bool known_code(struct evidence *e, u32 gva, const u8 *page)
{
	const struct live *l = e->live;
	u32 at;

	if (same_page(&l->guest, gva, page, true, &at) > 0)
		return true;
	for (unsigned i = 0; i < l->programs; i++)
		if (same_page(&l->program[i], gva, page, false, &at) > 0)
			return true;
	return false;
}

/* A guest that has not yet turned its paging on executes its kernel where it was loaded. */
static bool running_code(struct evidence *e, const struct checkpoint_vm *vm)
{
	u32 eip = e->live->cpu.eip;
	u8 page[PAGE_SIZE];
	u64 machine;
	u32 pte;

	if (!live_shadow_at(&e->dump, e->live->cpu.cr3, eip, &pte, &machine) ||
	    !(pte & PTE_U) || machine != e->live->cpu.eip_at)
		return broken(e, "VM %u: EIP 0x%08x is not mapped for ring 3", vm->id,
			      eip);
	if (!read_code(e, machine, page))
		return broken(e, "VM %u: EIP 0x%08x leads out of memory", vm->id, eip);
	if (!(vm->cr0 & CR0_IS_PAGED))
		eip += GUEST_KERNEL;
	return known_code(e, eip, page) ||
	       broken(e, "VM %u: at EIP 0x%08x is no code of its kernel or programs",
		      vm->id, eip);
}

/* Ring 3, on a root of a VM, in that guest's own code. */
bool peek_cpu(struct evidence *e)
{
	const struct checkpoint_vm *vm = live_running(e);

	e->looked_at++;
	if ((e->live->cpu.cs & CPL_BITS) != CPL_BITS)
		return broken(e, "CS 0x%04x is not ring 3's", e->live->cpu.cs);
	if (!vm)
		return broken(e, "CR3 0x%08x is no root that is in use for a VM",
			      e->live->cpu.cr3);
	return running_code(e, vm);
}

/* All of a guest's kernel code that its tables map is what was loaded. */
static bool kernel_code(struct evidence *e, const struct checkpoint_vm *vm)
{
	const struct image *im = &e->live->guest;
	u32 first, end, at;

	if (!image_code_range(im, &first, &end))
		return broken(e, "the guest's file has no code");
	for (u32 gva = first & ~(u32)PAGE_MASK; gva < end; gva += PAGE_SIZE) {
		u8 page[PAGE_SIZE];
		u64 machine;

		if (!live_guest_at(e, vm, gva, &machine) ||
		    !read_code(e, machine, page))
			continue;
		e->looked_at++;
		if (same_page(im, gva, page, true, &at) < 0)
			return broken(e,
				      "VM %u GVA 0x%08x, MPN 0x%05x: not a byte of its "
				      "kernel's file",
				      vm->id, at, (u32)(machine >> PAGE_SHIFT));
	}
	return true;
}

bool peek_guest(struct evidence *e)
{
	for (u32 i = 0; i < CHECKPOINT_VMS; i++) {
		const struct checkpoint_vm *vm = &e->record.vm[i];

		if (!vm->id || !vm->mem_pages || !(vm->cr0 & CR0_IS_PAGED))
			continue;
		if (!kernel_code(e, vm))
			return false;
	}
	e->looked_at++;
	return true;
}

/* The host's code is where the CPU would fetch it, too. */
bool peek_kernel(struct evidence *e)
{
	const struct image *im = e->live->kernel;
	u32 first, end;

	if (!image_code_range(im, &first, &end))
		return broken(e, "the kernel's file has no code");
	for (u32 va = first; va < end; va += PAGE_SIZE) {
		u64 machine;
		u32 pa;

		e->looked_at++;
		if (!image_physical(im, va, &pa) ||
		    !dump_translate(&e->dump, va, &machine) || machine != pa)
			return broken(e, "the kernel's page 0x%08x is mapped elsewhere",
				      va);
	}
	return true;
}
