/*
 * The hardware's TLB: the two instructions that empty it.
 */
#include "vmm/tlb.h"
#include "kernel/asm.h"
#include "kernel/paging.h"

void tlb_flush_page(gva_t v)
{
	invlpg(v.a);
}

/* Loading CR3 with what it holds flushes all entries: none of ours is global. */
void tlb_flush(void)
{
	write_cr3(read_cr3());
}

void tlb_park(void)
{
	paging_load_host();
}
