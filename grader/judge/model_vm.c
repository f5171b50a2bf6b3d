/*
 * What lies around the pmap and the shadows: the hardware's TLB and CR3, machine
 * addresses, and the ends of what this model does not have (patches, segments, the other
 * form of shadows).
 */
#include "grader/judge/subject.h"

#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/paging.h"
#include "vmm/audit.h"
#include "vmm/gpeek.h"
#include "vmm/tlb.h"

/* The host's own directory, and its page tables: machine addresses of nothing. */
enum { HOST_TABLE = 0x3ff00000 };

void tlb_flush(void)
{
	arena->tlb.epoch++;
	arena->tlb.upper_epoch++;
	arena->tlb.flushes++;
}

/* SDM vol. 3, 4.10.4.1: and all of the caches for upper levels. */
void tlb_flush_page(gva_t v)
{
	arena->tlb.page[v.a >> PAGE_SHIFT].epoch = 0;
	arena->tlb.upper_epoch++;
	arena->tlb.pages_flushed++;
}

void tlb_park(void)
{
	arena->tlb.cr3 = HOST_TABLE - PAGE_SIZE;
	tlb_flush();
}

void paging_host_entries(u32 *directory)
{
	for (u32 i = 0; i < HOST_PDE_COUNT; i++)
		directory[HOST_PDE_FIRST + i] = (HOST_TABLE + (i << PAGE_SHIFT)) |
						PTE_P | PTE_W;
}

mpa_t virt_to_phys(const void *va)
{
	size_t at = (size_t)((const u8 *)va - arena->page[0]);

	if (at >= sizeof(arena->page))
		panic("virt_to_phys of what is no page of the heap");
	return (mpa_t){(u32)at};
}

void vm_die(struct vm *vm, const char *fmt, ...)
{
	va_list args;

	(void)vm;
	va_start(args, fmt);
	subject_stop(REPLY_DIED, fmt, args);
}

/* Called in the VM's own thread it does not return: and everything here is. */
void vm_kill(struct vm *vm, const char *fmt, ...)
{
	va_list args;

	(void)vm;
	va_start(args, fmt);
	subject_stop(REPLY_DIED, fmt, args);
}

const char *option_str(const char *name, const char *dflt)
{
	(void)name;
	return dflt;
}

const struct shadow_form vtlb_form = {.name = "vtlb"};

const struct shadow_form *audit_form(const struct shadow_form *f)
{
	return f;
}

/* The short way to guest memory is closed: all goes through the walk. */
bool gmem_peek(gva_t v, void *buf, u32 n)
{
	(void)v, (void)buf, (void)n;
	return false;
}

bool gmem_poke(gva_t v, const void *buf, u32 n)
{
	(void)v, (void)buf, (void)n;
	return false;
}

void patch_overwritten(struct vm *vm, gpa_t p, u32 n)
{
	(void)vm, (void)p, (void)n;
	arena->calls.patch_overwritten++;
}

void segs_written(struct vm *vm)
{
	(void)vm;
	arena->calls.segs_written++;
}

void segs_untrace(struct vm *vm)
{
	(void)vm;
	arena->calls.segs_untrace++;
}
